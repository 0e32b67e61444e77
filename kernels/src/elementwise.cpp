// SPDX-License-Identifier: MIT
#include <lanewise/elementwise.hpp>

#include "dispatch.hpp"
#include "expects.hpp"
#include "per_isa.hpp"

namespace lanewise {

void add(std::span<const float> a, std::span<const float> b, std::span<float> out) noexcept {
  LANEWISE_EXPECTS(a.size() == b.size(), "add: a.size() must equal b.size()");
  LANEWISE_EXPECTS(a.size() == out.size(), "add: a.size() must equal out.size()");
  const auto kernel = active_kernel([]<class I> { return &elementwise_kernels<I>::add; });
  kernel(a.size(), a.data(), b.data(), out.data());
}

void add_relu(std::span<const float> z, std::span<const float> r, std::span<float> out) noexcept {
  LANEWISE_EXPECTS(z.size() == r.size(), "add_relu: z.size() must equal r.size()");
  LANEWISE_EXPECTS(z.size() == out.size(), "add_relu: z.size() must equal out.size()");
  const auto kernel = active_kernel([]<class I> { return &elementwise_kernels<I>::add_relu; });
  kernel(z.size(), z.data(), r.data(), out.data());
}

void add_relu_backward(std::span<const float> z, std::span<const float> dout, std::span<float> dz,
                       std::span<float> dr) noexcept {
  LANEWISE_EXPECTS(z.size() == dout.size(), "add_relu_backward: z.size() must equal dout.size()");
  LANEWISE_EXPECTS(z.size() == dz.size(), "add_relu_backward: z.size() must equal dz.size()");
  LANEWISE_EXPECTS(z.size() == dr.size(), "add_relu_backward: z.size() must equal dr.size()");
  const auto kernel = active_kernel([]<class I> { return &elementwise_kernels<I>::add_relu_backward; });
  kernel(z.size(), z.data(), dout.data(), dz.data(), dr.data());
}

void axpy(float alpha, std::span<const float> x, std::span<float> y) noexcept {
  LANEWISE_EXPECTS(x.size() == y.size(), "axpy: x.size() must equal y.size()");
  const auto kernel = active_kernel([]<class I> { return &elementwise_kernels<I>::axpy; });
  kernel(x.size(), alpha, x.data(), y.data());
}

void column_sums(const matrix_view<const float>& a, std::span<float> y, float beta) noexcept {
  LANEWISE_EXPECTS(a.cols() == y.size(), "column_sums: a.cols() must equal y.size()");
  const auto kernel = active_kernel([]<class I> { return &elementwise_kernels<I>::column_sums; });
  kernel(a.rows(), a.cols(), a.data(), a.stride(), beta, y.data());
}

}  // namespace lanewise
