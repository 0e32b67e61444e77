// SPDX-License-Identifier: MIT
// What backward() has left in its workspace, step by step against the same step in double.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include <lanewise/model/mlp.hpp>
#include <lanewise/model/workspace.hpp>

#include "reference_net.hpp"

namespace lanewise {

struct sample {
  vec x;
  std::int32_t label = 0;
};

struct float_steps_result {
  double error = 0;      // the largest, as a share of its bound: see lanewise/model/gradient_check.hpp
  std::string worst;     // where that is
  std::string overflow;  // the first number that is not finite where a float cannot be; then nothing else counts
};

// `ws` after backward() of these samples.
float_steps_result check_float_steps(const mlp& net, workspace& ws, std::span<const sample> samples);

}  // namespace lanewise
