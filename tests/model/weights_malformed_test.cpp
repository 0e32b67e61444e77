// SPDX-License-Identifier: MIT
// What load_weights() must refuse.
#include <doctest/doctest.h>

#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include <lanewise/model/errors.hpp>
#include <lanewise/model/weights.hpp>

#include "../support/random.hpp"
#include "../support/refusal.hpp"
#include "../support/temp_dir.hpp"
#include "example_model_file.hpp"

namespace lanewise::test {
namespace {

using namespace example;
using std::filesystem::path;

constexpr float infinity = std::numeric_limits<float>::infinity();

std::string repeated(const std::string& text, std::size_t times) {
  std::string all;
  for (std::size_t i = 0; i < times; ++i) all += text;
  return all;
}

TEST_CASE("load_weights: malformed headers are refused, with the reason") {
  struct row {
    std::string reason;
    std::string header;
    std::string content = data;
  };
  const auto changed = [](const std::string& from, const std::string& to) { return replaced(header, from, to); };
  const std::string numbers = "must be lists of whole numbers", lists = "shape and data_offsets must be lists";
  const std::string exactly = "must have dtype, shape and data_offsets, and nothing else";
  const std::vector<row> rows{
      {"not a JSON object", " " + header},
      {"not a JSON object", "[]"},
      {"not a JSON object", "\xef\xbb\xbf" + header},
      {"not a JSON object", header + std::string(1, '\0')},
      {"not a JSON object", "{" + metadata + "}" + std::string(1, '\0') + "," + weight + "," + bias + "}"},
      {"byte 9: the header is not valid JSON", "{,}"},
      {"not valid JSON", header + "x"},
      {"not valid JSON", header + header},
      {"not valid JSON", header.substr(0, header.size() - 1)},
      {"not valid JSON", changed("pt", "\xff\xfe")},
      {"not valid JSON", changed("pt", "p\nt")},
      {"not valid JSON", changed("[2]", "[02]")},
      {"not valid JSON", changed("[2]", "[NaN]")},
      {"not valid JSON", changed("}}", "},}")},
      {"not valid JSON", changed("{\"__", "{/* comment */\"__")},
      {"a number is out of range", changed("[2]", "[1e999]")},
      {"nested too deeply", changed("[2]", "[[2]]")},
      {"nested too deeply", changed("\"pt\"", std::string(20'000, '['))},
      {"nested too deeply", changed("\"F32\"", "{\"a\":{}}")},
      {"the key \"0.bias\" is there twice", changed(bias, bias + "," + bias)},
      {"the key \"__metadata__\" is there twice", changed(metadata, metadata + "," + metadata)},
      {"the key \"shape\" is there twice", changed("\"shape\":[2],", "\"shape\":[2],\"shape\":[2],")},
      {"the key \"act\" is there twice", changed("\"act\":", "\"act\":\"relu\",\"act\":")},
      {"the key \"0.bias\" is there twice", changed("\"0.weight\"", "\"0.b\\u0069as\"")},
      {"__metadata__ must be an object", changed(metadata, "\"__metadata__\":\"pt\"")},
      {"__metadata__ \"format\" must be a string", changed("\"pt\"", "1")},
      {"__metadata__ \"format\" must be a string", changed("\"pt\"", "null")},
      {"dtype must be \"F32\", not \"F16\"", changed("F32", "F16")},
      {"dtype must be \"F32\", not \"f32\"", changed("F32", "f32")},
      {"dtype must be \"F32\"", changed("\"F32\"", "32")},
      {exactly, changed("\"dtype\":\"F32\",", "")},
      {exactly, changed("\"shape\":[2],", "")},
      {exactly, changed("\"shape\":[2],", "\"shape\":[2],\"strides\":[1],")},
      {exactly, changed("\"shape\":[2],", "\"size\":[2],")},
      {exactly, changed("\"dtype\"", "\"type\"")},
      {exactly, changed("\"data_offsets\"", "\"offsets\"")},
      {exactly, changed("{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[24,32]}", "[]")},
      {lists, changed("[2]", "2")},
      {lists, changed("[2]", "{}")},
      {lists, changed("[24,32]", "\"24,32\"")},
      {numbers, changed("[2]", "[2.0]")},
      {numbers, changed("[2]", "[-2]")},
      {numbers, changed("[2]", "[\"2\"]")},
      {numbers, changed("[2]", "[null]")},
      {numbers, changed("[24,32]", "[24,18446744073709551616]")},
      {"data_offsets must be a pair", changed("[24,32]", "[24]")},
      {"data_offsets must be a pair", changed("[24,32]", "[24,28,32]")},
      {"do not fit the shape [2]", changed("[24,32]", "[24,28]")},
      {"do not fit the shape [2]", changed("[24,32]", "[32,24]")},
      {"do not fit the shape [4611686018427387906]", changed("[2]", "[4611686018427387906]")},
      {"do not fit the shape", changed("[2]", "[2,4294967296,4294967296]")},
      {"behind a hole", changed("[24,32]", "[28,36]"), data + "1234"},
      {"behind a hole", changed("[0,24]", "[32,56]"), data + data},
      {"inside the tensor before it", changed("[24,32]", "[16,24]")},
      {"inside the tensor before it", changed("[24,32]", "[0,8]")},
      {"the tensors take 32 bytes, the file has 33 behind the header", header, data + "x"},
      {"the tensors take 32 bytes, the file has 31 behind the header; it is cut off", header, data.substr(1)},
      {"the tensors take 0 bytes, the file has 32", "{" + metadata + "}"},
      {"\"0.bias\" is missing", changed("," + bias, ""), data.substr(0, 24)},
      {"\"0.weight\" is missing", "{" + metadata + "," + replaced(bias, "[24,32]", "[0,8]") + "}", data.substr(24)},
      {"\"1.bias\" does not belong to the net 3-2",
       changed(bias, bias + "," + replaced(replaced(bias, "0.b", "1.b"), "[24,32]", "[32,40]")),
       data + data.substr(24)},
      {"the shape is [3, 2], the net 3-2 needs [2, 3]", changed("[2,3]", "[3,2]")},
      {"the shape is [6], the net 3-2 needs [2, 3]", changed("[2,3]", "[6]")},
      {"the shape is [2, 1], the net 3-2 needs [2]", changed("[2]", "[2,1]")},
      {"needs [2, 4]", changed("3-2", "4-2")},
      {"\"bias\" does not belong to the net 3-2", changed("\"0.bias\"", "\"bias\"")},
      {"say them with --layers", changed("lanewise", "Lanewise")},
      {"version \"2\" of the model file", changed("\"1\"", "\"2\"")},
      {"input scaling \"u8\"", changed("u8/255", "u8")},
      {"activation \"maxout\": must be one of identity, relu,", changed("identity", "maxout")},
      {"activation \"gelu:2\": has no parameter", changed("identity", "gelu:2")},
      {"activation \"elu:-1\": the alpha must be 0 or a number from 1e-45 to", changed("identity", "elu:-1")},
      {"__metadata__ has no \"layers\"", changed("\"layers\":\"3-2\",", "")},
      {"__metadata__ has no \"input\"", changed(",\"input\":\"u8/255\"", "")},
      {"layers \"3\" are not what a net can have", changed("3-2", "3")},
      {"layers \"3-2x\"", changed("3-2", "3-2x")},
      {"layers \"\"", changed("3-2", "")},
      {"needs [1048576, 1048576]", changed("3-2", "1048576-1048576")},
      {"tensor \"" + std::string(80, 'x') + "...\": must",
       changed("\"0.bias\":{", "\"" + std::string(500, 'x') + "\":[],\"0.bias\":{")},
      {"the shape is [2, 1, 1, 1", changed("[2]", "[2" + repeated(",1", 5000) + "]")},
      {"the net 1-1-1-1-1-1-1-1-1-1-1-", changed("3-2", "1" + repeated("-1", 5000))},
      {"\xc3\xa9...\": must", changed("\"0.bias\":{", "\"x" + repeated("\xc3\xa9", 300) + "\":[],\"0.bias\":{")},
      {"tensor \"a??31mb\": must", changed("\"0.bias\":{", R"("a\u009b31mb":[],"0.bias":{)")},
      {"tensor \"a?b?[2J\": must", changed("\"0.bias\":{", R"("a\nb\u001b[2J":[],"0.bias":{)")},
  };
  const temp_dir dir;
  for (const row& row : rows) {
    CAPTURE(row.header.substr(0, 300));
    const path file = write_file(dir / "model", file_of(row.header, row.content));
    check_refusal<malformed_error>(file, row.reason, [&] { load_weights(file); });
  }
}

TEST_CASE("load_weights: wrong lengths of the header") {
  const temp_dir dir;
  const auto check = [&](const std::string& reason, const std::string& bytes) {
    const path file = write_file(dir / "model", bytes);
    check_refusal<malformed_error>(file, reason, [&] { load_weights(file); });
  };
  const std::string whole = file_of(header, data);
  const auto with_length = [&](std::uint64_t length) {
    std::string bytes = whole;
    std::memcpy(bytes.data(), &length, sizeof length);
    return bytes;
  };
  check("a header of 0 bytes", with_length(0));
  check("the file has", with_length(whole.size() - 7));
  check("the file has", with_length(65536));
  check("more than the limit of 65536", with_length(65537));
  check("more than the limit", with_length(std::uint64_t{1} << 63));
  check("more than the limit", with_length(~std::uint64_t{0}));
  check("not valid JSON", with_length(header.size() - 1));
  check("more than the limit", std::string("PK\3\4") + std::string(100, 'x'));  // a zip, as torch.save writes
  const std::string longest = header + std::string(65536 - header.size(), ' ');
  check_is_example(load_weights(write_file(dir / "model", file_of(longest, data))));
  check("more than the limit", file_of(longest + " ", data));
}

TEST_CASE("load_weights: values that are not finite") {
  const temp_dir dir;
  for (const float bad : {std::numeric_limits<float>::quiet_NaN(), infinity, -infinity})
    for (std::size_t at = 0; at < 8; ++at) {
      std::vector<float> floats{11, 12, 13, 21, 22, 23, 1, 2};
      floats[at] = bad;
      const path file = write_file(dir / "model", file_of(header, raw(floats)));
      const std::string place = at < 6 ? "\"0.weight\": the value from input " + std::to_string(at % 3) +
                                             " to output " + std::to_string(at / 3)
                                       : "\"0.bias\": the value from input 0 to output " + std::to_string(at - 6);
      check_refusal<malformed_error>(file, place + " is not finite", [&] { load_weights(file); });
    }
}

TEST_CASE("load_weights: every truncation is refused") {
  const temp_dir dir;
  const std::string whole = file_of(padded(header), data);
  for (std::size_t length = 0; length < whole.size(); ++length) {
    CAPTURE(length);
    const path file = write_file(dir / "model", whole.substr(0, length));
    refusal<malformed_error>(file, [&] { load_weights(file); });
  }
}

TEST_CASE("load_weights: a flipped bit in the header is refused or changes nothing") {
  const temp_dir dir;
  const std::string whole = file_of(padded(header), data);
  std::size_t refused = 0;
  for (std::size_t bit = 0; bit < (whole.size() - data.size()) * 8; ++bit) {
    CAPTURE(bit);
    std::string bytes = whole;
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << bit % 8));
    const path file = write_file(dir / "model", bytes);
    try {
      check_is_example(load_weights(file));
    } catch (const malformed_error&) { ++refused; }
  }
  CHECK(refused >= 1000);
  count("flipped bits in a model file's header", (whole.size() - data.size()) * 8);
}

TEST_CASE("load_weights: random damage never does more than throw") {
  const temp_dir dir;
  random_source random(3);
  const std::string whole = file_of(padded(header), data);
  for (std::size_t round = 0; round < 2000; ++round) {
    std::string bytes = whole;
    for (std::size_t n = random.between(1, 3); n > 0; --n) {
      const std::size_t at = random.below(bytes.size());
      if (random.chance(50))
        bytes[at] = static_cast<char>(random.next());
      else if (random.chance(50))
        bytes.insert(at, bytes.substr(random.below(bytes.size()), random.between(1, 70)));
      else if (bytes.size() > 100)
        bytes.erase(at, random.between(1, 70));
    }
    const path file = write_file(dir / "model", bytes);
    try {
      const mlp net = load_weights(file);
      CHECK(layers_to_string(net.layers()) == "3-2");
    } catch (const malformed_error&) {}
  }
  count("randomly damaged model files", 2000);
}

TEST_CASE("load_weights: what is not a file with content is refused") {
  const temp_dir dir;
  const auto load = [](const path& file) { return [file] { load_weights(file); }; };
  check_refusal<not_found_error>(dir / "missing", "no such file", load(dir / "missing"));
  check_refusal<malformed_error>(dir.path(), "is a directory", load(dir.path()));
  check_refusal<malformed_error>(write_file(dir / "empty", ""), "fewer than 8 bytes", load(dir / "empty"));
  check_refusal<malformed_error>(write_file(dir / "few", "1234567"), "fewer than 8 bytes", load(dir / "few"));
}

}  // namespace
}  // namespace lanewise::test
