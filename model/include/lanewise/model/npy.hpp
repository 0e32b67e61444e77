// SPDX-License-Identifier: MIT
// NumPy's file format (https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html), versions 1, 2 and 3, for
// images and labels, plain or gzip (told by content).
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <vector>

namespace lanewise {

struct npy_u8 {
  std::vector<std::size_t> dims;
  std::vector<std::uint8_t> values;  // row-major, product(dims)
};

// Images: unsigned bytes or float32, in C order, of shape [n, height, width], [n, 1, height, width] or [n, pixels].
// Floats are turned into bytes: if all lie in [0, 1], each must be k / 255 within 1e-4, else all must be whole numbers
// 0 .. 255.
// Labels: any type of integers of 1 to 8 bytes, in C order, of shape [n] or [n, 1], each 0 .. 255.
// Neither trusts the file, as read_idx_u8() in idx.hpp does not; max_bytes is of the values as they lie in the file.
// Both throw not_found_error, malformed_error or io_error.
npy_u8 read_npy_images(const std::filesystem::path& file, std::size_t max_bytes = std::size_t{1} << 32);
npy_u8 read_npy_labels(const std::filesystem::path& file, std::size_t max_bytes = std::size_t{1} << 32);

}  // namespace lanewise
