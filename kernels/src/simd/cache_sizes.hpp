// SPDX-License-Identifier: MIT
// What policies take caches for: of the sizes here, others are not known. A matrix that is larger comes from the next one.
#pragma once

#include "this_isa.hpp"

namespace lanewise::simd {
namespace {

// Whether rows x cols floats are at most `most`, without overflow, nor a division: it is asked in each call of a small product.
constexpr bool holds(std::size_t most, std::size_t rows, std::size_t cols) noexcept {
  std::size_t floats = 0;
  return !__builtin_mul_overflow(rows, cols, &floats) && floats <= most;
}

constexpr bool fits_l2(std::size_t rows, std::size_t cols) noexcept { return holds(std::size_t{1} << 18, rows, cols); }  // 1 MB
constexpr bool fits_l3(std::size_t rows, std::size_t cols) noexcept { return holds(std::size_t{1} << 23, rows, cols); }  // 32 MB

}  // namespace
}  // namespace lanewise::simd
