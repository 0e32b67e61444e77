// SPDX-License-Identifier: MIT
// Where the bits of a byte are set: a shuffle by this order packs bytes to the left.
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

}  // namespace
}  // namespace lanewise::simd
