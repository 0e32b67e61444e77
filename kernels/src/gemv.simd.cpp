// SPDX-License-Identifier: MIT
#include <type_traits>

#include "per_isa.hpp"
#include "simd/cache_sizes.hpp"
#include "simd/dot.hpp"
#include "simd/finish.hpp"
#include "simd/row_sums.hpp"
#include "simd/row_updates.hpp"

namespace lanewise {

using namespace simd;

namespace {

// Each case below is a function of its own: small products shall not pay for the registers and the stack of large ones.

// ---- y = A x: dot products -------------------------------------------------------------------------------------------

using register_of_rows = std::integral_constant<std::size_t, width>;  // a row count that the compiler knows

// Outputs come a register at a time: rows_of_sums(first, count, sums) makes the sums of `count` rows from `first` on, and
// zeros up to `width`.
template <class Out, class RowsOfSums>
[[gnu::always_inline]] inline void put_products(std::size_t m, Out out, const RowsOfSums& rows_of_sums) noexcept {
  std::size_t first = 0;
  for (; first + width <= m; first += width) {
    vf sums[width];
    rows_of_sums(first, register_of_rows{}, sums);
    out.put(first, tree_sums(sums) + zero(), whole{});
  }
  if (first == m) return;
  vf sums[width];
  rows_of_sums(first, m - first, sums);
  out.put(first, tree_sums(sums) + zero(), first_lanes(m - first));
}

template <class Columns, class Out>
[[gnu::noinline]] void short_products(std::size_t m, Columns columns, const float* a, std::size_t lda, const float* x,
                                      Out out) noexcept {
  const short_row row(columns.lanes(), x);
  put_products(m, out, [&](std::size_t first, auto rows, vf* sums) __attribute__((always_inline)) {
    const float* from = a + first * lda;
#pragma GCC unroll 16
    for (std::size_t r = 0; r < width; ++r, from += lda) sums[r] = r < rows ? row.dot(from) : zero();
  });
}

// So many rows at a time that they are whole registers of outputs, and as many as dots() likes: 24 on avx2, 3 of 8 or 8 of 3.
constexpr std::size_t rows_at_a_time = width % dot_rows == 0 ? width : width * dot_rows;

// Which rows share the loads of x. Out of L2 four, summed up by fours, take 0.76 to 0.95 of the time that two need (16 to 64 rows
// of 784 to 8000, Emerald Rapids), and eight longer than either; out of L3 one row, better than three or eight by 13 to 24 %, while
// x stays in L1; out of DRAM as many as there are.
enum class sharing { four, none, most };

inline sharing sharing_of(std::size_t m, std::size_t n) noexcept {
  constexpr std::size_t x_in_l1 = 4096;
  if (fits_l2(m, n)) return dot_rows < 8 ? sharing::most : sharing::four;
  return fits_l3(m, n) && n <= x_in_l1 ? sharing::none : sharing::most;
}

// A function of its own: in the loop clang keeps the choice as an address on the stack, which no check of its code can follow.
[[gnu::noinline]] void dots_of_rows(sharing way, std::size_t m, std::size_t n, const float* a, std::size_t lda, const float* x,
                                    vf* sums) noexcept {
  if constexpr (dot_rows == 8) {
    if (way == sharing::four) return dots<4>(m, n, a, lda, x, sums);
  }
  if (way == sharing::none) return dots<1>(m, n, a, lda, x, sums);
  dots<dot_rows>(m, n, a, lda, x, sums);
}

#if defined(__AVX512F__)
// Sixteen rows at a time by fours, which are summed up to one register at once: sixteen sums would go over memory. Returns how many
// rows that is.
template <class Out>
[[gnu::noinline]] std::size_t products_by_fours(std::size_t m, std::size_t n, const float* a, std::size_t lda, const float* x,
                                                Out out) noexcept {
  std::size_t done = 0;
  for (; done + 16 <= m; done += 16) {
    vf fours[4];
    for (std::size_t i = 0; i < 4; ++i) {
      vf sums[4];
      dot<4>(n, a + (done + 4 * i) * lda, lda, x, sums);
      fours[i] = sums_of_four(sums);
    }
    out.put(done, tree_sums_of_fours(fours) + zero(), whole{});
  }
  return done;
}
#endif

template <class Out>
[[gnu::noinline]] void long_products(std::size_t m, std::size_t n, const float* a, std::size_t lda, const float* x,
                                     Out out) noexcept {
  vf sums[rows_at_a_time / width][width];
  const sharing way = sharing_of(m, n);
  std::size_t done = 0;
#if defined(__AVX512F__)
  if (way == sharing::four) done = products_by_fours(m, n, a, lda, x, out);
#endif
  for (std::size_t first = done; first < m; first += rows_at_a_time) {
    const std::size_t rows = smaller(rows_at_a_time, m - first);
    for (std::size_t r = rows; r % width != 0; ++r) sums[r / width][r % width] = zero();
    dots_of_rows(way, rows, n, a + first * lda, lda, x, sums[0]);
    for_each_register(rows, [&](std::size_t r, auto lanes) { out.put(first + r, tree_sums(sums[r / width]) + zero(), lanes); });
  }
}

// Rows of at most dot_lanes columns: there is nothing to loop over but rows.
template <std::size_t registers = dot_registers, class Out>
void products(std::size_t m, std::size_t n, const float* a, std::size_t lda, const float* x, Out out) noexcept {
  if (n > registers * width) return long_products(m, n, a, lda, x, out);
  if (n == registers * width) return short_products(m, whole_row<registers>{}, a, lda, x, out);
  if (n > (registers - 1) * width) return short_products(m, partial_row<registers>{n}, a, lda, x, out);
  if constexpr (registers > 1)
    products<registers - 1>(m, n, a, lda, x, out);
  else
    put_zeros(m, out);
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
template <class Columns, class Stride>
[[gnu::noinline]] void update_narrow_rows(std::size_t m, Columns columns, float alpha, const float* x, const float* y, float* a,
                                          Stride lda) noexcept {
  const auto lanes = columns.lanes();
  vf yv[lanes.registers];
  for (std::size_t v = 0; v < lanes.registers; ++v) yv[v] = lanes.load(y, v);
  const vf alphas = splat(alpha);
  for_each_live_group(m, x, [&](std::size_t first, auto rows) {
    float* row = a + first * lda;
    for (std::size_t i = 0; i < rows; ++i, row += lda) {
      const vf factor = alphas * splat(x[first + i]);
      for (std::size_t v = 0; v < lanes.registers; ++v) lanes.store(row, v, fma(factor, yv[v], lanes.load(row, v)));
    }
  });
}

// In tiles of columns, each down all rows of an A in L1: y stays in registers, and ends of rows are made by code that knows how
// many registers they are. Row by row takes longer: on avx512 10 x 100 1.8 times, 64 x 64 1.5, 128 x 95 2.3, 24 x 384 1.1; on avx2
// 64 x 64 1.5, 24 x 384 1.2, but 10 x 100 0.93 (Emerald Rapids).
constexpr bool worth_tiles_of_rows(std::size_t m, std::size_t n) noexcept {
  constexpr std::size_t floats_of_l1 = 12288;  // 48 KB
  return width >= 8 && m > 0 && holds(floats_of_l1, m, n);
}

[[gnu::noinline]] void update_tiles(std::size_t m, std::size_t n, float alpha, const float* x, const float* y, float* a,
                                    std::size_t lda) noexcept {
  for_each_tile_of_columns<8>(n, [&](std::size_t first, auto columns) {
    update_narrow_rows(m, columns, alpha, x, y + first, a + first, lda);
  });
}

// Eight rows at once, a part of each: as many streams for the prefetcher. Parts of four registers, as rows whole pages apart meet
// (see map_registers): two took 1.1 to 1.4 times as long on avx512. From DRAM rows one by one took 1.3 times as long; in
// cache eight at once take up to 2.2 times (16 MB on avx512).
template <class Rows>
void update_rows(Rows rows, std::size_t n, float alpha, const float* x, const float* y, float* a,
                 std::size_t lda) noexcept {
  constexpr std::size_t at_once = 4, part = at_once * width;
  std::size_t j = 0;
  for (; j + part <= n; j += part)
    for (std::size_t r = 0; r < rows; ++r) update_row<at_once>(part, alpha * x[r], y + j, a + r * lda + j);
  for (std::size_t r = 0; r < rows && j < n; ++r) update_row<at_once>(n - j, alpha * x[r], y + j, a + r * lda + j);
}

template <std::size_t at_once>
void update_row_by_row(std::size_t m, std::size_t n, float alpha, const float* x, const float* y, float* a,
                       std::size_t lda) noexcept {
  for_each_live_group(m, x, [&](std::size_t first, auto rows) {
    for (std::size_t i = first; i < first + rows; ++i) update_row<at_once>(n, alpha * x[i], y, a + i * lda);
  });
}

[[gnu::noinline]] void update_wide_rows(std::size_t m, std::size_t n, float alpha, const float* x, const float* y, float* a,
                                        std::size_t lda) noexcept {
  if (!fits_l3(m, n)) {
    for_each_live_group(m, x, [&](std::size_t first, auto rows) {
      update_rows(rows, n, alpha, x + first, y, a + first * lda, lda);
    });
    return;
  }
  if (fits_l2(m, n)) return update_row_by_row<short_body>(m, n, alpha, x, y, a, lda);
  update_row_by_row<8>(m, n, alpha, x, y, a, lda);  // of avx2 1024 x 1024 took 1.14 times as long four registers at once
}

}  // namespace

template <class Isa>
void gemv_kernels<Isa>::n(const gemv_call& call) noexcept {
  if (is_plain(call)) return plain_n(call.m, call.n, call.a, call.lda, call.x, call.y);
  if (!is_inline(call.epilogue.act)) {
    return in_blocks(call, call.m, [](std::size_t first, std::size_t count, gemv_call& part) {
      part.a += first * part.lda;
      part.m = count;
      n(part);
    });
  }
  products(call.m, call.n, call.a, call.lda, call.x, output_vector{call});
}

template <class Isa>
void gemv_kernels<Isa>::plain_n(std::size_t m, std::size_t n, const float* a, std::size_t lda, const float* x,
                                float* y) noexcept {
  products(m, n, a, lda, x, plain_vector{y});
}

template <class Isa>
void gemv_kernels<Isa>::t(const gemv_call& call) noexcept {
  if (is_plain(call)) return plain_t(call.m, call.n, call.a, call.lda, call.x, call.y);
  if (!is_inline(call.epilogue.act)) {
    return in_blocks(call, call.n, [](std::size_t first, std::size_t count, gemv_call& part) {
      part.a += first;
      part.n = count;
      t(part);
    });
  }
  product_of_rows(call.m, call.n, call.lda, [&](auto stride) { return all_rows{call.a, stride}; }, call.x,
                  output_vector{call});
}

template <class Isa>
void gemv_kernels<Isa>::plain_t(std::size_t m, std::size_t n, const float* a, std::size_t lda, const float* x,
                                float* y) noexcept {
  product_of_rows(m, n, lda, [&](auto stride) { return all_rows{a, stride}; }, x, plain_vector{y});
}

template <class Isa>
void gemv_kernels<Isa>::ger(std::size_t m, std::size_t n, float alpha, const float* x, const float* y, float* a,
                            std::size_t lda) noexcept {
  const bool done = with_narrow_rows(
      n, lda, [&](auto columns, auto stride) { update_narrow_rows(m, columns, alpha, x, y, a, stride); });
  if (done) return;
  if (worth_tiles_of_rows(m, n)) return update_tiles(m, n, alpha, x, y, a, lda);
  update_wide_rows(m, n, alpha, x, y, a, lda);
}

template struct gemv_kernels<this_isa>;

}  // namespace lanewise
