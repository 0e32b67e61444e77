// SPDX-License-Identifier: MIT
#include <lanewise/gemv.hpp>

#include "dispatch.hpp"
#include "epilogue.hpp"
#include "expects.hpp"

namespace lanewise {

void gemv(const matrix_view<const float>& a, std::span<const float> x, std::span<float> y) noexcept {
  LANEWISE_EXPECTS(x.size() == a.cols(), "gemv: x.size() must equal a.cols()");
  LANEWISE_EXPECTS(y.size() == a.rows(), "gemv: y.size() must equal a.rows()");
  const auto kernel = active_kernel([]<class I> { return &gemv_kernels<I>::plain_n; });
  kernel(a.rows(), a.cols(), a.data(), a.stride(), x.data(), y.data());
}

void gemv(const matrix_view<const float>& a, std::span<const float> x, std::span<float> y, float beta,
          const epilogue& epilogue) noexcept {
  LANEWISE_EXPECTS(x.size() == a.cols(), "gemv: x.size() must equal a.cols()");
  LANEWISE_EXPECTS(y.size() == a.rows(), "gemv: y.size() must equal a.rows()");
  LANEWISE_EXPECTS(is_valid(epilogue.act), "gemv: epilogue.act must be a valid activation");
  LANEWISE_EXPECTS(bias_fits(epilogue, y.size()), "gemv: bias.size() must equal y.size()");
  LANEWISE_EXPECTS(residual_fits(epilogue, 1, y.size()), "gemv: residual must be 1 x y.size()");
  const auto kernel = active_kernel([]<class I> { return &gemv_kernels<I>::n; });
  kernel({a.rows(), a.cols(), a.data(), a.stride(), x.data(), beta, y.data(), raw(epilogue)});
}

void gemv_t(const matrix_view<const float>& a, std::span<const float> x, std::span<float> y) noexcept {
  LANEWISE_EXPECTS(x.size() == a.rows(), "gemv_t: x.size() must equal a.rows()");
  LANEWISE_EXPECTS(y.size() == a.cols(), "gemv_t: y.size() must equal a.cols()");
  const auto kernel = active_kernel([]<class I> { return &gemv_kernels<I>::plain_t; });
  kernel(a.rows(), a.cols(), a.data(), a.stride(), x.data(), y.data());
}

void gemv_t(const matrix_view<const float>& a, std::span<const float> x, std::span<float> y, float beta,
            const epilogue& epilogue) noexcept {
  LANEWISE_EXPECTS(x.size() == a.rows(), "gemv_t: x.size() must equal a.rows()");
  LANEWISE_EXPECTS(y.size() == a.cols(), "gemv_t: y.size() must equal a.cols()");
  LANEWISE_EXPECTS(is_valid(epilogue.act), "gemv_t: epilogue.act must be a valid activation");
  LANEWISE_EXPECTS(bias_fits(epilogue, y.size()), "gemv_t: bias.size() must equal y.size()");
  LANEWISE_EXPECTS(residual_fits(epilogue, 1, y.size()), "gemv_t: residual must be 1 x y.size()");
  const auto kernel = active_kernel([]<class I> { return &gemv_kernels<I>::t; });
  kernel({a.rows(), a.cols(), a.data(), a.stride(), x.data(), beta, y.data(), raw(epilogue)});
}

void ger(float alpha, std::span<const float> x, std::span<const float> y, const matrix_view<float>& a) noexcept {
  LANEWISE_EXPECTS(x.size() == a.rows(), "ger: x.size() must equal a.rows()");
  LANEWISE_EXPECTS(y.size() == a.cols(), "ger: y.size() must equal a.cols()");
  const auto kernel = storing_kernel([]<class I> { return &gemv_kernels<I>::ger; });
  kernel(a.rows(), a.cols(), alpha, x.data(), y.data(), a.data(), a.stride());
}

}  // namespace lanewise
