// SPDX-License-Identifier: MIT
// A model file spelled out byte by byte, and what it must load as.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <lanewise/model/mlp.hpp>

namespace lanewise::test::example {

inline std::string file_of(const std::string& header, const std::string& data) {
  const std::uint64_t length = header.size();
  std::string bytes(sizeof length, '\0');
  std::memcpy(bytes.data(), &length, sizeof length);
  return bytes + header + data;
}

inline std::string raw(const std::vector<float>& floats) {
  std::string bytes(floats.size() * sizeof(float), '\0');
  std::memcpy(bytes.data(), floats.data(), bytes.size());
  return bytes;
}

inline std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  REQUIRE_MESSAGE(at != std::string::npos, from);
  return text.replace(at, from.size(), to);
}

// One layer of 3 inputs and 2 outputs.
inline const std::string metadata =
    R"("__metadata__":{"format":"pt","lanewise":"1","layers":"3-2","act":"identity","input":"u8/255"})";
inline const std::string weight = R"("0.weight":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]})";
inline const std::string bias = R"("0.bias":{"dtype":"F32","shape":[2],"data_offsets":[24,32]})";
inline const std::string header = "{" + metadata + "," + weight + "," + bias + "}";
inline const std::string data = raw({11, 12, 13, 21, 22, 23, 1, 2});

inline std::string padded(std::string text) {
  text.resize((text.size() + 7) / 8 * 8, ' ');
  return text;
}

inline void check_is_example(const mlp& net) {
  CHECK(layers_to_string(net.layers()) == "3-2");
  for (std::size_t i = 0; i < 3; ++i)
    for (std::size_t o = 0; o < 2; ++o) CHECK(net.weights(0)(i, o) == static_cast<float>(10 * (o + 1) + i + 1));
  CHECK(net.bias(0)[0] == 1);
  CHECK(net.bias(0)[1] == 2);
}

}  // namespace lanewise::test::example
