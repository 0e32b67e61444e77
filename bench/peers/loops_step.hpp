// SPDX-License-Identifier: MIT
// The rival: one SGD step of 784-16-16r-10 as plain C++ loops, without lanewise. Plain structs and one function,
// because loops_step.cpp is compiled once per ISA and may not bring inline functions of std into those objects.
#pragma once

#include <cstddef>
#include <cstdint>

namespace lanewise::bench {

inline constexpr int loops_inputs = 784;
inline constexpr int loops_hidden = 16;
inline constexpr int loops_classes = 10;
inline constexpr std::size_t loops_max_batch = 256;

// All but W0. Weights row-major as [out][in].
struct loops_small_parameters {
  alignas(64) float w1[loops_hidden][loops_hidden];
  alignas(64) float w2[loops_classes][loops_hidden];
  alignas(64) float b0[loops_hidden];
  alignas(64) float b1[loops_hidden];
  alignas(64) float b2[loops_classes];
};

struct loops_parameters {
  alignas(64) float w0[loops_hidden][loops_inputs];
  loops_small_parameters small;
};

struct loops_workspace {
  loops_small_parameters update;
  alignas(64) float z0[loops_max_batch][loops_hidden];
  alignas(64) float dz0[loops_max_batch][loops_hidden];
};

// x [batch][784], 1 <= batch <= loops_max_batch. Returns the sum of the losses before the update; the step is
// W <- W - lr grad W for the mean loss.
using loops_step_function = double(loops_parameters& net, loops_workspace& ws, const float* x,
                                   const std::int32_t* labels, std::size_t batch, float lr) noexcept;

}  // namespace lanewise::bench
