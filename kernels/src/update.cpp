// SPDX-License-Identifier: MIT
#include <lanewise/update.hpp>

#include <cmath>

#include <lanewise/math.hpp>

#include "dispatch.hpp"
#include "expects.hpp"
#include "per_isa.hpp"

namespace lanewise {

void sgd(float lr, std::span<const float> g, std::span<float> w) noexcept {
  LANEWISE_EXPECTS(g.size() == w.size(), "sgd: g.size() must equal w.size()");
  const auto kernel = active_kernel([]<class I> { return &update_kernels<I>::sgd; });
  kernel(g.size(), lr, g.data(), w.data());
}

void update(const update_step& step, std::span<const float> g, std::span<float> w, std::span<float> state) noexcept {
  const optimizer_settings& o = step.settings;
  LANEWISE_EXPECTS(is_known(o.which), "update: step.settings.which must be one of all_optimizers");
  LANEWISE_EXPECTS(step.t > 0, "update: step.t must be at least 1");
  LANEWISE_EXPECTS(g.size() == w.size(), "update: g.size() must equal w.size()");
  LANEWISE_EXPECTS(state.size() == traits(o.which).states * w.size(),
                   "update: state.size() must be traits(step.settings.which).states * w.size()");
  const auto bias = [&](double beta) { return traits(o.which).has_betas ? 1 - power(beta, step.t) : 1; };
  const auto kernel = active_kernel([]<class I> { return &update_kernels<I>::update; });
  kernel({step, bias(o.beta1), bias(o.beta2), w.size(), g.data(), w.data(), state.data()});
}

double nrm2(std::span<const float> x) noexcept {
  const auto kernel = active_kernel([]<class I> { return &update_kernels<I>::sum_of_squares; });
  return std::sqrt(kernel(x.size(), x.data()));
}

}  // namespace lanewise
