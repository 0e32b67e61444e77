// SPDX-License-Identifier: MIT
// The parameters from which every timed training starts: those after 4096 steps of one sample, so that as many units are dead
// and the gradients are as large as in the midst of a training.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <lanewise/model/mlp.hpp>

namespace lanewise::bench {

// "784-H-Hr-10"
std::string residual_layers(std::size_t hidden);

// Trained at the first call, kept.
const mlp& start_net(std::string_view layers);

}  // namespace lanewise::bench
