// SPDX-License-Identifier: MIT
// Bits of bytes: where they are set (a shuffle by this order packs bytes to the left), and whether any is.
#pragma once

#include <cstdint>

namespace lanewise::simd {
namespace {

struct bit_positions_table {
  std::uint8_t row[256][8];

  constexpr bit_positions_table() noexcept : row() {
    for (int bits = 0; bits < 256; ++bits) {
      int count = 0;
      for (std::uint8_t i = 0; i < 8; ++i)
        if (bits >> i & 1) row[bits][count++] = i;
      while (count < 8) row[bits][count++] = 0x80;  // no position: the shuffle gives a zero
    }
  }
  constexpr const std::uint8_t* operator[](unsigned bits) const noexcept { return row[bits]; }
};

// The positions of the set bits, lowest first.
alignas(64) constexpr bit_positions_table positions_of_bits;

// Bit i of the result tells whether byte i is not zero.
inline std::uint64_t nonzero_bytes(std::uint64_t word) noexcept {
  constexpr std::uint64_t low_bits = 0x7f7f7f7f7f7f7f7f;
  const std::uint64_t high_bits = (((word & low_bits) + low_bits) | word) & ~low_bits;
  return (high_bits >> 7) * 0x0102040810204080 >> 56;
}

}  // namespace
}  // namespace lanewise::simd
