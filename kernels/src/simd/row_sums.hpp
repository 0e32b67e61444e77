// SPDX-License-Identifier: MIT
// Sums of scaled rows, sum over i of x_i row_i: of all rows of a matrix (gemv_t), or of a list of them (spmm_nn).
//
// Rows go in groups of 8, in each a chain of fma that starts with a product; the group sums are added in order.
#pragma once

#include "cache_sizes.hpp"
#include "finish.hpp"
#include "row_lanes.hpp"

namespace lanewise::simd {
namespace {

// Row i of all rows, or of those in a list. The stride may be a constant, which spares a multiplication.
template <class Stride>
struct all_rows {
  static constexpr bool are_in_order = true;
  const float* a;
  Stride stride;
  const float* operator[](std::size_t i) const noexcept { return a + i * stride; }
};
template <class Stride>
struct listed_rows {
  static constexpr bool are_in_order = false;
  const float* a;
  Stride stride;
  const std::uint32_t* index;
  const float* operator[](std::size_t i) const noexcept { return a + index[i] * stride; }
};
template <class Stride> all_rows(const float*, Stride) -> all_rows<Stride>;
template <class Stride> listed_rows(const float*, Stride, const std::uint32_t*) -> listed_rows<Stride>;

constexpr std::size_t group_rows = 8;
using whole_group = std::integral_constant<std::size_t, group_rows>;

// The sums of one group, `count` rows from i on, at the columns from j on.
template <class Count, class Rows, std::size_t registers, class Last>
[[gnu::always_inline]] inline void group_sums(Count count, const Rows& rows, const float* x, std::size_t i, std::size_t j,
                                              row_lanes<registers, Last> lanes, vf (&sum)[registers]) noexcept {
#pragma GCC unroll 8
  for (std::size_t v = 0; v < registers; ++v) sum[v] = splat(x[i]) * lanes.load(rows[i] + j, v);
  for (std::size_t r = 1; r < count; ++r)
#pragma GCC unroll 8
    for (std::size_t v = 0; v < registers; ++v) sum[v] = fma(splat(x[i + r]), lanes.load(rows[i + r] + j, v), sum[v]);
}

// Columns that fit in few registers (at most 4, 8 on avx512) keep their sums there over all m rows. Some groups at a time hide the
// latency of the chains: 4 x 2, 2 x 4 or 1 x 8 accumulators.
template <class Rows, std::size_t registers, class Last>
[[gnu::always_inline]] inline void narrow_sums(std::size_t m, const Rows& rows, const float* x,
                                               row_lanes<registers, Last> lanes, vf (&sum)[registers]) noexcept {
  vf total[registers];  // not `sum`: what is passed by reference is kept in memory
#pragma GCC unroll 8
  for (std::size_t v = 0; v < registers; ++v) total[v] = zero();
  constexpr std::size_t groups = registers <= 2 ? 4 : registers <= 4 ? 2 : 1;
  std::size_t i = 0;
  for (; i + groups * group_rows <= m; i += groups * group_rows) {
    vf part[groups][registers];
#pragma GCC unroll 2
    for (std::size_t first = 0; first < group_rows; first += 4) {
      vf quad[groups];
      for (std::size_t g = 0; g < groups; ++g) quad[g] = load_quad(x + i + g * group_rows + first);
#pragma GCC unroll 4  // gcc would keep a loop with a branch for r == 0
      for (std::size_t e = 0; e < 4; ++e) {
        const std::size_t r = first + e;
        for (std::size_t g = 0; g < groups; ++g) {
          const float* row = rows[i + g * group_rows + r];
          const vf factor = splat_of_quad(quad[g], e);
          for (std::size_t v = 0; v < registers; ++v) {
            const vf elements = once(lanes.load(row, v));
            part[g][v] = r == 0 ? factor * elements : fma(factor, elements, part[g][v]);
          }
        }
      }
    }
    for (std::size_t g = 0; g < groups; ++g)
      for (std::size_t v = 0; v < registers; ++v) total[v] = total[v] + part[g][v];
  }
  for (; i < m; i += group_rows) {
    vf part[registers];
    if (i + group_rows <= m)
      group_sums(whole_group{}, rows, x, i, 0, lanes, part);
    else
      group_sums(m - i, rows, x, i, 0, lanes, part);
#pragma GCC unroll 8
    for (std::size_t v = 0; v < registers; ++v) total[v] = total[v] + part[v];
  }
#pragma GCC unroll 8
  for (std::size_t v = 0; v < registers; ++v) sum[v] = total[v];
}

// A group's sums, added to those of the groups before it, which are zeros for the first.
template <class Lanes>
[[gnu::always_inline]] inline void add_to_sums(bool is_first, vf sum, float* sums, Lanes lanes) noexcept {
  lanes.store(sums, (is_first ? zero() : lanes.load(sums)) + sum);
}

// A whole group: factors and rows in registers over all columns, which gcc does not see to by itself. `at_once` registers of
// each row.
template <std::size_t at_once, class Rows>
inline void add_whole_group(bool is_first, std::size_t n, const Rows& rows, const float* x, std::size_t i,
                            float* sums) noexcept {
  vf factor[group_rows];
  const float* row[group_rows];
#pragma GCC unroll 8
  for (std::size_t r = 0; r < group_rows; ++r) {
    factor[r] = in_register(splat(x[i + r]));
    row[r] = rows[i + r];
  }
  map_registers<at_once>(
      n,
      [&](std::size_t j, auto lanes) __attribute__((always_inline)) {
        vf sum = factor[0] * lanes.load(row[0] + j);
#pragma GCC unroll 8
        for (std::size_t r = 1; r < group_rows; ++r) sum = fma(factor[r], lanes.load(row[r] + j), sum);
        return sum;
      },
      [&](std::size_t j, auto lanes, vf sum) __attribute__((always_inline)) { add_to_sums(is_first, sum, sums + j, lanes); });
}

// Any number n of columns, m >= 1: group by group, the sums in memory, whole rows at a time: long runs are what the
// prefetcher likes. Out of L2 two registers of each row are 7 to 14 % faster than one (a cache line each on avx512), in it 4 %
// slower. Groups in passes over fewer rows, which all prefetchers follow, take longer: sums go to memory between them.
template <class Rows>
inline void wide_sums(std::size_t m, std::size_t n, const Rows& rows, const float* x, float* sums) noexcept {
  const bool is_far = Rows::are_in_order && !fits_l2(m, n);
  std::size_t i = 0;
  for (; i + group_rows <= m; i += group_rows) {
    if (is_far)
      add_whole_group<2>(i == 0, n, rows, x, i, sums);
    else
      add_whole_group<1>(i == 0, n, rows, x, i, sums);
  }
  if (i == m) return;
  for_each_register(n, [&](std::size_t j, auto lanes) {
    vf sum[1];
    group_sums(m - i, rows, x, i, j, row_lanes<1, decltype(lanes)>{lanes}, sum);
    add_to_sums(i == 0, sum[0], sums + j, lanes);
  });
}

// ---- y = sums, and y = act(sums + beta y + bias) + residual ------------------------------------------------------------

// Each case is a function of its own: small products shall not pay for the registers and the stack of large ones. `rows` are m
// rows of n columns; `out` is a plain_vector or an output_vector.

// Of the rows, which begin at column `first`.
template <class Columns, class Rows, class Out>
[[gnu::noinline]] void narrow_product(std::size_t m, Columns columns, Rows rows, const float* x, Out out,
                                      std::size_t first = 0) noexcept {
  const auto lanes = columns.lanes();
  vf sum[lanes.registers];
  narrow_sums(m, rows, x, lanes, sum);
  out.put_row(first, sum, lanes);
}

// In tiles of columns, each down all rows: wide_product() loads and stores sums with every eight rows, which L2 sees as eight
// streams. On avx512 128 x 128 takes 0.84 to 0.89 of its time, 512 x 512 0.87 to 0.92, 64 x 784 0.93, 4 x 784 0.64, but 8 and 16 x
// 784 1.11 and 1.07, and rows of 1200 or 2000 1.06 to 1.1; on avx2, whose tiles are half as wide, 128 x 128 0.88, 512 x 512 1.1,
// 64 x 784 1.01 (Emerald Rapids).
constexpr bool has_tiles_of_sums = width == 16;
constexpr bool worth_tiles_of_sums(std::size_t m, std::size_t n) noexcept { return n <= 1024 && fits_l2(m, n); }

template <std::size_t widest, class Rows, class Out>
[[gnu::noinline]] void tiled_product(std::size_t m, std::size_t n, Rows rows, const float* x, Out out) noexcept {
  for_each_tile_of_columns<widest>(n, [&](std::size_t first, auto columns) {
    Rows tile = rows;
    tile.a += first;
    narrow_product(m, columns, tile, x, out, first);
  });
}

template <class Rows>
[[gnu::noinline]] void wide_product(std::size_t m, std::size_t n, Rows rows, const float* x, plain_vector out) noexcept {
  wide_sums(m, n, rows, x, out.y);
}

template <class Rows>
[[gnu::noinline]] void wide_product_beside_y(std::size_t m, std::size_t n, Rows rows, const float* x,
                                             output_vector out) noexcept {
  constexpr std::size_t tile = 2048;  // 8 KB of sums on the stack
  alignas(64) float sums[tile];
  for (std::size_t first = 0; first < n; first += tile, rows.a += tile) {
    const std::size_t columns = smaller(tile, n - first);
    wide_sums(m, columns, rows, x, sums);
    out.put_all(first, columns, sums);
  }
}

template <class Rows>
[[gnu::noinline]] void wide_product(std::size_t m, std::size_t n, Rows rows, const float* x, output_vector out) noexcept {
  if (out.reads_memory()) return wide_product_beside_y(m, n, rows, x, out);
  wide_sums(m, n, rows, x, out.call.y);  // the sums may lie in y
  if (!is_plain(out.call)) out.put_all(0, n, out.call.y);
}

// rows_of(stride) are the rows, for a stride that may be a constant.
template <class RowsOf, class Out>
inline void product_of_rows(std::size_t m, std::size_t n, std::size_t stride, const RowsOf& rows_of, const float* x,
                            Out out) noexcept {
  if (m == 0) return put_zeros(n, out);
  const bool done =
      with_narrow_rows(n, stride, [&](auto columns, auto s) { narrow_product(m, columns, rows_of(s), x, out); });
  if (done) return;
  const auto rows = rows_of(stride);
  if constexpr (has_tiles_of_sums && !decltype(rows)::are_in_order) {  // listed rows come less than four registers wide
    tiled_product<2>(m, n, rows, x, out);
  } else {
    if constexpr (has_tiles_of_sums)
      if (worth_tiles_of_sums(m, n)) return tiled_product<8>(m, n, rows, x, out);
    wide_product(m, n, rows, x, out);
  }
}

}  // namespace
}  // namespace lanewise::simd
