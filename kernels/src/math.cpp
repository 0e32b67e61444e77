// SPDX-License-Identifier: MIT
#include <lanewise/math.hpp>

#include "dispatch.hpp"
#include "expects.hpp"
#include "per_isa.hpp"

namespace lanewise {

void exp(std::span<const float> x, std::span<float> y) noexcept {
  LANEWISE_EXPECTS(x.size() == y.size(), "exp: x.size() must equal y.size()");
  const auto kernel = active_kernel([]<class I> { return &math_kernels<I>::exp; });
  kernel(x.size(), x.data(), y.data());
}

void log(std::span<const float> x, std::span<float> y) noexcept {
  LANEWISE_EXPECTS(x.size() == y.size(), "log: x.size() must equal y.size()");
  const auto kernel = active_kernel([]<class I> { return &math_kernels<I>::log; });
  kernel(x.size(), x.data(), y.data());
}

double power(double base, std::uint64_t exponent) noexcept {
  double result = 1;
  for (; exponent > 0; exponent >>= 1, base *= base)
    if (exponent & 1) result *= base;
  return result;
}

}  // namespace lanewise
