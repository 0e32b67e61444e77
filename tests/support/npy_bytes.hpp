// SPDX-License-Identifier: MIT
// .npy files, right and wrong ones, as strings of bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

namespace lanewise::test {

// What comes before the values, with any text as the dictionary, padded to 64 bytes as NumPy does.
inline std::string npy_start(const std::string& dictionary, int version = 1) {
  const std::size_t length_bytes = version == 1 ? 2 : 4;
  std::string text = dictionary;
  while ((8 + length_bytes + text.size() + 1) % 64 != 0) text += ' ';
  text += '\n';
  std::string bytes = "\x93NUMPY";
  bytes += static_cast<char>(version);
  bytes += '\0';
  for (std::size_t i = 0; i < length_bytes; ++i) bytes += static_cast<char>(text.size() >> 8 * i & 0xff);
  return bytes + text;
}

inline std::string npy_dictionary(const std::string& type, const std::string& shape) {
  return "{'descr': '" + type + "', 'fortran_order': False, 'shape': " + shape + ", }";
}

inline std::string npy_header_bytes(const std::string& type, const std::string& shape, int version = 1) {
  return npy_start(npy_dictionary(type, shape), version);
}

// `type` as '<i4'; each value in as many bytes, in that order.
inline std::string npy_integers(const std::string& type, const std::string& shape,
                                const std::vector<std::int64_t>& values, int version = 1) {
  std::string bytes = npy_header_bytes(type, shape, version);
  const auto size = static_cast<std::size_t>(type[2] - '0');
  for (const std::int64_t value : values)
    for (std::size_t b = 0; b < size; ++b)
      bytes += static_cast<char>(value >> 8 * (type[0] == '>' ? size - 1 - b : b) & 0xff);
  return bytes;
}

inline std::string npy_floats(const std::string& shape, const std::vector<float>& values) {
  std::string raw(values.size() * sizeof(float), '\0');
  std::memcpy(raw.data(), values.data(), raw.size());
  return npy_header_bytes("<f4", shape) + raw;
}

}  // namespace lanewise::test
