// SPDX-License-Identifier: MIT
// The list of the pixels of an image that are not zero.
#pragma once

#include "loop.hpp"

namespace lanewise::simd {
namespace {

// Blocks of 512 bytes: a word of 64 bits tells which of its groups of 8 bytes are not all zero, and only these are looked
// at. In a picture with margins that is some 40 of 98, and the loop ends once a block, which is what cannot be foreseen.
inline std::size_t list_pixels_of_block(const std::uint8_t* p, std::size_t n, std::uint32_t first, std::uint32_t* index,
                                        float* value) noexcept {
  alignas(64) std::uint64_t bits[8] = {};  // of 64 bytes each
  std::size_t i = 0;
  for (; i + 64 <= n; i += 64) bits[i / 64] = nonzero_bits(p + i);
  alignas(64) std::uint8_t rest[64];
  const std::uint8_t* last = p + i;
  if (i < n) {
    __builtin_memset(rest, 0, sizeof rest);
    __builtin_memcpy(rest, p + i, n - i);
    bits[i / 64] = nonzero_bits(rest);
    last = rest;
  }
  std::uint8_t group_bits[64];
  __builtin_memcpy(group_bits, bits, sizeof bits);
  std::size_t count = 0;
  for (std::uint64_t live = nonzero_bits(group_bits); live != 0; live &= live - 1) {
    const auto group = static_cast<std::uint32_t>(__builtin_ctzll(live));
    const std::uint8_t* from = 8 * group < i ? p + 8 * group : last + (8 * group - i);
    count += put_pixels_of_8(from, first + 8 * group, group_bits[group], index + count, value + count);
  }
  return count;
}

// index and value have room for n, rounded up to whole groups of 8.
inline std::size_t list_pixels(std::size_t n, const std::uint8_t* p, std::uint32_t* index, float* value) noexcept {
  constexpr std::size_t block = 512;
  std::size_t count = 0;
  for (std::size_t first = 0; first < n; first += block)
    count += list_pixels_of_block(p + first, smaller(block, n - first), static_cast<std::uint32_t>(first), index + count,
                                  value + count);
  return count;
}

}  // namespace
}  // namespace lanewise::simd
