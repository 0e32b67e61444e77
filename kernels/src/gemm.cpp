// SPDX-License-Identifier: MIT
#include <lanewise/gemm.hpp>

#include <algorithm>

#include "dispatch.hpp"
#include "epilogue.hpp"
#include "expects.hpp"

namespace lanewise {
namespace {

bool is_plain(float beta, const epilogue& e) noexcept {
  return beta == 0 && e.bias.empty() && e.residual.data() == nullptr && e.act.kind == activation_kind::identity;
}

gemm_call make_call(std::size_t k, const matrix_view<const float>& a, const matrix_view<const float>& b,
                    const matrix_view<float>& c, float beta, const epilogue& epilogue, std::span<std::byte> scratch) noexcept {
  return {c.rows(), c.cols(), k,    a.data(),      a.stride(),     b.data(),      b.stride(),
          c.data(), c.stride(), beta, raw(epilogue), scratch.data(), scratch.size()};
}

}  // namespace

void gemm_nn(const matrix_view<const float>& a, const matrix_view<const float>& b, const matrix_view<float>& c, float beta,
             const epilogue& epilogue, std::span<std::byte> scratch) noexcept {
  LANEWISE_EXPECTS(a.rows() == c.rows(), "gemm_nn: a.rows() must equal c.rows()");
  LANEWISE_EXPECTS(a.cols() == b.rows(), "gemm_nn: a.cols() must equal b.rows()");
  LANEWISE_EXPECTS(b.cols() == c.cols(), "gemm_nn: b.cols() must equal c.cols()");
  LANEWISE_EXPECTS(is_valid(epilogue.act), "gemm_nn: epilogue.act must be a valid activation");
  LANEWISE_EXPECTS(bias_fits(epilogue, c.cols()), "gemm_nn: bias.size() must equal c.cols()");
  LANEWISE_EXPECTS(residual_fits(epilogue, c.rows(), c.cols()), "gemm_nn: residual must have the shape of c");
  if (is_plain(beta, epilogue)) {
    const auto kernel = active_kernel([]<class I> { return &gemm_kernels<I>::plain_nn; });
    return kernel(c.rows(), c.cols(), a.cols(), a.data(), a.stride(), b.data(), b.stride(), c.data(), c.stride(), scratch.data(),
                  scratch.size());
  }
  const auto kernel = active_kernel([]<class I> { return &gemm_kernels<I>::nn; });
  kernel(make_call(a.cols(), a, b, c, beta, epilogue, scratch));
}

void gemm_nt(const matrix_view<const float>& a, const matrix_view<const float>& b, const matrix_view<float>& c, float beta,
             const epilogue& epilogue, std::span<std::byte> scratch) noexcept {
  LANEWISE_EXPECTS(a.rows() == c.rows(), "gemm_nt: a.rows() must equal c.rows()");
  LANEWISE_EXPECTS(a.cols() == b.cols(), "gemm_nt: a.cols() must equal b.cols()");
  LANEWISE_EXPECTS(b.rows() == c.cols(), "gemm_nt: b.rows() must equal c.cols()");
  LANEWISE_EXPECTS(is_valid(epilogue.act), "gemm_nt: epilogue.act must be a valid activation");
  LANEWISE_EXPECTS(bias_fits(epilogue, c.cols()), "gemm_nt: bias.size() must equal c.cols()");
  LANEWISE_EXPECTS(residual_fits(epilogue, c.rows(), c.cols()), "gemm_nt: residual must have the shape of c");
  if (is_plain(beta, epilogue)) {
    const auto kernel = active_kernel([]<class I> { return &gemm_kernels<I>::plain_nt; });
    return kernel(c.rows(), c.cols(), a.cols(), a.data(), a.stride(), b.data(), b.stride(), c.data(), c.stride(), scratch.data(),
                  scratch.size());
  }
  const auto kernel = active_kernel([]<class I> { return &gemm_kernels<I>::nt; });
  kernel(make_call(a.cols(), a, b, c, beta, epilogue, scratch));
}

void gemm_tn(const matrix_view<const float>& a, const matrix_view<const float>& b, const matrix_view<float>& c, float beta,
             const epilogue& epilogue, std::span<std::byte> scratch) noexcept {
  LANEWISE_EXPECTS(a.cols() == c.rows(), "gemm_tn: a.cols() must equal c.rows()");
  LANEWISE_EXPECTS(a.rows() == b.rows(), "gemm_tn: a.rows() must equal b.rows()");
  LANEWISE_EXPECTS(b.cols() == c.cols(), "gemm_tn: b.cols() must equal c.cols()");
  LANEWISE_EXPECTS(is_valid(epilogue.act), "gemm_tn: epilogue.act must be a valid activation");
  LANEWISE_EXPECTS(bias_fits(epilogue, c.cols()), "gemm_tn: bias.size() must equal c.cols()");
  LANEWISE_EXPECTS(residual_fits(epilogue, c.rows(), c.cols()), "gemm_tn: residual must have the shape of c");
  if (is_plain(beta, epilogue)) {
    const auto kernel = active_kernel([]<class I> { return &gemm_kernels<I>::plain_tn; });
    return kernel(c.rows(), c.cols(), a.rows(), a.data(), a.stride(), b.data(), b.stride(), c.data(), c.stride(), scratch.data(),
                  scratch.size());
  }
  const auto kernel = active_kernel([]<class I> { return &gemm_kernels<I>::tn; });
  kernel(make_call(a.rows(), a, b, c, beta, epilogue, scratch));
}

std::size_t gemm_scratch_bytes(std::size_t m, std::size_t n, std::size_t k) noexcept {
  static constexpr auto fn = per_isa([]<class I> { return &gemm_kernels<I>::scratch_bytes; });
  std::size_t most = 0;
  for (const auto bytes : fn) most = std::max(most, bytes(m, n, k));
  return most;
}

}  // namespace lanewise
