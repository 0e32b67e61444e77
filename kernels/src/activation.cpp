// SPDX-License-Identifier: MIT
#include <lanewise/activation.hpp>

#include "dispatch.hpp"
#include "expects.hpp"
#include "per_isa.hpp"

namespace lanewise {

void activate(activation act, std::span<const float> x, std::span<float> y) noexcept {
  LANEWISE_EXPECTS(is_valid(act), "activate: act must be a valid activation");
  LANEWISE_EXPECTS(x.size() == y.size(), "activate: x.size() must equal y.size()");
  const auto kernel = active_kernel([]<class I> { return &activation_kernels<I>::forward; });
  kernel(act, x.size(), x.data(), y.data());
}

void activate_backward(activation act, std::span<const float> x, std::span<const float> dy,
                       std::span<float> dx) noexcept {
  LANEWISE_EXPECTS(is_valid(act), "activate_backward: act must be a valid activation");
  LANEWISE_EXPECTS(x.size() == dy.size(), "activate_backward: x.size() must equal dy.size()");
  LANEWISE_EXPECTS(x.size() == dx.size(), "activate_backward: x.size() must equal dx.size()");
  const auto kernel = active_kernel([]<class I> { return &activation_kernels<I>::backward; });
  kernel(act, x.size(), x.data(), dy.data(), dx.data());
}

}  // namespace lanewise
