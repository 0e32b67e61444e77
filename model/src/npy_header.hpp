// SPDX-License-Identifier: MIT
// The header of a .npy file: "\x93NUMPY", version, length, and a Python dictionary as text.
#pragma once

#include <cstddef>
#include <vector>

#include "content_reader.hpp"

namespace lanewise {

struct npy_header {
  char kind = 0;  // 'u', 'i' or 'f'
  std::size_t value_bytes = 0;
  bool big_endian = false;
  std::vector<std::size_t> dims;
  std::size_t header_bytes = 0;
};

// Strict: the three keys once each in any order, C order, no dimension of 0, a line feed at the end. Throws
// malformed_error or io_error.
npy_header read_npy_header(content_reader& content);

}  // namespace lanewise
