// SPDX-License-Identifier: MIT
#include "per_isa.hpp"
#include "simd/pixels.hpp"
#include "simd/row_sums.hpp"
#include "simd/row_updates.hpp"

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

template <class Stride, class Lanes, std::size_t registers>
[[gnu::noinline]] void update_columns(const spmm_call& call, Stride ldc, const Lanes (&lanes)[registers]) noexcept {
  for (std::size_t i = 0; i < call.a.rows; ++i) {
    const listed row = row_of(call.a, i);
    vf y[registers];
    for (std::size_t v = 0; v < registers; ++v) y[v] = lanes[v].load(call.b + i * call.ldb + v * width);
    update_listed_rows(row.count, call.c, ldc, row.index, row.value, y, lanes);
  }
}

// Rows from a list come in no order that a prefetcher could foresee: wide ones gain nothing from being taken whole, and in tiles
// of columns what is summed, or added, stays in registers.
constexpr std::size_t sum_tile = 4 * width;

// Columns `first` to first + count - 1 of a product.
inline gemv_call columns_of(gemv_call call, std::size_t first, std::size_t count) noexcept {
  call.n = count;
  call.a += first;
  call.y += first;
  if (call.epilogue.bias != nullptr) call.epilogue.bias += first;
  if (call.epilogue.residual != nullptr) call.epilogue.residual += first;
  return call;
}

void product_of_listed_rows(const gemv_call& call, const std::uint32_t* index) noexcept {
  if (!is_inline(call.epilogue.act)) {
    return in_blocks(call, call.n, [=](std::size_t first, std::size_t count, gemv_call& part) {
      part.a += first;
      part.n = count;
      product_of_listed_rows(part, index);
    });
  }
  std::size_t j = 0;
  for (; call.m > 0 && j + sum_tile <= call.n; j += sum_tile) {
    const gemv_call tile = columns_of(call, j, sum_tile);
    constexpr whole lanes[sum_tile / width] = {};
    narrow_product(tile, listed_rows{tile.a, tile.lda, index}, lanes);
  }
  if (j == call.n) return;
  const gemv_call rest = columns_of(call, j, call.n - j);
  product_of_rows(rest, [&](auto stride) { return listed_rows{rest.a, stride, index}; });
}

}  // namespace

template <class Isa>
std::size_t sparse_rows_kernels<Isa>::nonzero_pixels(const pixels_call& call) noexcept {
  return list_pixels(call);
}

template <class Isa>
void sparse_rows_kernels<Isa>::nn(const spmm_call& call) noexcept {
  for (std::size_t i = 0; i < call.a.rows; ++i) {
    const listed row = row_of(call.a, i);
    raw_epilogue epilogue = call.epilogue;
    if (epilogue.residual != nullptr) epilogue.residual += i * epilogue.residual_stride;
    const gemv_call product{row.count, call.n, call.b, call.ldb, row.value, 0, call.c + i * call.ldc, epilogue};
    product_of_listed_rows(product, row.index);
  }
}

template <class Isa>
void sparse_rows_kernels<Isa>::tn(const spmm_call& call) noexcept {
  spmm_call rest = call;
  const auto tiles_of = [&]<std::size_t registers>(std::integral_constant<std::size_t, registers>) {
    constexpr std::size_t columns = registers * width;
    constexpr whole lanes[registers] = {};
    for (; rest.n >= columns; rest.n -= columns, rest.b += columns, rest.c += columns)
      update_columns(rest, rest.ldc, lanes);
  };
  tiles_of(std::integral_constant<std::size_t, 8>{});
  tiles_of(std::integral_constant<std::size_t, 4>{});
  if (rest.n == 0) return;
  const bool done = with_narrow_rows(
      rest.n, rest.ldc, [&](const auto& lanes, auto stride) { update_columns(rest, stride, lanes); });
  if (done) return;
  for (std::size_t i = 0; i < rest.a.rows; ++i) {
    const listed row = row_of(rest.a, i);
    for (std::size_t p = 0; p < row.count; ++p)
      update_row(rest.n, row.value[p], rest.b + i * rest.ldb, rest.c + row.index[p] * rest.ldc);
  }
}

template struct sparse_rows_kernels<this_isa>;

}  // namespace lanewise
