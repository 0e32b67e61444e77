// SPDX-License-Identifier: MIT
// A tile of C = A B^T that is all of C's rows: each element of B is used by it alone. A copy of B in the order in which tiles
// read would be stored and loaded for that one use, so columns of B^T go from the transposition to the fma in registers, and
// the CPU transposes the next block while the fma of this one are under way.
#pragma once

#include "pack.hpp"
#include "tile_columns.hpp"

namespace lanewise::simd {
namespace {

template <std::size_t height, class Columns>
[[gnu::noinline]] void run_tile_of_rows(const tile_job& job, Columns columns) noexcept {
  const auto lanes = columns.lanes();
  accumulators<height, decltype(columns.lanes())> tile;
  tile.start(job, lanes);
  vf sum[height];  // a local, as in accumulators::run
#pragma GCC unroll 8
  for (std::size_t r = 0; r < height; ++r) sum[r] = tile.sum[r][0];
  const float* const a = job.a;
  const std::size_t a_stride = job.a_stride;
  transpose_rows(job.b, job.b_stride, columns.size(), job.k, [&](std::size_t p, vf b) __attribute__((always_inline)) {
#pragma GCC unroll 8
    for (std::size_t r = 0; r < height; ++r) sum[r] = fma(splat(a[r * a_stride + p]), b, sum[r]);
  });
#pragma GCC unroll 8
  for (std::size_t r = 0; r < height; ++r) tile.sum[r][0] = sum[r];
  tile.end(job, lanes);
}

constexpr std::size_t few_rows = tile_rows == 1 ? 1 : 8;

// C of at most few_rows rows, a register of its columns at a time.
inline void multiply_few_rows(const gemm_call& call) noexcept {
  if (call.m == 0) return;
  for (std::size_t col = 0; col < call.n; col += width) {
    tile_job job(call, 0, col, 0, call.k, {nullptr, 0});
    job.a = call.a;
    job.a_stride = call.lda;
    job.b = call.b + col * call.ldb;
    job.b_stride = call.ldb;
    const std::size_t cols = smaller(width, call.n - col);
    with_height<few_rows>(call.m, [&](auto height) {
      if (cols == width)
        run_tile_of_rows<height>(job, whole_row<1>{});
      else
        run_tile_of_rows<height>(job, partial_row<1>{cols});
    });
  }
}

}  // namespace
}  // namespace lanewise::simd
