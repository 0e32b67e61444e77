// SPDX-License-Identifier: MIT
// Elementary functions in double: the specification of lanewise/math.hpp.
#pragma once

#include <cmath>
#include <cstddef>
#include <span>

#include <lanewise/math.hpp>

namespace lanewise::ref {

inline void exp(std::span<const float> x, std::span<double> y) {
  for (std::size_t i = 0; i < x.size(); ++i) y[i] = std::exp(static_cast<double>(x[i]));
}

inline void log(std::span<const float> x, std::span<double> y) {
  for (std::size_t i = 0; i < x.size(); ++i) y[i] = std::log(static_cast<double>(x[i]));
}

}  // namespace lanewise::ref
