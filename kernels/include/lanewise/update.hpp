// SPDX-License-Identifier: MIT
// Optimiser updates over flat arrays, in place.
#pragma once

#include <span>

namespace lanewise {

// Plain stochastic gradient descent: w_i = fma(-lr, g_i, w_i). One rounding. Sizes equal, no overlap.
// Reference: kernels/ref/update.hpp. Seed: W <- W - eta grad W.
void sgd(float lr, std::span<const float> g, std::span<float> w) noexcept;

}  // namespace lanewise
