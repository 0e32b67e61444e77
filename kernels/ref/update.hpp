// SPDX-License-Identifier: MIT
// Optimiser updates in double: the specification of lanewise/update.hpp.
#pragma once

#include <cstddef>
#include <span>

#include <lanewise/update.hpp>

namespace lanewise::ref {

inline void sgd(float lr, std::span<const float> g, std::span<const float> w, std::span<double> out) {
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = w[i] - static_cast<double>(lr) * g[i];
}

}  // namespace lanewise::ref
