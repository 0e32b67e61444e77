// SPDX-License-Identifier: MIT
// Steps of an optimiser to try, and states that they may meet.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include <lanewise/update.hpp>

namespace lanewise::test {

// A first step with the defaults; a late one, clipped, with decay and other numbers throughout; a long one.
inline std::array<update_step, 3> update_steps(optimizer which) {
  const optimizer_settings other{.which = which, .weight_decay = 0.13, .momentum = 0.53, .beta1 = 0.81, .beta2 = 0.99,
                                 .alpha = 0.91, .eps = 1e-3};
  return {update_step{.settings = default_settings(which), .lr = traits(which).lr},
          update_step{.settings = other, .lr = 0.0371, .t = 1234, .gradient_scale = 0.37},
          update_step{.settings = {.which = which, .weight_decay = 0.5}, .lr = 1, .t = 7}};
}

// Bits of floats. An optimiser with eps keeps averages of squares, in its last array.
inline void make_squares_positive(optimizer which, std::span<std::uint32_t> state) {
  if (!traits(which).has_eps) return;
  for (std::uint32_t& bits : state.last(state.size() / traits(which).states)) bits &= 0x7fffffffu;
}

}  // namespace lanewise::test
