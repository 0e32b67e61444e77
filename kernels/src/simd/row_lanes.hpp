// SPDX-License-Identifier: MIT
// Rows of few registers, whose number the compiler knows: what is made of them stays in registers over all rows of a matrix.
#pragma once

#include <type_traits>

#include "loop.hpp"

namespace lanewise::simd {
namespace {

// The accesses to such a row, those to its last register through Last: `whole`, or first_lanes where it is partial.
template <std::size_t count, class Last = whole>
struct row_lanes {
  static constexpr std::size_t registers = count;
  [[no_unique_address]] Last last;

  // A constant wherever loops over v are unrolled; where all registers are whole, it does not depend on v.
  static constexpr bool is_whole(std::size_t v) noexcept { return std::is_same_v<Last, whole> || v + 1 < registers; }

  vf load(const float* row, std::size_t v) const noexcept {
    return is_whole(v) ? simd::load(row + v * width) : last.load(row + v * width);
  }
  void store(float* row, std::size_t v, vf x) const noexcept {
    if (is_whole(v))
      simd::store(row + v * width, x);
    else
      last.store(row + v * width, x);
  }
};

// The same on the way to a function that is not inlined: a mask would go there over the stack.
template <std::size_t registers>
struct whole_row {
  static constexpr std::size_t size() noexcept { return registers * width; }
  static row_lanes<registers> lanes() noexcept { return {}; }
};
template <std::size_t registers>
struct partial_row {
  std::size_t n;
  std::size_t size() const noexcept { return n; }
  row_lanes<registers, first_lanes> lanes() const noexcept { return {first_lanes(n - (registers - 1) * width)}; }
};

// Calls body(columns, stride) for rows of n <= 2 width columns and returns true: a whole_row or a partial_row, and the stride as
// a constant for dense whole registers (weights of small layers), which puts a block of rows at fixed offsets from one
// pointer. Returns false if the rows are longer.
template <class Body>
inline bool with_narrow_rows(std::size_t n, std::size_t stride, const Body& body) noexcept {
  if (n > 2 * width) return false;
  const auto whole_registers = [&]<std::size_t registers>(std::integral_constant<std::size_t, registers>) {
    if (stride == registers * width)
      body(whole_row<registers>{}, std::integral_constant<std::size_t, registers * width>{});
    else
      body(whole_row<registers>{}, stride);
  };
  if (n == width)
    whole_registers(std::integral_constant<std::size_t, 1>{});
  else if (n == 2 * width)
    whole_registers(std::integral_constant<std::size_t, 2>{});
  else if (n < width)
    body(partial_row<1>{n}, stride);
  else
    body(partial_row<2>{n}, stride);
  return true;
}

// Calls body(first, columns) for tiles that make up n columns: as many as there are of 8 and of 4 registers, unless `widest` is 2,
// then of 2, then what is left.
template <std::size_t widest, class Body>
inline void for_each_tile_of_columns(std::size_t n, const Body& body) noexcept {
  std::size_t first = 0;
  const auto tiles_of = [&]<std::size_t registers>(std::integral_constant<std::size_t, registers>) {
    constexpr std::size_t columns = registers * width;
    for (; first + columns <= n; first += columns) body(first, whole_row<registers>{});
  };
  if constexpr (widest == 8) {
    tiles_of(std::integral_constant<std::size_t, 8>{});
    tiles_of(std::integral_constant<std::size_t, 4>{});
  }
  tiles_of(std::integral_constant<std::size_t, 2>{});
  const std::size_t left = n - first;
  if (left == 0) return;
  if (left == width)
    body(first, whole_row<1>{});
  else if (left < width)
    body(first, partial_row<1>{left});
  else
    body(first, partial_row<2>{left});
}

}  // namespace
}  // namespace lanewise::simd
