// SPDX-License-Identifier: MIT
#include <lanewise/sparse_rows.hpp>

#include <algorithm>

#include "dispatch.hpp"
#include "epilogue.hpp"
#include "expects.hpp"

namespace lanewise {
namespace {

// Without early exits: the compiler vectorises these loops.

[[maybe_unused]] bool starts_fit(const sparse_rows& a) noexcept {
  if (a.starts.empty()) return true;
  bool rising = true;
  for (std::size_t r = 0; r < a.rows(); ++r) rising &= a.starts[r] <= a.starts[r + 1];
  return rising && a.starts.back() <= a.index.size() && a.index.size() == a.value.size();
}

// i < cols for cols <= 2^31: i itself has no top bit, i - cols has one. SSE2 has no maximum of 32-bit integers.
[[maybe_unused]] bool columns_fit(const sparse_rows& a) noexcept {
  if (a.starts.empty() || a.starts.front() == a.starts.back()) return true;
  const auto cols = static_cast<std::uint32_t>(a.cols);
  std::uint32_t any = 0, all = ~std::uint32_t{0};
#pragma GCC unroll 4
  for (const std::uint32_t i : a.index.subspan(a.starts.front(), a.starts.back() - a.starts.front())) {
    any |= i;
    all &= i - cols;
  }
  return a.cols <= std::uint32_t{1} << 31 && (~any & all) >> 31 != 0;
}

spmm_call make_call(const sparse_rows& a, matrix_view<const float> b, matrix_view<float> c,
                    const epilogue& epilogue) noexcept {
  return {{a.rows(), a.starts.data(), a.index.data(), a.value.data()}, c.cols(), b.data(), b.stride(), c.data(),
          c.stride(), raw(epilogue)};
}

}  // namespace

std::size_t nonzero_pixels(std::span<const std::uint8_t> bytes, std::span<std::uint32_t> index,
                           std::span<float> value) noexcept {
  LANEWISE_EXPECTS(bytes.size() <= std::size_t{1} << 32, "nonzero_pixels: bytes.size() must be at most 2^32");
  LANEWISE_EXPECTS(index.size() >= pixel_list_size(bytes.size()),
                   "nonzero_pixels: index.size() must be at least pixel_list_size(bytes.size())");
  LANEWISE_EXPECTS(value.size() >= pixel_list_size(bytes.size()),
                   "nonzero_pixels: value.size() must be at least pixel_list_size(bytes.size())");
  static constexpr auto fn = per_isa([]<class I> { return &sparse_rows_kernels<I>::nonzero_pixels; });
  return fn[active_index()]({bytes.size(), bytes.data(), 0, index.data(), value.data()});
}

void spmm_nn(const sparse_rows& a, matrix_view<const float> b, matrix_view<float> c, const epilogue& epilogue) noexcept {
  LANEWISE_EXPECTS(starts_fit(a), "spmm_nn: a.starts must not fall nor exceed index.size(), which must equal value.size()");
  LANEWISE_EXPECTS(columns_fit(a), "spmm_nn: every a.index must be below a.cols");
  LANEWISE_EXPECTS(a.rows() == c.rows(), "spmm_nn: a.rows() must equal c.rows()");
  LANEWISE_EXPECTS(a.cols == b.rows(), "spmm_nn: a.cols must equal b.rows()");
  LANEWISE_EXPECTS(b.cols() == c.cols(), "spmm_nn: b.cols() must equal c.cols()");
  LANEWISE_EXPECTS(is_valid(epilogue.act), "spmm_nn: epilogue.act must be a valid activation");
  LANEWISE_EXPECTS(bias_fits(epilogue, c.cols()), "spmm_nn: bias.size() must equal c.cols()");
  LANEWISE_EXPECTS(residual_fits(epilogue, c.rows(), c.cols()), "spmm_nn: residual must have the shape of c");
  static constexpr auto fn = per_isa([]<class I> { return &sparse_rows_kernels<I>::nn; });
  fn[active_index()](make_call(a, b, c, epilogue));
}

void spmm_tn(const sparse_rows& a, matrix_view<const float> b, matrix_view<float> c) noexcept {
  LANEWISE_EXPECTS(starts_fit(a), "spmm_tn: a.starts must not fall nor exceed index.size(), which must equal value.size()");
  LANEWISE_EXPECTS(columns_fit(a), "spmm_tn: every a.index must be below a.cols");
  LANEWISE_EXPECTS(a.rows() == b.rows(), "spmm_tn: a.rows() must equal b.rows()");
  LANEWISE_EXPECTS(a.cols == c.rows(), "spmm_tn: a.cols must equal c.rows()");
  LANEWISE_EXPECTS(b.cols() == c.cols(), "spmm_tn: b.cols() must equal c.cols()");
  static constexpr auto fn = per_isa([]<class I> { return &sparse_rows_kernels<I>::tn; });
  fn[active_index()](make_call(a, b, c, {}));
}

}  // namespace lanewise
