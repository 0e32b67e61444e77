// SPDX-License-Identifier: MIT
// The error bounds of lanewise/activation.hpp.
#pragma once

#include <algorithm>
#include <cmath>

#include <lanewise/activation.hpp>

#include "../../kernels/ref/activation.hpp"
#include "error_bound.hpp"

namespace lanewise::test {

// Of activate() where the reference is `want`.
inline double activation_tolerance(activation act, double t, double want) {
  switch (act.kind) {
    case activation_kind::identity:
    case activation_kind::relu:
    case activation_kind::leaky_relu: return unit_roundoff * std::abs(want) + smallest_float;
    case activation_kind::tanh:
    case activation_kind::sigmoid: return 2 * ulp(want);
    case activation_kind::elu:
    case activation_kind::gelu:
    case activation_kind::silu: return 4 * ulp(want);
    case activation_kind::gelu_tanh: return (4 + 3 * std::abs(ref::gelu_tanh_exponent(t))) * ulp(want);
  }
  return 0;
}

// Of activate_backward() where the reference is `want`.
inline double activation_backward_tolerance(activation act, double dy, double want) {
  switch (act.kind) {
    case activation_kind::identity:
    case activation_kind::relu:
    case activation_kind::leaky_relu: return unit_roundoff * std::abs(want) + smallest_float;
    case activation_kind::elu: return 4 * unit_roundoff * std::max<double>(1, act.parameter) * std::abs(dy) + smallest_float;
    default: return 4 * unit_roundoff * std::abs(dy) + smallest_float;
  }
}

// The largest |f'|: by how much an error of t grows.
inline double largest_slope(activation act) {
  switch (act.kind) {
    case activation_kind::leaky_relu:
    case activation_kind::elu: return std::max<double>(1, act.parameter);
    case activation_kind::gelu:
    case activation_kind::gelu_tanh:
    case activation_kind::silu: return 1.13;
    default: return 1;
  }
}

}  // namespace lanewise::test
