// SPDX-License-Identifier: MIT
// Matrices of bits, in words of 64.
#pragma once

#include <cstddef>
#include <cstdint>

namespace lanewise::simd {
namespace {

// nonzero_bits_size() of lanewise/sparse_rows.hpp, which objects of one ISA may not include (see per_isa.hpp).
constexpr std::size_t bit_words(std::size_t bits) noexcept { return bits / 64 + (bits % 64 != 0 ? 1 : 0); }

// How many bits are set. In a form that compilers know: one instruction where there is one, and never a call.
inline std::size_t bits_in(std::uint64_t word) noexcept {
  word -= word >> 1 & 0x5555555555555555;
  word = (word & 0x3333333333333333) + (word >> 2 & 0x3333333333333333);
  return static_cast<std::size_t>(((word + (word >> 4)) & 0x0f0f0f0f0f0f0f0f) * 0x0101010101010101 >> 56);
}

// Bit c of row r and bit r of row c change places: those of blocks of 32 x 32, in these of 16 x 16, and so on (Warren, Hacker's
// Delight, 7-3).
template <std::size_t size = 32>
inline void transpose_bits(std::uint64_t (&row)[64]) noexcept {
  constexpr std::uint64_t low = ~std::uint64_t{0} / ((std::uint64_t{1} << size) + 1);  // the lower half of each 2 * size bits
  for (std::size_t first = 0; first < 64; first += 2 * size)
    for (std::size_t r = first; r < first + size; ++r) {
      const std::uint64_t change = (row[r] >> size ^ row[r + size]) & low;
      row[r] ^= change << size;
      row[r + size] ^= change;
    }
  if constexpr (size > 1) transpose_bits<size / 2>(row);
}

}  // namespace
}  // namespace lanewise::simd
