// SPDX-License-Identifier: MIT
#include <lanewise/update.hpp>

#include "dispatch.hpp"
#include "expects.hpp"
#include "per_isa.hpp"

namespace lanewise {

void sgd(float lr, std::span<const float> g, std::span<float> w) noexcept {
  LANEWISE_EXPECTS(g.size() == w.size(), "sgd: g.size() must equal w.size()");
  static constexpr auto fn = per_isa([]<class I> { return &update_kernels<I>::sgd; });
  fn[active_index()](g.size(), lr, g.data(), w.data());
}

}  // namespace lanewise
