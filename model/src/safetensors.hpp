// SPDX-License-Identifier: MIT
// The container of the model file (https://github.com/huggingface/safetensors): u64 little-endian N, N bytes of JSON,
// then the tensors' raw little-endian values. This side knows of names, shapes and places, not of nets.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "input_file.hpp"

namespace lanewise {

static_assert(std::endian::native == std::endian::little, "tensors are copied as they lie in memory");

inline constexpr std::size_t longest_header = 64 * 1024;
inline constexpr std::size_t header_length_bytes = 8;

// Float32 values at [begin, end) bytes behind the header, row-major.
struct tensor_place {
  std::string name;
  std::vector<std::uint64_t> shape;
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
};

struct safetensors_header {
  std::map<std::string, std::string> metadata;
  std::vector<tensor_place> tensors;  // in the order of their places
  std::uint64_t data_offset = 0;      // where in the file the values begin
};

using metadata_list = std::vector<std::pair<std::string, std::string>>;

// N and the JSON, keys in the order given, padded with spaces to a multiple of 8. Throws std::invalid_argument if it
// would be longer than longest_header.
std::string format_header(const metadata_list& metadata, const std::vector<tensor_place>& tensors);

// Strict: every rule of the format, with F32 as the only type, is checked, and the places lie one after the other from
// 0 up to the end of the file. Throws malformed_error or io_error.
safetensors_header read_header(const input_file& file);

// "[16, 784]"
std::string shape_text(const std::vector<std::uint64_t>& shape);

}  // namespace lanewise
