// SPDX-License-Identifier: MIT
#include "per_isa.hpp"
#include "simd/cache_sizes.hpp"
#include "simd/pixels.hpp"
#include "simd/row_sums.hpp"
#include "simd/row_updates.hpp"
#include "simd/rows_of_c.hpp"

namespace lanewise {

using namespace simd;

namespace {

struct listed {
  std::size_t count;
  const std::uint32_t* index;
  const float* value;
};

inline listed row_of(const raw_sparse_rows& a, std::size_t i) noexcept {
  return {a.starts[i + 1] - a.starts[i], a.index + a.starts[i], a.value + a.starts[i]};
}

template <class Stride, class Columns>
[[gnu::noinline]] void update_columns(const spmm_call& call, Stride ldc, Columns columns) noexcept {
  const auto lanes = columns.lanes();
  for (std::size_t i = 0; i < call.a.rows; ++i) {
    const listed row = row_of(call.a, i);
    vf y[lanes.registers];
    for (std::size_t v = 0; v < lanes.registers; ++v) y[v] = lanes.load(call.b + i * call.ldb, v);
    update_listed_rows(row.count, call.c, ldc, row.index, row.value, y, lanes);
  }
}

// Rows from a list come in no order that a prefetcher could foresee: wide ones gain nothing from being taken whole, and in tiles
// of columns what is summed, or added, stays in registers.
constexpr std::size_t sum_tile = 4 * width;

// Of the product of one row of A the columns from `first` on, at most sum_tile of them.
inline void product_of_tile(gemv_call tile, const std::uint32_t* index, std::size_t first) noexcept {
  tile.n = smaller(sum_tile, tile.n - first);
  if (tile.m > 0) tile.a += first;  // a B without rows may be null
  tile.y += first;
  if (tile.epilogue.bias != nullptr) tile.epilogue.bias += first;
  if (tile.epilogue.residual != nullptr) tile.epilogue.residual += first;
  if (tile.n == sum_tile)
    narrow_product(tile.m, whole_row<sum_tile / width>{}, listed_rows{tile.a, tile.lda, index}, tile.x, output_vector{tile});
  else
    product_of_rows(tile.m, tile.n, tile.lda, [&](auto stride) { return listed_rows{tile.a, stride, index}; }, tile.x,
                    output_vector{tile});
}

// All columns.
inline void product_in_tiles(const gemv_call& call, const std::uint32_t* index) noexcept {
  for (std::size_t j = 0; j < call.n; j += sum_tile) product_of_tile(call, index, j);
}

// The same in blocks, as an activation needs that is not inline.
[[gnu::noinline]] void product_in_blocks(const gemv_call& call, const std::uint32_t* index) noexcept {
  in_blocks(call, call.n, [=](std::size_t first, std::size_t count, gemv_call& part) {
    if (part.m > 0) part.a += first;
    part.n = count;
    product_in_tiles(part, index);
  });
}

}  // namespace

// i < limit for limits up to 2^31: i itself has no top bit, i - limit has one. SSE2 has no maximum of unsigned integers.
template <class Isa>
bool sparse_rows_kernels<Isa>::all_below(std::uint32_t limit, std::size_t n, const std::uint32_t* index) noexcept {
  const vi limits(static_cast<std::int32_t>(limit));
  vi wrong(0);  // whose top bits are those of an index that is too large
  std::size_t i = 0;
#pragma GCC unroll 4
  for (; i + width <= n; i += width) {
    const vi x = vi::load_unaligned(reinterpret_cast<const std::int32_t*>(index + i));
    wrong = wrong | x | ~(x - limits);
  }
  std::int32_t lanes[width];
  wrong.store_unaligned(lanes);
  std::uint32_t any = 0;
  for (const std::int32_t lane : lanes) any |= static_cast<std::uint32_t>(lane);
  for (; i < n; ++i) any |= index[i] | ~(index[i] - limit);
  return any >> 31 == 0;
}

template <class Isa>
std::size_t sparse_rows_kernels<Isa>::nonzero_pixels(const pixels_call& call) noexcept {
  return call.bits == nullptr ? list_pixels<false>(call) : list_pixels<true>(call);
}

// Row by row, whose lists stay in L1; but a B beyond L2 tile by tile, so that many rows of A find its columns there: 64 rows of
// pixels by 1040 columns take 0.9 times as long.
template <class Isa>
void sparse_rows_kernels<Isa>::nn(const spmm_call& call) noexcept {
  const auto product_of_row = [&](std::size_t i) {
    const listed row = row_of(call.a, i);
    raw_epilogue epilogue = call.epilogue;
    if (epilogue.residual != nullptr) epilogue.residual += i * epilogue.residual_stride;
    return gemv_call{row.count, call.n, call.b, call.ldb, row.value, 0, call.c + i * call.ldc, epilogue};
  };
  const auto index_of_row = [&](std::size_t i) { return row_of(call.a, i).index; };
  if (!is_inline(call.epilogue.act)) {
    for (std::size_t i = 0; i < call.a.rows; ++i) product_in_blocks(product_of_row(i), index_of_row(i));
  } else if (fits_l2(call.a.cols, call.n)) {
    for (std::size_t i = 0; i < call.a.rows; ++i) product_in_tiles(product_of_row(i), index_of_row(i));
  } else {
    for (std::size_t j = 0; j < call.n; j += sum_tile)
      for (std::size_t i = 0; i < call.a.rows; ++i) product_of_tile(product_of_row(i), index_of_row(i), j);
  }
}

template <class Isa>
void sparse_rows_kernels<Isa>::tn(const spmm_call& call) noexcept {
  spmm_call rest = call;
  if (worth_rows_of_c(rest) && tell_where_elements_are(rest.a)) {
    const std::size_t done = update_rows_of_c(rest);
    rest.n -= done, rest.b += done, rest.c += done;
  }
  const auto tiles_of = [&]<std::size_t registers>(std::integral_constant<std::size_t, registers>) {
    constexpr std::size_t columns = registers * width;
    for (; rest.n >= columns; rest.n -= columns, rest.b += columns, rest.c += columns)
      update_columns(rest, rest.ldc, whole_row<registers>{});
  };
  tiles_of(std::integral_constant<std::size_t, 8>{});
  tiles_of(std::integral_constant<std::size_t, 4>{});
  if (rest.n == 0) return;
  const bool done =
      with_narrow_rows(rest.n, rest.ldc, [&](auto columns, auto stride) { update_columns(rest, stride, columns); });
  if (done) return;
  for (std::size_t i = 0; i < rest.a.rows; ++i) {
    const listed row = row_of(rest.a, i);
    for (std::size_t p = 0; p < row.count; ++p)
      update_row(rest.n, row.value[p], rest.b + i * rest.ldb, rest.c + row.index[p] * rest.ldc);
  }
}

template struct sparse_rows_kernels<this_isa>;

}  // namespace lanewise
