// SPDX-License-Identifier: MIT
// Activation functions in double: the specification of lanewise/activation.hpp.
#pragma once

#include <cmath>
#include <cstddef>
#include <numbers>
#include <span>

#include <lanewise/activation.hpp>

namespace lanewise::ref {

inline double sigmoid(double t) { return 1 / (1 + std::exp(-t)); }
inline double normal_distribution(double t) { return std::erfc(-t / std::numbers::sqrt2) / 2; }

// gelu_tanh is t sigmoid(v(t)).
inline double gelu_tanh_exponent(double t) {
  return 2 * std::sqrt(2 / std::numbers::pi) * (t + 0.044715 * t * t * t);
}

// t g, for a g that goes to 0 faster than 1 / t.
inline double times(double t, double g) { return g == 0 ? 0 : t * g; }

inline double value(activation act, double t) {
  switch (act.kind) {
    case activation_kind::identity: return t;
    case activation_kind::relu: return t <= 0 ? 0 : t;
    case activation_kind::leaky_relu: return t > 0 ? t : act.parameter * t;
    case activation_kind::elu: return t > 0 ? t : act.parameter * std::expm1(t);
    case activation_kind::gelu: return times(t, normal_distribution(t));
    case activation_kind::gelu_tanh: return times(t, sigmoid(gelu_tanh_exponent(t)));
    case activation_kind::silu: return times(t, sigmoid(t));
    case activation_kind::tanh: return std::tanh(t);
    case activation_kind::sigmoid: return sigmoid(t);
  }
  return t;
}

// The derivative of t sigmoid(v(t)).
inline double times_sigmoid_derivative(double t, double v, double dv) {
  return sigmoid(v) + times(t * dv, sigmoid(v) * sigmoid(-v));
}

inline double derivative(activation act, double t) {
  switch (act.kind) {
    case activation_kind::identity: return 1;
    case activation_kind::relu: return t > 0 ? 1 : 0;
    case activation_kind::leaky_relu: return t > 0 ? 1 : act.parameter;
    case activation_kind::elu: return t > 0 ? 1 : act.parameter * std::exp(t);
    case activation_kind::gelu:
      return normal_distribution(t) + times(t, std::exp(-t * t / 2) / std::sqrt(2 * std::numbers::pi));
    case activation_kind::gelu_tanh: {
      const double dv = 2 * std::sqrt(2 / std::numbers::pi) * (1 + 3 * 0.044715 * t * t);
      return times_sigmoid_derivative(t, gelu_tanh_exponent(t), dv);
    }
    case activation_kind::silu: return times_sigmoid_derivative(t, t, 1);
    case activation_kind::tanh: return 4 * sigmoid(2 * t) * sigmoid(-2 * t);
    case activation_kind::sigmoid: return sigmoid(t) * sigmoid(-t);
  }
  return 1;
}

// Whether f' jumps at 0, or f'' does.
inline bool has_kink(activation act) {
  return act.kind == activation_kind::relu || act.kind == activation_kind::leaky_relu || act.kind == activation_kind::elu;
}

inline void activate(activation act, std::span<const float> x, std::span<double> y) {
  for (std::size_t i = 0; i < x.size(); ++i) y[i] = value(act, x[i]);
}

// Where the derivative of relu is 0 the gradient is 0, whatever dy holds.
inline void activate_backward(activation act, std::span<const float> x, std::span<const float> dy,
                              std::span<double> dx) {
  for (std::size_t i = 0; i < x.size(); ++i) dx[i] = times(dy[i], derivative(act, x[i]));
}

}  // namespace lanewise::ref
