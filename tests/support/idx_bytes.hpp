// SPDX-License-Identifier: MIT
// IDX files, right and wrong ones, as strings of bytes.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

#include <zlib.h>

namespace lanewise::test {

inline std::string idx_header(const std::vector<std::uint32_t>& dims) {
  std::string bytes{0, 0, 8, static_cast<char>(dims.size())};
  for (const std::uint32_t dim : dims)
    for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(dim >> shift & 0xff);
  return bytes;
}

// Values 0, 1, 2, ... below `limit`, then from 0 again.
inline std::string idx_bytes(const std::vector<std::uint32_t>& dims, unsigned limit = 256) {
  std::size_t size = 1;
  for (const std::uint32_t dim : dims) size *= dim;
  std::string bytes = idx_header(dims);
  for (std::size_t i = 0; i < size; ++i) bytes += static_cast<char>(i % limit);
  return bytes;
}

inline std::string gzip(std::string bytes) {
  z_stream stream = {};
  if (::deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK)
    throw std::runtime_error("deflateInit2 failed");
  std::string packed(::deflateBound(&stream, bytes.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(bytes.data());
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  const int status = ::deflate(&stream, Z_FINISH);
  packed.resize(stream.total_out);
  ::deflateEnd(&stream);
  if (status != Z_STREAM_END) throw std::runtime_error("deflate failed");
  return packed;
}

}  // namespace lanewise::test
