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
[[gnu::noinline]] void update_narrow(const spmm_call& call, Stride ldc, const Lanes (&lanes)[registers]) noexcept {
  for (std::size_t i = 0; i < call.a.rows; ++i) {
    const listed row = row_of(call.a, i);
    vf y[registers];
    for (std::size_t v = 0; v < registers; ++v) y[v] = lanes[v].load(call.b + i * call.ldb + v * width);
    update_listed_rows(row.count, call.c, ldc, row.index, row.value, y, lanes);
  }
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
    product_of_rows(product, [&](auto stride) { return listed_rows{call.b, stride, row.index}; });
  }
}

template <class Isa>
void sparse_rows_kernels<Isa>::tn(const spmm_call& call) noexcept {
  const bool done = with_narrow_rows(
      call.n, call.ldc, [&](const auto& lanes, auto stride) { update_narrow(call, stride, lanes); });
  if (done) return;
  for (std::size_t i = 0; i < call.a.rows; ++i) {
    const listed row = row_of(call.a, i);
    for (std::size_t p = 0; p < row.count; ++p)
      update_row(call.n, row.value[p], call.b + i * call.ldb, call.c + row.index[p] * call.ldc);
  }
}

template struct sparse_rows_kernels<this_isa>;

}  // namespace lanewise
