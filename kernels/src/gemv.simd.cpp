// SPDX-License-Identifier: MIT
#include <type_traits>

#include "per_isa.hpp"
#include "simd/finish.hpp"

namespace lanewise {

using namespace simd;

namespace {

// ---- y = A x: dot products -------------------------------------------------------------------------------------------

// 32 virtual lanes a row (column mod 32): 2, 4 or 8 registers. Rows share the loads of x; their number is what the
// register file holds beside one x, up to 16 sums, which hide the latency of fma: avx512 8 x 2, avx2 3 x 4, neon64 2 x 8
// (3 x 8 spills), sse2 1 x 8.
constexpr std::size_t dot_lanes = 32;
constexpr std::size_t dot_registers = dot_lanes / width;
constexpr std::size_t dot_rows = clamp((smaller(free_registers, 17) - 1) / dot_registers, 1, 8);

// products[r] = A_r . x for `rows` rows. The tail is filled with zeros in both operands. Registers wholly beyond n are left
// out; that can only show in the sign of a zero, which adding +0 settles.
template <std::size_t rows>
void dot(std::size_t n, const float* a, std::size_t lda, const float* x, float* products) noexcept {
  vf sum[rows][dot_registers];
  for (std::size_t r = 0; r < rows; ++r)
    for (std::size_t v = 0; v < dot_registers; ++v) sum[r][v] = zero();
  const auto add = [&](std::size_t j, std::size_t v, auto lanes) {
    const vf xv = lanes.load(x + j);
    for (std::size_t r = 0; r < rows; ++r) sum[r][v] = fma(lanes.load(a + r * lda + j), xv, sum[r][v]);
  };
  std::size_t j = 0;
  for (; j + dot_lanes <= n; j += dot_lanes)
    for (std::size_t v = 0; v < dot_registers; ++v) add(j + v * width, v, whole{});
#pragma GCC unroll 8  // else the sums live in memory
  for (std::size_t v = 0; v < dot_registers; ++v, j += width) {
    if (j + width <= n)
      add(j, v, whole{});
    else if (j < n)
      add(j, v, first_lanes(n - j));
  }
  for (std::size_t r = 0; r < rows; ++r) products[r] = tree_sum<dot_registers>(sum[r]) + 0.0f;
}

// The same for rows of at most 32 columns, which fit `registers` registers, the last one accessed through `last`: x stays
// in registers, and there is nothing to loop over but rows.
template <std::size_t registers, class Last>
void dot_short(std::size_t m, const float* a, std::size_t lda, const float* x, Last last, float* products) noexcept {
  constexpr std::size_t end = registers - 1;
  vf xv[registers];
  for (std::size_t v = 0; v < end; ++v) xv[v] = load(x + v * width);
  xv[end] = last.load(x + end * width);
  for (std::size_t r = 0; r < m; ++r, a += lda) {
    vf product[dot_registers];
    for (std::size_t v = 0; v < end; ++v) product[v] = load(a + v * width) * xv[v];
    product[end] = last.load(a + end * width) * xv[end];
    for (std::size_t v = registers; v < dot_registers; ++v) product[v] = zero();
    products[r] = tree_sum<dot_registers>(product) + 0.0f;
  }
}

template <std::size_t registers = dot_registers>
void dot_short(std::size_t m, std::size_t n, const float* a, std::size_t lda, const float* x, float* products) noexcept {
  if constexpr (registers > 1) {
    if (n <= (registers - 1) * width) return dot_short<registers - 1>(m, n, a, lda, x, products);
  }
  if (n == registers * width) return dot_short<registers>(m, a, lda, x, whole{}, products);
  dot_short<registers>(m, a, lda, x, first_lanes(n - (registers - 1) * width), products);
}

// products[r] = A_r . x for r < m.
void dots(std::size_t m, std::size_t n, const float* a, std::size_t lda, const float* x, float* products) noexcept {
  if (n <= dot_lanes) return dot_short(m, n, a, lda, x, products);
  std::size_t r = 0;
  for (; r + dot_rows <= m; r += dot_rows) dot<dot_rows>(n, a + r * lda, lda, x, products + r);
  for (; r < m; ++r) dot<1>(n, a + r * lda, lda, x, products + r);
}

// ---- y = A^T x: sums of scaled rows ----------------------------------------------------------------------------------

// Rows in groups of 8; within a group one chain of fma that starts with a product. The group sums are added in order.
constexpr std::size_t group_rows = 8;
using whole_group = std::integral_constant<std::size_t, group_rows>;  // a row count that the compiler knows

// The sum of one group at one register of columns.
template <class Rows, class Lanes>
inline vf group_sum(Rows rows, const float* a, std::size_t lda, const float* x, Lanes lanes) noexcept {
  vf sum = splat(x[0]) * lanes.load(a);
  for (std::size_t r = 1; r < rows; ++r) sum = fma(splat(x[r]), lanes.load(a + r * lda), sum);
  return sum;
}

// Columns that fit in two registers keep their sums there over all rows. Four groups at a time hide the latency of the
// chains: 4 x 2 accumulators.
template <class Lanes, std::size_t registers, class Stride>
void narrow(std::size_t m, const float* a, Stride lda, const float* x, const Lanes (&lanes)[registers],
            float* products) noexcept {
  vf sum[registers];
  for (std::size_t v = 0; v < registers; ++v) sum[v] = zero();
  constexpr std::size_t groups = 4;
  std::size_t i = 0;
  for (; i + groups * group_rows <= m; i += groups * group_rows) {
    vf part[groups][registers];
#pragma GCC unroll 8  // gcc would keep a loop with a branch for r == 0
    for (std::size_t r = 0; r < group_rows; ++r) {
      for (std::size_t g = 0; g < groups; ++g) {
        const std::size_t row = i + g * group_rows + r;
        const vf factor = splat(x[row]);
        for (std::size_t v = 0; v < registers; ++v) {
          const vf av = lanes[v].load(a + row * lda + v * width);
          part[g][v] = r == 0 ? factor * av : fma(factor, av, part[g][v]);
        }
      }
    }
    for (std::size_t g = 0; g < groups; ++g)
      for (std::size_t v = 0; v < registers; ++v) sum[v] = sum[v] + part[g][v];
  }
  const auto add_group = [&](auto rows) {
    for (std::size_t v = 0; v < registers; ++v)
      sum[v] = sum[v] + group_sum(rows, a + i * lda + v * width, lda, x + i, lanes[v]);
  };
  for (; i + group_rows <= m; i += group_rows) add_group(whole_group{});
  if (i < m) add_group(m - i);
  for (std::size_t v = 0; v < registers; ++v) lanes[v].store(products + v * width, sum[v]);
}

// Any number of columns: group by group, the sums in memory. Columns are never split finer than wide_tile: long runs
// along the rows are what the prefetcher likes.
constexpr std::size_t wide_tile = 1024;  // 4 KB of sums on the stack

void wide(std::size_t m, std::size_t n, const float* a, std::size_t lda, const float* x, float* products) noexcept {
  for_each_register(n, [&](std::size_t j, auto lanes) { lanes.store(products + j, zero()); });
  std::size_t i = 0;
  const auto add_group = [&](auto rows) {
    for_each_register(n, [&](std::size_t j, auto lanes) {
      const vf sum = group_sum(rows, a + i * lda + j, lda, x + i, lanes);
      lanes.store(products + j, lanes.load(products + j) + sum);
    });
  };
  // The row count is a constant for whole groups, so that the factors stay in registers over the columns.
  for (; i + group_rows <= m; i += group_rows) add_group(whole_group{});
  if (i < m) add_group(m - i);
}

// Calls body(lanes, stride) for rows of n <= 2 width columns and returns true: an array of one or two `whole` or
// first_lanes, and the stride as a constant for dense whole registers (weights of small layers), which puts a block of rows
// at fixed offsets from one pointer. Returns false if the rows are longer.
template <class Body>
bool with_narrow_rows(std::size_t n, std::size_t stride, const Body& body) noexcept {
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

// products_j = sum_i x_i A_ij for n <= wide_tile columns.
void scaled_rows(std::size_t m, std::size_t n, const float* a, std::size_t lda, const float* x,
                 float* products) noexcept {
  const bool done =
      with_narrow_rows(n, lda, [&](const auto& lanes, auto stride) { narrow(m, a, stride, x, lanes, products); });
  if (!done) wide(m, n, a, lda, x, products);
}

// ---- A += alpha x y^T ------------------------------------------------------------------------------------------------

// Calls body(first, count) for groups of 8 rows, but for those whose x are all zero: they would not change. Zeros come in
// runs (the margins of an image), so the branch is mostly foreseen; one a row is not, and costs more than it saves.
template <class Body>
inline void for_each_live_group(std::size_t m, const float* x, const Body& body) noexcept {
  std::size_t i = 0;
  for (; i + group_rows <= m; i += group_rows)
    if (!all_zero_8(x + i)) body(i, whole_group{});
  if (i < m) body(i, m - i);
}

// y stays in registers over all rows.
template <class Lanes, std::size_t registers, class Stride>
void update_narrow_rows(std::size_t m, float alpha, const float* x, const float* y, float* a, Stride lda,
                        const Lanes (&lanes)[registers]) noexcept {
  vf yv[registers];
  for (std::size_t v = 0; v < registers; ++v) yv[v] = lanes[v].load(y + v * width);
  const vf alphas = splat(alpha);
  for_each_live_group(m, x, [&](std::size_t first, auto rows) {
    float* row = a + first * lda;
    for (std::size_t i = 0; i < rows; ++i, row += lda) {
      const vf factor = alphas * splat(x[first + i]);
      for (std::size_t v = 0; v < registers; ++v)
        lanes[v].store(row + v * width, fma(factor, yv[v], lanes[v].load(row + v * width)));
    }
  });
}

void update_row(std::size_t n, float factor, const float* y, float* row) noexcept {
  const vf factors = splat(factor);
  for_each_register(n, [&](std::size_t j, auto lanes) {
    lanes.store(row + j, fma(factors, lanes.load(y + j), lanes.load(row + j)));
  });
}

}  // namespace

template <class Isa>
void gemv_kernels<Isa>::n(std::size_t m, std::size_t n, const float* a, std::size_t lda, const float* x, float beta,
                          float* y, const raw_epilogue& epilogue) noexcept {
  constexpr std::size_t block = 16 * dot_rows;
  alignas(64) float products[block];
  for (std::size_t first = 0; first < m; first += block) {
    const std::size_t rows = smaller(block, m - first);
    dots(rows, n, a + first * lda, lda, x, products);
    finish_row(rows, products, beta, y + first, advanced(epilogue, first));
  }
}

template <class Isa>
void gemv_kernels<Isa>::t(std::size_t m, std::size_t n, const float* a, std::size_t lda, const float* x, float beta,
                          float* y, const raw_epilogue& epilogue) noexcept {
  alignas(64) float products[wide_tile];
  for (std::size_t first = 0; first < n; first += wide_tile) {
    const std::size_t columns = smaller(wide_tile, n - first);
    scaled_rows(m, columns, a + first, lda, x, products);
    finish_row(columns, products, beta, y + first, advanced(epilogue, first));
  }
}

template <class Isa>
void gemv_kernels<Isa>::ger(std::size_t m, std::size_t n, float alpha, const float* x, const float* y, float* a,
                            std::size_t lda) noexcept {
  const bool done = with_narrow_rows(
      n, lda, [&](const auto& lanes, auto stride) { update_narrow_rows(m, alpha, x, y, a, stride, lanes); });
  if (done) return;
  for_each_live_group(m, x, [&](std::size_t first, auto rows) {
    for (std::size_t i = first; i < first + rows; ++i) update_row(n, alpha * x[i], y, a + i * lda);
  });
}

template struct gemv_kernels<this_isa>;

}  // namespace lanewise
