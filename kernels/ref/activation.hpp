// SPDX-License-Identifier: MIT
// Activation functions in double: the specification of lanewise/activation.hpp.
#pragma once

#include <cstddef>
#include <span>

#include <lanewise/activation.hpp>

namespace lanewise::ref {

inline double value(activation act, double t) {
  switch (act) {
    case activation::identity: return t;
    case activation::relu: return t <= 0 ? 0 : t;
  }
  return t;
}

inline double derivative(activation act, double t) {
  switch (act) {
    case activation::identity: return 1;
    case activation::relu: return t > 0 ? 1 : 0;
  }
  return 1;
}

inline void activate(activation act, std::span<const float> x, std::span<double> y) {
  for (std::size_t i = 0; i < x.size(); ++i) y[i] = value(act, x[i]);
}

// Where the derivative is 0 the gradient is 0, whatever dy holds.
inline void activate_backward(activation act, std::span<const float> x, std::span<const float> dy,
                              std::span<double> dx) {
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double slope = derivative(act, x[i]);
    dx[i] = slope == 0 ? 0 : slope * dy[i];
  }
}

}  // namespace lanewise::ref
