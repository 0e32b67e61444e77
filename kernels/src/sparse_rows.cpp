// SPDX-License-Identifier: MIT
#include <lanewise/sparse_rows.hpp>

#include <algorithm>

#include "dispatch.hpp"
#include "epilogue.hpp"
#include "expects.hpp"

namespace lanewise {
namespace {

static_assert(least_columns_for_bits == least_columns_of_rows_of_c);

// Without an early exit: the compiler vectorises it.
[[maybe_unused]] bool never_fall(std::span<const std::uint32_t> starts) noexcept {
  bool rising = true;
  for (std::size_t r = 1; r < starts.size(); ++r) rising &= starts[r - 1] <= starts[r];
  return rising;
}

[[maybe_unused]] bool all_below(std::size_t limit, std::span<const std::uint32_t> index) noexcept {
  const auto kernel = active_kernel([]<class I> { return &sparse_rows_kernels<I>::all_below; });
  return index.empty() ||
         (limit <= std::uint32_t{1} << 31 && kernel(static_cast<std::uint32_t>(limit), index.size(), index.data()));
}

template <class T>
T* data_or_null(std::span<T> s) noexcept { return s.empty() ? nullptr : s.data(); }

raw_sparse_rows raw(const sparse_rows& a) noexcept {
  return {a.rows(), a.cols(), a.starts().data(), a.index().data(), a.value().data(), data_or_null(a.bits())};
}

[[maybe_unused]] bool has_room_for(std::size_t rows, std::size_t cols, std::span<const std::uint64_t> bits) noexcept {
  std::size_t words = 0;
  return !__builtin_mul_overflow(rows, nonzero_bits_size(cols), &words) && words <= bits.size();
}

spmm_call make_call(const sparse_rows& a, const matrix_view<const float>& b, const matrix_view<float>& c,
                    const epilogue& epilogue) noexcept {
  return {raw(a), c.cols(), b.data(), b.stride(), c.data(), c.stride(), raw(epilogue)};
}

}  // namespace

sparse_rows::sparse_rows(std::size_t cols, std::span<const std::uint32_t> starts, std::span<const std::uint32_t> index,
                         std::span<const float> value, std::span<const std::uint64_t> bits) noexcept
    : cols_(cols), starts_(starts), index_(index), value_(value), bits_(bits) {
  LANEWISE_EXPECTS(index.size() == value.size(), "sparse_rows: index.size() must equal value.size()");
  if (starts.empty()) return;
  LANEWISE_EXPECTS(never_fall(starts) && starts.back() <= index.size(),
                   "sparse_rows: starts must not fall nor exceed index.size()");
  LANEWISE_EXPECTS(all_below(cols, index.subspan(starts.front(), starts.back() - starts.front())),
                   "sparse_rows: every index must be below cols");
  LANEWISE_EXPECTS(bits.empty() || has_room_for(rows(), cols, bits),
                   "sparse_rows: bits.size() must be 0 or at least rows() * nonzero_bits_size(cols)");
}

std::size_t nonzero_pixels(std::span<const std::uint8_t> bytes, std::span<std::uint32_t> index, std::span<float> value,
                           std::span<std::uint64_t> bits) noexcept {
  LANEWISE_EXPECTS(bytes.size() <= std::size_t{1} << 32, "nonzero_pixels: bytes.size() must be at most 2^32");
  LANEWISE_EXPECTS(index.size() >= pixel_list_size(bytes.size()),
                   "nonzero_pixels: index.size() must be at least pixel_list_size(bytes.size())");
  LANEWISE_EXPECTS(value.size() >= pixel_list_size(bytes.size()),
                   "nonzero_pixels: value.size() must be at least pixel_list_size(bytes.size())");
  LANEWISE_EXPECTS(bits.empty() || bits.size() >= nonzero_bits_size(bytes.size()),
                   "nonzero_pixels: bits.size() must be 0 or at least nonzero_bits_size(bytes.size())");
  const auto kernel = active_kernel([]<class I> { return &sparse_rows_kernels<I>::nonzero_pixels; });
  return kernel({bytes.size(), bytes.data(), bytes.data(), 0, index.data(), value.data(), data_or_null(bits),
                 uses_vbmi2.load(std::memory_order_relaxed)});
}

void spmm_nn(const sparse_rows& a, const matrix_view<const float>& b, const matrix_view<float>& c,
             const epilogue& epilogue) noexcept {
  LANEWISE_EXPECTS(a.rows() == c.rows(), "spmm_nn: a.rows() must equal c.rows()");
  LANEWISE_EXPECTS(a.cols() == b.rows(), "spmm_nn: a.cols() must equal b.rows()");
  LANEWISE_EXPECTS(b.cols() == c.cols(), "spmm_nn: b.cols() must equal c.cols()");
  LANEWISE_EXPECTS(is_valid(epilogue.act), "spmm_nn: epilogue.act must be a valid activation");
  LANEWISE_EXPECTS(bias_fits(epilogue, c.cols()), "spmm_nn: bias.size() must equal c.cols()");
  LANEWISE_EXPECTS(residual_fits(epilogue, c.rows(), c.cols()), "spmm_nn: residual must have the shape of c");
  const auto kernel = active_kernel([]<class I> { return &sparse_rows_kernels<I>::nn; });
  kernel(make_call(a, b, c, epilogue));
}

void spmm_tn(const sparse_rows& a, const matrix_view<const float>& b, const matrix_view<float>& c) noexcept {
  LANEWISE_EXPECTS(a.rows() == b.rows(), "spmm_tn: a.rows() must equal b.rows()");
  LANEWISE_EXPECTS(a.cols() == c.rows(), "spmm_tn: a.cols() must equal c.rows()");
  LANEWISE_EXPECTS(b.cols() == c.cols(), "spmm_tn: b.cols() must equal c.cols()");
  const auto kernel = active_kernel([]<class I> { return &sparse_rows_kernels<I>::tn; });
  kernel(make_call(a, b, c, {}));
}

}  // namespace lanewise
