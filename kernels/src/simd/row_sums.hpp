// SPDX-License-Identifier: MIT
// Sums of scaled rows, sum over i of x_i row_i: of all rows of a matrix (gemv_t), or of a list of them (spmm_nn).
//
// Rows go in groups of 8, in each a chain of fma that starts with a product; the group sums are added in order.
#pragma once

#include <type_traits>

#include "finish.hpp"

namespace lanewise::simd {
namespace {

// Row i of all rows, or of those in a list. The stride may be a constant, which spares a multiplication.
template <class Stride>
struct all_rows {
  const float* a;
  Stride stride;
  const float* operator[](std::size_t i) const noexcept { return a + i * stride; }
};
template <class Stride>
struct listed_rows {
  const float* a;
  Stride stride;
  const std::uint32_t* index;
  const float* operator[](std::size_t i) const noexcept { return a + index[i] * stride; }
};
template <class Stride> all_rows(const float*, Stride) -> all_rows<Stride>;
template <class Stride> listed_rows(const float*, Stride, const std::uint32_t*) -> listed_rows<Stride>;

constexpr std::size_t group_rows = 8;
using whole_group = std::integral_constant<std::size_t, group_rows>;

// The sum of one group, `count` rows from i on, at one register of columns.
template <class Count, class Rows, class Lanes>
inline vf group_sum(Count count, const Rows& rows, const float* x, std::size_t i, std::size_t j, Lanes lanes) noexcept {
  vf sum = splat(x[i]) * lanes.load(rows[i] + j);
  for (std::size_t r = 1; r < count; ++r) sum = fma(splat(x[i + r]), lanes.load(rows[i + r] + j), sum);
  return sum;
}

// Calls body(lanes, stride) for rows of n <= 2 width columns and returns true: an array of one or two `whole` or
// first_lanes, and the stride as a constant for dense whole registers (weights of small layers), which puts a block of rows
// at fixed offsets from one pointer. Returns false if the rows are longer.
template <class Body>
inline bool with_narrow_rows(std::size_t n, std::size_t stride, const Body& body) noexcept {
  if (n > 2 * width) return false;
  const auto dense = [&]<std::size_t registers>(std::integral_constant<std::size_t, registers>) {
    const whole lanes[registers] = {};
    if (stride == registers * width)
      body(lanes, std::integral_constant<std::size_t, registers * width>{});
    else
      body(lanes, stride);
  };
  if (n == width) {
    dense(std::integral_constant<std::size_t, 1>{});
  } else if (n == 2 * width) {
    dense(std::integral_constant<std::size_t, 2>{});
  } else if (n < width) {
    const first_lanes lanes[1] = {first_lanes(n)};
    body(lanes, stride);
  } else {
    const first_lanes lanes[2] = {first_lanes(width), first_lanes(n - width)};
    body(lanes, stride);
  }
  return true;
}

// Columns that fit in at most four registers keep their sums there over all m rows. Some groups at a time hide the latency of
// the chains: 4 x 2 or 2 x 4 accumulators.
template <class Rows, class Lanes, std::size_t registers>
[[gnu::always_inline]] inline void narrow_sums(std::size_t m, const Rows& rows, const float* x,
                                               const Lanes (&lanes)[registers], vf (&sum)[registers]) noexcept {
  vf total[registers];  // not `sum`: what is passed by reference is kept in memory
#pragma GCC unroll 4
  for (std::size_t v = 0; v < registers; ++v) total[v] = zero();
  constexpr std::size_t groups = registers <= 2 ? 4 : 2;
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
            const vf elements = once(lanes[v].load(row + v * width));
            part[g][v] = r == 0 ? factor * elements : fma(factor, elements, part[g][v]);
          }
        }
      }
    }
    for (std::size_t g = 0; g < groups; ++g)
      for (std::size_t v = 0; v < registers; ++v) total[v] = total[v] + part[g][v];
  }
  for (; i + group_rows <= m; i += group_rows)
#pragma GCC unroll 4
    for (std::size_t v = 0; v < registers; ++v)
      total[v] = total[v] + group_sum(whole_group{}, rows, x, i, v * width, lanes[v]);
  if (i < m) {
    vf part[registers];
#pragma GCC unroll 4
    for (std::size_t v = 0; v < registers; ++v) part[v] = splat(x[i]) * lanes[v].load(rows[i] + v * width);
    while (++i < m)
#pragma GCC unroll 4
      for (std::size_t v = 0; v < registers; ++v)
        part[v] = fma(splat(x[i]), lanes[v].load(rows[i] + v * width), part[v]);
#pragma GCC unroll 4
    for (std::size_t v = 0; v < registers; ++v) total[v] = total[v] + part[v];
  }
#pragma GCC unroll 4
  for (std::size_t v = 0; v < registers; ++v) sum[v] = total[v];
}

// A group's sums, added to those of the groups before it, which are zeros for the first.
template <class Lanes>
[[gnu::always_inline]] inline void add_to_sums(bool is_first, vf sum, float* sums, Lanes lanes) noexcept {
  lanes.store(sums, (is_first ? zero() : lanes.load(sums)) + sum);
}

// A whole group: factors and rows in registers over all columns, which gcc does not see to by itself.
template <class Rows>
inline void add_whole_group(bool is_first, std::size_t n, const Rows& rows, const float* x, std::size_t i,
                            float* sums) noexcept {
  vf factor[group_rows];
  const float* row[group_rows];
#pragma GCC unroll 8
  for (std::size_t r = 0; r < group_rows; ++r) {
    factor[r] = in_register(splat(x[i + r]));
    row[r] = rows[i + r];
  }
  for_each_register(n, [&](std::size_t j, auto lanes) __attribute__((always_inline)) {
    vf sum = factor[0] * lanes.load(row[0] + j);
#pragma GCC unroll 8
    for (std::size_t r = 1; r < group_rows; ++r) sum = fma(factor[r], lanes.load(row[r] + j), sum);
    add_to_sums(is_first, sum, sums + j, lanes);
  });
}

// Any number n of columns, m >= 1: group by group, the sums in memory, whole rows at a time: long runs are what the
// prefetcher likes.
template <class Rows>
inline void wide_sums(std::size_t m, std::size_t n, const Rows& rows, const float* x, float* sums) noexcept {
  std::size_t i = 0;
  for (; i + group_rows <= m; i += group_rows) add_whole_group(i == 0, n, rows, x, i, sums);
  if (i == m) return;
  for_each_register(n, [&](std::size_t j, auto lanes) {
    add_to_sums(i == 0, group_sum(m - i, rows, x, i, j, lanes), sums + j, lanes);
  });
}

// ---- y = act(sums + beta y + bias) + residual --------------------------------------------------------------------------

// Each case is a function of its own: small products shall not pay for the registers and the stack of large ones.
// `call` has m rows, listed or all; a is the first of all.

template <class Rows, class Lanes, std::size_t registers>
[[gnu::noinline]] void narrow_product(const gemv_call& call, Rows rows, const Lanes (&lanes)[registers]) noexcept {
  vf sum[registers];
  narrow_sums(call.m, rows, call.x, lanes, sum);
  output_vector{call}.put_row(sum, lanes);
}

template <class Rows>
[[gnu::noinline]] void wide_product_beside_y(const gemv_call& call, Rows rows) noexcept {
  constexpr std::size_t tile = 2048;  // 8 KB of sums on the stack
  alignas(64) float sums[tile];
  for (std::size_t first = 0; first < call.n; first += tile, rows.a += tile) {
    const std::size_t columns = smaller(tile, call.n - first);
    wide_sums(call.m, columns, rows, call.x, sums);
    output_vector{call}.put_all(first, columns, sums);
  }
}

template <class Rows>
[[gnu::noinline]] void wide_product(const gemv_call& call, Rows rows) noexcept {
  if (call.beta != 0 || call.epilogue.residual != nullptr) return wide_product_beside_y(call, rows);
  wide_sums(call.m, call.n, rows, call.x, call.y);  // the sums may lie in y
  if (const output_vector out{call}; !out.is_plain()) out.put_all(0, call.n, call.y);
}

// n products over nothing.
[[gnu::noinline]] inline void put_zeros(std::size_t n, const gemv_call& call) noexcept {
  for_each_register(n, [&](std::size_t j, auto lanes) { output_vector{call}.put(j, zero(), lanes); });
}

// rows_of(stride) are the rows, for a stride that may be a constant.
template <class RowsOf>
inline void product_of_rows(const gemv_call& call, const RowsOf& rows_of) noexcept {
  if (call.m == 0) return put_zeros(call.n, call);
  const bool done = with_narrow_rows(
      call.n, call.lda, [&](const auto& lanes, auto stride) { narrow_product(call, rows_of(stride), lanes); });
  if (!done) wide_product(call, rows_of(call.lda));
}

}  // namespace
}  // namespace lanewise::simd
