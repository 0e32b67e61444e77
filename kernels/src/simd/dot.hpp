// SPDX-License-Identifier: MIT
// Dot products of rows with one vector x, in 32 virtual lanes: the sums that y = A x is made of.
#pragma once

#include "row_lanes.hpp"

namespace lanewise::simd {
namespace {

// 32 virtual lanes a row (column mod 32): 2, 4 or 8 registers. Rows share the loads of x; their number is what the
// register file holds beside one x, up to 16 sums, which hide the latency of fma: avx512 8 x 2, avx2 3 x 4, neon64 2 x 8
// (3 x 8 spills), sse2 1 x 8.
constexpr std::size_t dot_lanes = 32;
constexpr std::size_t dot_registers = dot_lanes / width;
constexpr std::size_t dot_rows = clamp((smaller(free_registers, 17) - 1) / dot_registers, 1, 8);

// sums[r]: a register whose tree_sum() is A_r . x, for `rows` rows of at least dot_lanes columns. The tail is filled with zeros in
// both operands. Registers wholly beyond n are left out; that can only show in the sign of a zero, which adding +0 at the end
// settles.
template <std::size_t rows>
[[gnu::always_inline]] inline void dot(std::size_t n, const float* a, std::size_t lda, const float* x,
                                       vf* sums) noexcept {
  // Each loop over the sums is unrolled at once, else gcc keeps them in memory.
  vf sum[rows][dot_registers];
  const auto add = [&](std::size_t j, std::size_t v, auto lanes) __attribute__((always_inline)) {
    const vf xv = in_register(lanes.load(x + j));
#pragma GCC unroll 8
    for (std::size_t r = 0; r < rows; ++r) sum[r][v] = fma(lanes.load(a + r * lda + j), xv, sum[r][v]);
  };
  // The first lanes are products, not sums with zeros: a row of 128 has but four of each lane.
  std::size_t j = 0;
#pragma GCC unroll 8
  for (std::size_t v = 0; v < dot_registers; ++v, j += width) {
    const vf xv = in_register(load(x + j));
#pragma GCC unroll 8
    for (std::size_t r = 0; r < rows; ++r) sum[r][v] = load(a + r * lda + j) * xv;
  }
#pragma GCC unroll 2
  for (; j + dot_lanes <= n; j += dot_lanes) {
    if constexpr (rows == 4) {  // two lines of a row, then two of the next one: column by column 128 x 128 took 10 % longer
      vf xv[dot_registers];
#pragma GCC unroll 8
      for (std::size_t v = 0; v < dot_registers; ++v) xv[v] = in_register(load(x + j + v * width));
#pragma GCC unroll 8
      for (std::size_t r = 0; r < rows; ++r)
#pragma GCC unroll 8
        for (std::size_t v = 0; v < dot_registers; ++v) sum[r][v] = fma(load(a + r * lda + j + v * width), xv[v], sum[r][v]);
    } else {
#pragma GCC unroll 8
      for (std::size_t v = 0; v < dot_registers; ++v) add(j + v * width, v, whole{});
    }
  }
  if (j < n) {
#pragma GCC unroll 8
    for (std::size_t v = 0; v < dot_registers; ++v, j += width) {
      if (j + width <= n)
        add(j, v, whole{});
      else if (j < n)
        add(j, v, first_lanes(n - j));
    }
  }
#pragma GCC unroll 8
  for (std::size_t r = 0; r < rows; ++r) sums[r] = tree_of_registers<dot_registers>(sum[r]);
}

// The same for m rows, as many at a time as there are, up to `rows`; 4 as 2 + 2, not 3 + 1, whose sums wait for each other. Not
// inlined: the sums take all registers.
template <std::size_t rows>
[[gnu::noinline]] void dots(std::size_t m, std::size_t n, const float* a, std::size_t lda, const float* x, vf* sums) noexcept {
  for (; m >= rows && (rows != 3 || m != 4); m -= rows, a += rows * lda, sums += rows) dot<rows>(n, a, lda, x, sums);
  if constexpr (rows > 1) {
    if (m > 0) dots<rows == 3 ? 2 : rows / 2>(m, n, a, lda, x, sums);
  }
}

// The same for a row that fits in that many registers; x stays in registers.
template <std::size_t registers, class Last>
struct short_row {
  row_lanes<registers, Last> lanes;
  vf x[registers];

  short_row(row_lanes<registers, Last> row, const float* from) noexcept : lanes(row) {
    for (std::size_t v = 0; v < registers; ++v) x[v] = lanes.load(from, v);
  }

  [[gnu::always_inline]] vf dot(const float* a) const noexcept {
    vf product[registers];
    for (std::size_t v = 0; v < registers; ++v) product[v] = lanes.load(a, v) * x[v];
    return tree_of_registers<dot_registers, registers>(product);
  }
};

}  // namespace
}  // namespace lanewise::simd
