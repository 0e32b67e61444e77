// SPDX-License-Identifier: MIT
// C = A B, A B^T or A^T B where all of B fits in registers, on avx512: it stays there over the rows of A, of which each element is
// one load for one fma. Tiles took 1.15 to 1.45 times as long: CPUs that begin two fma a cycle begin no more than two loads, and
// those of B came on top.
#pragma once

#include "pack.hpp"

namespace lanewise::simd {
namespace {

// Beside B are the sums of group_of_sums rows: as many as hide the latency of fma.
constexpr std::size_t group_of_sums = 8;
constexpr bool has_small_b = has_broadcast_operands;
static_assert(!has_small_b || width + group_of_sums < free_registers);

// Of A^T 16 rows take 0.96 of the time as a tile, 32 as long.
template <bool a_transposed>
constexpr bool is_small_b(std::size_t m, std::size_t n, std::size_t k) noexcept {
  return m >= (a_transposed ? 4 : 1) * group_of_sums && n <= width && 0 < k && k <= width;
}

// At least group_of_sums rows; where they are no multiple of it, the last group begins earlier and makes some rows again.
template <bool a_transposed, bool b_transposed, class Columns>
[[gnu::noinline]] void multiply_by_small_b(std::size_t m, std::size_t k, const float* a, std::size_t lda, const float* b,
                                           std::size_t ldb, float* c, std::size_t ldc, Columns columns) noexcept {
  const auto lanes = columns.lanes();
  vf row_of_b[width];
  if constexpr (b_transposed) {
    const first_lanes row(k);
#pragma GCC unroll 16
    for (std::size_t j = 0; j < width; ++j) row_of_b[j] = j < columns.size() ? row.load(b + j * ldb) : zero();
    transpose(row_of_b);
  } else {
#pragma GCC unroll 16
    for (std::size_t p = 0; p < width; ++p) row_of_b[p] = p < k ? lanes.load(b + p * ldb, 0) : zero();
  }
  for (std::size_t i = 0; i < m; i += group_of_sums) {
    const std::size_t first = smaller(i, m - group_of_sums);
    const float *row[group_of_sums] = {}, *column = a + first;  // of A, of A^T
    vf sum[group_of_sums];
#pragma GCC unroll 8
    for (std::size_t r = 0; r < group_of_sums; ++r) {
      if constexpr (!a_transposed) row[r] = pointer_of_its_own(r == 0 ? a + first * lda : row[r - 1] + lda);
      sum[r] = zero();
    }
    const auto element = [&](std::size_t r, std::size_t p) { return a_transposed ? column + r : row[r] + p; };
#pragma GCC unroll 16
    for (std::size_t p = 0; p < width; ++p) {
      if (p == k) break;  // foreseen: it is the same in each group
#pragma GCC unroll 8
      for (std::size_t r = 0; r < group_of_sums; ++r) sum[r] = fma(splat(*element(r, p)), row_of_b[p], sum[r]);
      if constexpr (a_transposed) column = pointer_of_its_own(column + lda);
    }
    float* out = c + first * ldc;
#pragma GCC unroll 8
    for (std::size_t r = 0; r < group_of_sums; ++r, out += ldc) lanes.store(out, 0, sum[r]);
  }
}

}  // namespace
}  // namespace lanewise::simd
