// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <limits>
#include <numeric>
#include <string>
#include <vector>

#include <lanewise/model/errors.hpp>
#include <lanewise/model/npy.hpp>

#include "../support/idx_bytes.hpp"
#include "../support/npy_bytes.hpp"
#include "../support/refusal.hpp"
#include "../support/temp_dir.hpp"

namespace lanewise::test {
namespace {

using bytes = std::vector<std::uint8_t>;
using sizes = std::vector<std::size_t>;

std::vector<std::int64_t> counting(std::size_t count) {
  std::vector<std::int64_t> values(count);
  std::iota(values.begin(), values.end(), 0);
  return values;
}

TEST_CASE("npy: images of bytes in every shape, version and packing") {
  const temp_dir dir;
  bytes expected(12);
  std::iota(expected.begin(), expected.end(), std::uint8_t{0});
  for (const int version : {1, 2, 3})
    for (const auto& [shape, dims] : std::vector<std::pair<std::string, sizes>>{
             {"(2, 3, 2)", {2, 3, 2}}, {"(2, 6)", {2, 6}}, {"(2, 1, 3, 2)", {2, 3, 2}}}) {
      const std::string plain = npy_integers("|u1", shape, counting(12), version);
      for (const std::string& content : {plain, gzip(plain)}) {
        const npy_u8 images = read_npy_images(write_file(dir / "images", content));
        CHECK(images.dims == dims);
        CHECK(images.values == expected);
      }
    }
}

TEST_CASE("npy: the dictionary in other spellings that Python has") {
  const temp_dir dir;
  for (const std::string dictionary : {
           "{'descr': '|u1', 'fortran_order': False, 'shape': (2, 3), }",
           "{'descr': '|u1', 'fortran_order': False, 'shape': (2, 3)}",
           "{'shape':(2,3,),'descr':\"|u1\",'fortran_order':False}",
           "{ \"fortran_order\" : False , 'shape' : ( 2 , 3 ) , 'descr' : '|u1' , } ",
       })
    CHECK(read_npy_images(write_file(dir / "images", npy_start(dictionary) + "123456")).dims == sizes{2, 3});
}

TEST_CASE("npy: floats that are pixels") {
  const temp_dir dir;
  const auto read = [&](const std::vector<float>& values) {
    return read_npy_images(write_file(dir / "x", npy_floats("(1, " + std::to_string(values.size()) + ")", values))).values;
  };
  std::vector<float> levels, wholes;
  bytes every;
  for (int k = 0; k < 256; ++k) {
    levels.push_back(static_cast<float>(k) / 255.0f);
    wholes.push_back(static_cast<float>(k));
    every.push_back(static_cast<std::uint8_t>(k));
  }
  CHECK(read(levels) == every);
  CHECK(read(wholes) == every);
  CHECK(read({0.0f, 1.0f}) == bytes{0, 255});
  CHECK(read({0.0f, 1.0f, 2.0f}) == bytes{0, 1, 2});
  CHECK(read({0.00009f, 0.99991f}) == bytes{0, 255});
  CHECK(read({-0.0f}) == bytes{0});
  std::string swapped = npy_header_bytes(">f4", "(1, 1)") + std::string{'\x42', '\x28', 0, 0};  // 42.0f
  CHECK(read_npy_images(write_file(dir / "x", swapped)).values == bytes{42});

  constexpr float nan = std::numeric_limits<float>::quiet_NaN(), inf = std::numeric_limits<float>::infinity();
  for (const std::vector<float>& bad : std::vector<std::vector<float>>{
           {0, nan}, {0, inf}, {0, -inf}, {0, -1}, {0, 256}, {0, 1.5f}, {0, -1e-3f}, {0, 0.5f}, {0, 3e38f}, {255, 0.25f}}) {
    const auto file = write_file(dir / "x", npy_floats("(1, 2)", bad));
    const std::string which = bad[0] == 0 ? "value 1 is " : "value 1 is 0.25";
    check_refusal<malformed_error>(file, which, [&] { read_npy_images(file); });
  }
}

TEST_CASE("npy: labels of every type of integers, either byte order") {
  const temp_dir dir;
  for (const std::string type : {"|u1", "|i1", "<u2", ">u2", "<i2", ">i2", "<u4", ">u4", "<i4", ">i4", "<u8", ">u8", "<i8",
                                 ">i8"}) {
    CAPTURE(type);
    const std::int64_t high = type == "|i1" ? 127 : 255;
    for (const std::string shape : {"(3,)", "(3, 1)"}) {
      const npy_u8 labels = read_npy_labels(write_file(dir / "y", npy_integers(type, shape, {7, high, 0})));
      CHECK(labels.dims == sizes{3});
      CHECK(labels.values == bytes{7, static_cast<std::uint8_t>(high), 0});
    }
    if (type[1] == 'i') {
      const auto file = write_file(dir / "y", npy_integers(type, "(3,)", {0, 1, -1}));
      check_refusal<malformed_error>(file, "label 2 is not in 0 .. 255", [&] { read_npy_labels(file); });
    }
    if (type[2] == '1') continue;
    const auto file = write_file(dir / "y", npy_integers(type, "(2,)", {0, 256}));
    check_refusal<malformed_error>(file, "label 1 is not in 0 .. 255", [&] { read_npy_labels(file); });
  }
}

TEST_CASE("npy: what is not supported or malformed is refused, with the reason") {
  struct row {
    std::string reason, content;
  };
  const auto header = [](const std::string& dictionary) { return npy_start(dictionary) + "123456"; };
  const auto shaped = [](const std::string& shape) { return npy_header_bytes("|u1", shape) + "123456"; };
  const auto typed = [](const std::string& type) { return npy_header_bytes(type, "(2, 3)") + std::string(24, '\0'); };
  const std::string good = shaped("(2, 3)");
  std::string version = good, minor = good, no_line_feed = good, long_header = npy_header_bytes("|u1", "(2, 3)", 2);
  version[6] = 4;
  minor[7] = 1;
  no_line_feed[good.size() - 7] = ' ';
  long_header[10] = 2;
  const std::vector<row> rows{
      {"is not a .npy file", "PK\x03\x04 and so on"},
      {"version 4.0", version},
      {"version 1.1", minor},
      {"more than the limit of 65536", long_header},
      {"ends inside the header of", good.substr(0, 100)},
      {"expected the end of the header", no_line_feed},
      {"fortran_order is True", header("{'descr': '|u1', 'fortran_order': True, 'shape': (2, 3), }")},
      {"True or False", header("{'descr': '|u1', 'fortran_order': 0, 'shape': (2, 3), }")},
      {"must all be there", header("{'descr': '|u1', 'shape': (2, 3), }")},
      {"must all be there", header("{}")},
      {"the key \"shape\" is unknown or there twice", header("{'shape': (2, 3), 'shape': (2, 3)}")},
      {"the key \"order\" is unknown", header("{'order': False}")},
      {"records are not supported", header("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2, 3)}")},
      {"expected , or }", header("{'shape': (2, 3) 'descr': '|u1'}")},
      {"a text in quotes has no end", header("{'shape")},
      {"expected {", header("('descr', '|u1')")},
      {"must be a tuple", shaped("(6)")},
      {"expected (", shaped("6")},
      {"expected a whole number", shaped("(-2, 3)")},
      {"expected a whole number", shaped("(2, 03)")},
      {"must be a tuple", shaped("(2, 3.0)")},
      {"expected a whole number", shaped("(2,, 3)")},
      {"expected a whole number", shaped("(18446744073709551616, 3)")},
      {"dimension 1 is 0", shaped("(2, 0)")},
      {"images have the shape", shaped("()")},
      {"images have the shape", shaped("(6,)")},
      {"images have the shape", shaped("(1, 2, 3, 1)")},
      {"images have the shape", shaped("(1, 1, 1, 2, 3)")},
      {"more than 2^64", shaped("(4294967296, 4294967296)")},
      {"more than the limit", shaped("(4294967296, 3)")},
      {"the file has 134", shaped("(2, 4)")},
      {"the file has 134", shaped("(2, 2)")},
      {"images of integers that are not uint8", typed("<i4")},
      {"images of integers that are not uint8", typed("|i1")},
      {"type \"<f8\" are not supported", typed("<f8")},
      {"type \"<f2\" are not supported", typed("<f2")},
      {"type \"|b1\" are not supported", typed("|b1")},
      {"type \"<u1\" are not supported", typed("<u1")},
      {"type \"|u2\" are not supported", typed("|u2")},
      {"type \"<u3\" are not supported", typed("<u3")},
      {"type \"<U12\" are not supported", typed("<U12")},
      {"type \"O\" are not supported", typed("O")},
  };
  const temp_dir dir;
  for (const row& row : rows) {
    const auto file = write_file(dir / "images", row.content);
    check_refusal<malformed_error>(file, row.reason, [&] { read_npy_images(file); });
  }

  const auto labels = [&](const std::string& reason, const std::string& content) {
    const auto file = write_file(dir / "labels", content);
    check_refusal<malformed_error>(file, reason, [&] { read_npy_labels(file); });
  };
  labels("labels of type float32", npy_floats("(2,)", {0, 1}));
  labels("labels have the shape", npy_integers("|u1", "(2, 3)", counting(6)));
  labels("labels have the shape", npy_integers("|u1", "(1, 2)", counting(2)));
  labels("labels have the shape", npy_integers("|u1", "()", counting(1)));
}

TEST_CASE("npy: max_bytes is the largest size that is read") {
  const temp_dir dir;
  const auto file = write_file(dir / "y", npy_integers("<i4", "(3,)", {1, 2, 3}));
  CHECK(read_npy_labels(file, 12).values.size() == 3);
  check_refusal<malformed_error>(file, "more than the limit of 11", [&] { read_npy_labels(file, 11); });
}

}  // namespace
}  // namespace lanewise::test
