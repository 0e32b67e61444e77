// SPDX-License-Identifier: MIT
// The IDX file format (http://yann.lecun.com/exdb/mnist): magic 0 0 type rank, big-endian u32 dimensions, raw data.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <vector>

namespace lanewise {

struct idx_u8 {
  std::vector<std::size_t> dims;
  std::vector<std::uint8_t> values;  // row-major, product(dims)
};

// Reads an IDX file of unsigned bytes with exactly `rank` dimensions (images 3, labels 1), plain or gzip (told by content).
// Trusts nothing: the magic is exact; the size that the header promises is computed without overflow and compared with the
// file before anything is allocated; too short and too long are errors; at most max_bytes are accepted; gzip output is cut
// off at the promised size + 1; FIFOs, directories and devices are refused.
// Throws not_found_error, malformed_error or io_error; what() names file, offset or field, and rule.
idx_u8 read_idx_u8(const std::filesystem::path& file, std::size_t rank, std::size_t max_bytes = std::size_t{1} << 32);

}  // namespace lanewise
