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
  static constexpr auto fn = per_isa([]<class I> { return &update_kernels<I>::sgd; });
  fn[active_index()](g.size(), lr, g.data(), w.data());
}

void update(const update_step& step, std::span<const float> g, std::span<float> w, std::span<float> state) noexcept {
  const optimizer_settings& o = step.settings;
  LANEWISE_EXPECTS(is_known(o.which), "update: step.settings.which must be one of all_optimizers");
  LANEWISE_EXPECTS(step.t > 0, "update: step.t must be at least 1");
  LANEWISE_EXPECTS(g.size() == w.size(), "update: g.size() must equal w.size()");
  LANEWISE_EXPECTS(state.size() == traits(o.which).states * w.size(),
                   "update: state.size() must be traits(step.settings.which).states * w.size()");
  static constexpr auto fn = per_isa([]<class I> { return &update_kernels<I>::update; });
  fn[active_index()]({step, 1 - power(o.beta1, step.t), 1 - power(o.beta2, step.t), w.size(), g.data(), w.data(),
                      state.data()});
}

double nrm2(std::span<const float> x) noexcept {
  static constexpr auto fn = per_isa([]<class I> { return &update_kernels<I>::sum_of_squares; });
  return std::sqrt(fn[active_index()](x.size(), x.data()));
}

}  // namespace lanewise
