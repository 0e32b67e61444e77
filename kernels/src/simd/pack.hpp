// SPDX-License-Identifier: MIT
// Copies of A^T and B in the order in which the tiles of a matrix product read them.
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

// Whether the lines of so many rows at one column fill the ways of their sets, in an L1 of 8 ways and 64 sets.
constexpr bool fill_their_sets(std::size_t rows, std::size_t stride) noexcept {
  const std::size_t step = stride & -stride;  // the largest power of two that the rows are apart by
  return rows >= 8 * 64 * 16 / (step > 16 ? step : 16);
}

// Of rows row_0, row_1, ..., at most `width` of them, the columns: put(p, lanes r) with element (r, p) in lane r.
template <class Put>
[[gnu::always_inline]] inline void transpose_rows(const float* from, std::size_t stride, std::size_t rows, std::size_t k,
                                                  const Put& put) noexcept {
  std::size_t p = 0;
  // 4 columns at a time: the rest of a line has to stay in L1 until its turn.
  if (rows == width && !fill_their_sets(16, stride)) {
    for (; p + 4 <= k; p += 4) {
      vf x[4];
      load_transposed(from + p, stride, x);
#pragma GCC unroll 4
      for (std::size_t c = 0; c < 4; ++c) put(p + c, x[c]);
    }
  }
  const auto some = [&](std::size_t count, auto lanes) __attribute__((always_inline)) {
    vf x[width];
#pragma GCC unroll 16
    for (std::size_t r = 0; r < width; ++r) x[r] = r < rows ? lanes.load(from + r * stride + p) : zero();
    transpose(x);
#pragma GCC unroll 16
    for (std::size_t c = 0; c < width; ++c)
      if (c < count) put(p + c, x[c]);
  };
  for (; p + width <= k; p += width) some(width, whole{});
  if (p < k) some(k - p, first_lanes(k - p));
}

// A panel of B is k rows of tile_cols floats of op(B), from row first_k and column first_col on; beyond the last column are
// zeros up to a whole register.
template <bool b_transposed>
void pack_panel(const gemm_call& call, std::size_t first_k, std::size_t k, std::size_t first_col, float* panel) noexcept {
  if constexpr (b_transposed) {
    // Registers with no column at all are not read.
    for (std::size_t v = 0; v < tile_registers && first_col < call.n; ++v, first_col += width, panel += width) {
      const std::size_t cols = smaller(width, call.n - first_col);
      transpose_rows(call.b + first_col * call.ldb + first_k, call.ldb, cols, k,
                     [&](std::size_t p, vf x) { store(panel + p * tile_cols, x); });
    }
  } else {
    pack_rows(call.b + first_k * call.ldb + first_col, call.ldb, k, smaller(tile_cols, call.n - first_col), panel);
  }
}

// All panels of B, k rows from first_k on, some rows at a time: along them where they lie a page apart.
inline void pack_along_rows(const gemm_call& call, std::size_t first_k, std::size_t k, float* panels) noexcept {
  constexpr std::size_t strip = 16;
  for (std::size_t p = 0; p < k; p += strip)
    for (std::size_t col = 0; col < call.n; col += tile_cols)
      pack_rows(call.b + (first_k + p) * call.ldb + col, call.ldb, smaller(strip, k - p), smaller(tile_cols, call.n - col),
                panels + col * k + p * tile_cols);
}

// A tile of A^T: tile_rows columns of k rows of A, element (r, p) at p * tile_rows + r.
inline void pack_tile(const float* a, std::size_t lda, std::size_t k, float* tile) noexcept {
  for (std::size_t p = 0; p < k; ++p) __builtin_memcpy(tile + p * tile_rows, a + p * lda, tile_rows * sizeof(float));
}

// A block of A^T, `rows` columns of A from first_row on, in tiles: element (r, p) of tile t at (t * k + p) * tile_rows + r.
// Tile after tile: along the rows of A the copies would go to so many lines of the same sets of a cache.
inline void pack_tiles(const gemm_call& call, std::size_t first_row, std::size_t rows, std::size_t first_k, std::size_t k,
                       float* tiles) noexcept {
  const float* block = call.a + first_k * call.lda + first_row;
  std::size_t r = 0;
  for (; r + tile_rows <= rows; r += tile_rows) pack_tile(block + r, call.lda, k, tiles + r * k);
  for (std::size_t p = 0; p < k; ++p)
    for (std::size_t rest = r; rest < rows; ++rest) tiles[r * k + p * tile_rows + rest - r] = block[p * call.lda + rest];
}

}  // namespace
}  // namespace lanewise::simd
