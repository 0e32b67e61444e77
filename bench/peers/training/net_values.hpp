// SPDX-License-Identifier: MIT
#pragma once

#include <lanewise/model/mlp.hpp>

#include "contender.hpp"

namespace lanewise::bench {

// The parameters of a net of three layers in the order of layer_values.
std::array<layer_values, 3> values_of(const mlp& net);

}  // namespace lanewise::bench
