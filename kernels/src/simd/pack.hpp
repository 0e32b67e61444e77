// SPDX-License-Identifier: MIT
// Copies of A and B in the order in which the tiles of a matrix product read them. What lies beyond the edges is zero.
#pragma once

#include "tile.hpp"

namespace lanewise::simd {
namespace {

// A panel of B as it is, k rows of it, `cols` columns and zeros. Whole rows at a time: each may be a page of its own.
inline void pack_rows(const float* b, std::size_t ldb, std::size_t k, std::size_t cols, float* panel) noexcept {
  first_lanes some[tile_registers];
  for (std::size_t v = 0; v < tile_registers; ++v)
    some[v] = first_lanes(v * width < cols ? smaller(width, cols - v * width) : 0);
  for (std::size_t p = 0; p < k; ++p, b += ldb, panel += tile_cols) {
#pragma GCC unroll 4
    for (std::size_t v = 0; v < tile_registers; ++v)
      store(panel + v * width, cols == tile_cols ? load(b + v * width) : some[v].load(b + v * width));
    __builtin_prefetch(b + tile_cols);  // of the next panel, while this one is in use
  }
}

// Of rows row_0, row_1, ... `width` columns at a time, transposed: put(p, lanes r) with element (r, p) in lane r.
template <class Put>
[[gnu::always_inline]] inline void transpose_rows(const float* from, std::size_t stride, std::size_t rows, std::size_t k,
                                                  const Put& put) noexcept {
  vf x[width];
  const auto some = [&](std::size_t p, std::size_t count, auto lanes) __attribute__((always_inline)) {
#pragma GCC unroll 16
    for (std::size_t r = 0; r < width; ++r) x[r] = r < rows ? lanes.load(from + r * stride + p) : zero();
    transpose(x);
#pragma GCC unroll 16
    for (std::size_t c = 0; c < width; ++c)
      if (c < count) put(p + c, x[c]);
  };
  std::size_t p = 0;
  for (; p + width <= k; p += width) some(p, width, whole{});
  if (p < k) some(p, k - p, first_lanes(k - p));
}

// A panel of B is k rows of tile_cols floats of op(B), from row first_k and column first_col on.
template <bool b_transposed>
void pack_panel(const gemm_call& call, std::size_t first_k, std::size_t k, std::size_t first_col, float* panel) noexcept {
  if constexpr (b_transposed) {
    for (std::size_t v = 0; v < tile_registers; ++v, first_col += width, panel += width) {
      const std::size_t cols = first_col < call.n ? smaller(width, call.n - first_col) : 0;
      transpose_rows(call.b + first_col * call.ldb + first_k, call.ldb, cols, k,
                     [&](std::size_t p, vf x) { store(panel + p * tile_cols, x); });
    }
  } else {
    pack_rows(call.b + first_k * call.ldb + first_col, call.ldb, k, smaller(tile_cols, call.n - first_col), panel);
  }
}

// The rows of one tile of op(A) from row first_row on, `rows` of them and zeros: element (r, p) at p * tile_rows + r.
// Registers are stored whole: what is too much is written over by the next, and after the last there are `width` floats.
template <bool a_transposed>
void pack_tile_rows(const gemm_call& call, std::size_t first_row, std::size_t rows, std::size_t first_k, std::size_t k,
                    float* panel) noexcept {
  for (std::size_t g = 0; g < tile_rows; g += width) {
    const std::size_t count = g < rows ? smaller(width, rows - g) : 0;
    if constexpr (a_transposed) {
      const float* a = call.a + first_k * call.lda + first_row + g;
      const first_lanes some(count);
      for (std::size_t p = 0; p < k; ++p, a += call.lda) store(panel + p * tile_rows + g, some.load(a));
    } else {
      transpose_rows(call.a + (first_row + g) * call.lda + first_k, call.lda, count, k,
                     [&](std::size_t p, vf x) { store(panel + p * tile_rows + g, x); });
    }
  }
}

}  // namespace
}  // namespace lanewise::simd
