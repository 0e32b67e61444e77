// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include <lanewise/model/csv.hpp>
#include <lanewise/model/errors.hpp>

#include "../support/idx_bytes.hpp"
#include "../support/refusal.hpp"
#include "../support/temp_dir.hpp"

namespace lanewise::test {
namespace {

using bytes = std::vector<std::uint8_t>;

TEST_CASE("csv: a line an image, with and without a header, either line end, plain and gzip") {
  const temp_dir dir;
  for (const std::string header : {"", "label,1x1,1x2,2x1,2x2\n", "\"label\",\"a\",\"b\",\"c\",\"d\"\r\n"})
    for (const std::string end : {"\n", "\r\n"}) {
      const std::string plain = header + "7,0,1,10,255" + end + "0,9,99,200,007" + end;
      for (const std::string& content : {plain, gzip(plain)}) {
        const csv_u8 csv = read_csv(write_file(dir / "csv", content));
        CHECK(csv.pixels_per_image == 4);
        CHECK(csv.labels == bytes{7, 0});
        CHECK(csv.pixels == bytes{0, 1, 10, 255, 9, 99, 200, 7});
      }
    }
}

TEST_CASE("csv: lines across every border of the pieces that are read") {
  const temp_dir dir;
  std::string text;
  bytes labels;
  for (std::size_t i = 0; i < 40'000; ++i) {
    labels.push_back(static_cast<std::uint8_t>(i * 7));
    text += std::to_string(labels.back()) + "," + std::to_string(i % 256) + "\n";
  }
  const csv_u8 csv = read_csv(write_file(dir / "csv", text));
  CHECK(csv.labels == labels);
  for (std::size_t i = 0; i < labels.size(); ++i)
    if (csv.pixels[i] != i % 256) FAIL("pixel " << i);
}

TEST_CASE("csv: what is malformed is refused, with line and column") {
  struct row {
    std::string reason, content;
  };
  const std::string nul(1, '\0');
  const std::vector<row> rows{
      {"has no line with an image", ""},
      {"has no line with an image", "label,a,b\n"},
      {"line 1 is empty", "\n"},
      {"line 2 is empty", "1,2\n\n"},
      {"line 1 has one column", "1\n"},
      {"line 1 has one column", "label\n1\n"},
      {"line 2 has 2 columns, the lines before it have 3", "1,2,3\n1,2\n"},
      {"line 2 has 4 columns, the lines before it have 3", "1,2,3\n1,2,3,\n"},
      {"line 2 has 3 columns, the lines before it have 2", "label,a\n1,2,3\n"},
      {"line 1, column 2: \"256\" is not a whole number from 0 to 255", "1,256\n"},
      {"line 2, column 1: \"1000\" is not", "1,2\n1000,2\n"},
      {"line 2, column 1: \"4294967297\" is not", "1,2\n4294967297,2\n"},
      {"line 1, column 2: \"\" is not", "1,\n"},
      {"line 1, column 1: \"\" is not", ",1\n"},
      {"line 1, column 1: \"-1\" is not", "-1,1\n"},
      {"line 1, column 2: \"1.0\" is not", "1,1.0\n"},
      {"line 1, column 2: \" 1\" is not", "1, 1\n"},
      {"line 1, column 2: \"+1\" is not", "1,+1\n"},
      {"line 1, column 2: \"1?\" is not", "1,1" + nul + "\n"},
      {"line 2, column 1: \"label\" is not", "1,2\nlabel,a\n"},
      {"line 2, column 1: \"label\" is not", "label,a\nlabel,a\n"},
      {"line 1, column 2: \"0\" is neither a name", "x,0\n1,2\n"},
      {"line 1, column 2: \"\" is neither a name", "label,\n1,2\n"},
      {"line 1, column 1: \"\xef\xbb\xbf" "5\" is neither a name", "\xef\xbb\xbf" "5,0\n"},
      {"line 2 does not end in a line feed", "1,2\n1,2"},
      {"line 1 does not end in a line feed", "1,25"},
      {"line 1 is longer than 16777216 bytes", std::string((std::size_t{1} << 24) + 70'000, '1')},
  };
  const temp_dir dir;
  for (const row& row : rows)
    for (const std::string& content : {row.content, gzip(row.content)}) {
      const auto file = write_file(dir / "csv", content);
      check_refusal<malformed_error>(file, row.reason, [&] { read_csv(file); });
    }
}

TEST_CASE("csv: max_bytes is the largest size that is read") {
  const temp_dir dir;
  const auto file = write_file(dir / "csv", "1,2,3\n1,2,3\n");
  CHECK(read_csv(file, 4).pixels.size() == 4);
  check_refusal<malformed_error>(file, "line 2 would make more than the limit of 3 pixels", [&] { read_csv(file, 3); });
}

}  // namespace
}  // namespace lanewise::test
