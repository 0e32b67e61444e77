// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <algorithm>
#include <limits>
#include <numeric>
#include <string>
#include <vector>

#include <sys/stat.h>
#include <unistd.h>

#include <lanewise/model/errors.hpp>
#include <lanewise/model/idx.hpp>

#include "../support/idx_bytes.hpp"
#include "../support/random.hpp"
#include "../support/refusal.hpp"
#include "../support/temp_dir.hpp"

namespace lanewise::test {
namespace {

constexpr std::size_t images_rank = 3;
constexpr std::size_t no_limit = std::numeric_limits<std::size_t>::max();

void check_malformed(const std::filesystem::path& file, const std::string& reason, std::size_t rank = images_rank,
                     std::size_t max_bytes = std::size_t{1} << 32) {
  check_refusal<malformed_error>(file, reason, [&] { read_idx_u8(file, rank, max_bytes); });
}

std::string with_byte(std::string bytes, std::size_t at, int value) {
  bytes[at] = static_cast<char>(value);
  return bytes;
}

TEST_CASE("idx: plain and gzip give the values in the file") {
  const temp_dir dir;
  const std::string bytes = idx_bytes({5, 4, 3});
  for (const std::string& content : {bytes, gzip(bytes)}) {
    const idx_u8 idx = read_idx_u8(write_file(dir / "images", content), images_rank);
    CHECK(idx.dims == std::vector<std::size_t>{5, 4, 3});
    std::vector<std::uint8_t> expected(60);
    std::iota(expected.begin(), expected.end(), std::uint8_t{0});
    CHECK(idx.values == expected);
  }
  CHECK(read_idx_u8(write_file(dir / "labels", idx_bytes({7})), 1).values.size() == 7);
}

TEST_CASE("idx: content larger than every buffer on the way") {
  const temp_dir dir;
  random_source random(1);
  std::string bytes = idx_header({300, 1000, 1});
  for (std::size_t i = 0; i < 300'000; ++i) bytes += static_cast<char>(random.next());
  for (const std::string& content : {bytes, gzip(bytes)}) {
    const idx_u8 idx = read_idx_u8(write_file(dir / "images", content), images_rank);
    CHECK(std::equal(idx.values.begin(), idx.values.end(), bytes.begin() + 16,
                     [](std::uint8_t value, char byte) { return value == static_cast<std::uint8_t>(byte); }));
  }
}

TEST_CASE("idx: malformed headers and sizes are refused, with the reason") {
  struct row {
    std::string reason;
    std::string bytes;
  };
  const std::string good = idx_bytes({2, 3, 4});
  const std::vector<row> rows{
      {"not an IDX file", with_byte(good, 0, 1)},
      {"not an IDX file", with_byte(good, 1, 0x80)},
      {"not an IDX file", "<html><body>403 Forbidden</body></html>"},
      {"type 0x0d", with_byte(good, 2, 0x0d)},
      {"type 0x00", with_byte(good, 2, 0)},
      {"1 dimensions, expected 3", idx_bytes({24})},
      {"255 dimensions", with_byte(good, 3, 255)},
      {"inside the header", good.substr(0, 15)},
      {"dimension 0 is 0", idx_bytes({0, 3, 4})},
      {"dimension 1 is 0", idx_bytes({2, 0, 4})},
      {"dimension 2 is 0", idx_bytes({2, 3, 0})},
      {"the file has 41", good + '\0'},
      {"the file has 39", good.substr(0, 39)},
      {"more than 2^64", idx_header({0xffffffff, 0xffffffff, 0xffffffff})},
      {"more than 2^64", idx_header({0xffffffff, 641, 6700417})},  // exactly 2^64 - 1: only the header is too much
      {"more than the limit", idx_header({0x80000000, 2, 2})},
      {"more than the limit", idx_header({65536, 65536, 65536})},
      {"more than the limit", idx_header({0xffffffff, 0xffffffff, 1})},
      {"the file has 16", idx_header({65536, 65535, 1})},
      {"the file has 16", idx_header({0x7fffffff, 1, 1})},
  };
  const temp_dir dir;
  for (const row& row : rows) {
    check_malformed(write_file(dir / "plain", row.bytes), row.reason);
    if (row.reason.find("the file has") == std::string::npos)
      check_malformed(write_file(dir / "packed", gzip(row.bytes)), row.reason);
  }
}

TEST_CASE("idx: gzip with too few, too many or impossibly many values") {
  const temp_dir dir;
  const std::string good = idx_bytes({2, 3, 4});
  check_malformed(write_file(dir / "short", gzip(good.substr(0, 39))), "24 bytes of values, there are 23");
  check_malformed(write_file(dir / "long", gzip(good + '\0')), "there are more");
  check_malformed(write_file(dir / "impossible", gzip(idx_header({65536, 65535, 1}))), "of gzip");
}

TEST_CASE("idx: a gzip bomb is refused after the promised size and one byte") {
  const temp_dir dir;
  const std::string bomb = gzip(idx_header({1, 4, 4}) + std::string(std::size_t{1} << 24, '\0'));
  check_malformed(write_file(dir / "bomb", bomb), "there are more");
}

TEST_CASE("idx: max_bytes is the largest size that is read") {
  const temp_dir dir;
  const auto file = write_file(dir / "images", idx_bytes({2, 3, 4}));
  CHECK(read_idx_u8(file, images_rank, 24).values.size() == 24);
  check_malformed(file, "more than the limit of 23", images_rank, 23);
  const auto huge = write_file(dir / "huge", idx_header({65536, 65536, 65536}));
  check_malformed(huge, "the file has 16", images_rank, no_limit);
}

TEST_CASE("idx: every truncation is refused, plain and gzip") {
  const temp_dir dir;
  const std::string plain = idx_bytes({2, 3, 4});
  for (const std::string& whole : {plain, gzip(plain)})
    for (std::size_t length = 0; length < whole.size(); ++length) {
      CAPTURE(length);
      const auto file = write_file(dir / "images", whole.substr(0, length));
      refusal<malformed_error>(file, [&] { read_idx_u8(file, images_rank); });
    }
}

TEST_CASE("idx: every flipped bit in the header is refused") {
  const temp_dir dir;
  const std::string good = idx_bytes({2, 3, 4});
  for (std::size_t bit = 0; bit < 16 * 8; ++bit) {
    CAPTURE(bit);
    const auto file = write_file(dir / "images", with_byte(good, bit / 8, good[bit / 8] ^ (1 << bit % 8)));
    refusal<malformed_error>(file, [&] { read_idx_u8(file, images_rank); });
  }
}

TEST_CASE("idx: a flipped bit in gzip is refused or changes nothing") {
  const temp_dir dir;
  const std::string good = idx_bytes({2, 3, 4});
  const std::string packed = gzip(good);
  const std::vector<std::uint8_t> values = read_idx_u8(write_file(dir / "good", good), images_rank).values;
  std::size_t refused = 0;
  for (std::size_t bit = 0; bit < packed.size() * 8; ++bit) {
    CAPTURE(bit);
    const auto file = write_file(dir / "images", with_byte(packed, bit / 8, packed[bit / 8] ^ (1 << bit % 8)));
    try {
      const idx_u8 idx = read_idx_u8(file, images_rank);
      CHECK(idx.values == values);
    } catch (const malformed_error&) { ++refused; }
  }
  CHECK(refused >= (packed.size() - 10) * 8);  // all but bits of the 10-byte header, which holds a date and a system
}

TEST_CASE("idx: damaged gzip is refused, with the reason") {
  const temp_dir dir;
  const std::string good = gzip(idx_bytes({2, 3, 4}));
  const std::size_t checksum = good.size() - 8, length = good.size() - 4;
  check_malformed(write_file(dir / "a", with_byte(good, checksum, good[checksum] ^ 1)), "incorrect data check");
  check_malformed(write_file(dir / "b", with_byte(good, length, good[length] ^ 1)), "incorrect length check");
  check_malformed(write_file(dir / "c", with_byte(good, 10, 0xff)), "is damaged");
  check_malformed(write_file(dir / "d", good.substr(0, checksum)), "cut off");
  check_malformed(write_file(dir / "e", good + "x"), "bytes that are not gzip follow");
  check_malformed(write_file(dir / "f", good + good), "a second gzip member");
  check_malformed(write_file(dir / "g", good + std::string(100'000, '\0')), "bytes that are not gzip follow");
}

TEST_CASE("idx: what is not a file with content is refused, without waiting") {
  const temp_dir dir;
  const auto read = [](const std::filesystem::path& file) { return [file] { read_idx_u8(file, images_rank); }; };
  check_refusal<not_found_error>(dir / "missing", "no such file", read(dir / "missing"));
  const auto file = write_file(dir / "file", "x");
  check_refusal<not_found_error>(file / "inside", "no such file", read(file / "inside"));
  check_malformed(write_file(dir / "empty", ""), "ends after 0 bytes");
  check_malformed(dir.path(), "is a directory");
  check_malformed("/dev/null", "not a regular file");

  const auto fifo = dir / "fifo";
  REQUIRE(::mkfifo(fifo.c_str(), 0600) == 0);
  ::alarm(30);  // a read that waits for a writer ends the test run
  check_malformed(fifo, "not a regular file");
  ::alarm(0);

  std::filesystem::create_symlink("loop", dir / "loop");
  check_refusal<io_error>(dir / "loop", "symbolic links", read(dir / "loop"));
  std::filesystem::create_symlink("images", dir / "link");
  write_file(dir / "images", idx_bytes({1, 1, 1}));
  CHECK(read_idx_u8(dir / "link", images_rank).values.size() == 1);
}

TEST_CASE("idx: a path with control characters still gives one line") {
  const temp_dir dir;
  std::string text;
  try {
    read_idx_u8(dir / "two\nlines\x1b[31m", images_rank);
  } catch (const not_found_error& error) { text = error.what(); }
  CHECK(text.find("two?lines?[31m") != std::string::npos);
}

TEST_CASE("idx: random damage never does more than throw") {
  const temp_dir dir;
  random_source random(2);
  const std::string plain = idx_bytes({3, 5, 4});
  for (std::size_t round = 0; round < 2000; ++round) {
    std::string bytes = round % 2 == 0 ? plain : gzip(plain);
    for (std::size_t n = random.between(1, 4); n > 0; --n) {
      const std::size_t at = random.below(bytes.size());
      if (random.chance(60))
        bytes[at] = static_cast<char>(random.next());
      else if (random.chance(50))
        bytes.erase(at, random.between(1, 8));
      else
        bytes.insert(at, random.between(1, 8), static_cast<char>(random.next()));
      if (bytes.empty()) break;
    }
    const auto file = write_file(dir / "images", bytes);
    try {
      const idx_u8 idx = read_idx_u8(file, images_rank);
      CHECK(idx.values.size() == idx.dims[0] * idx.dims[1] * idx.dims[2]);
    } catch (const malformed_error&) {}
  }
  count("randomly damaged IDX files", 2000);
}

}  // namespace
}  // namespace lanewise::test
