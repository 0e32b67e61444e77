// SPDX-License-Identifier: MIT
// Optimiser updates in double: the specification of lanewise/update.hpp.
#pragma once

#include <cmath>
#include <cstddef>
#include <span>

#include <lanewise/update.hpp>

namespace lanewise::ref {

inline void sgd(float lr, std::span<const float> g, std::span<const float> w, std::span<double> out) {
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = w[i] - static_cast<double>(lr) * g[i];
}

// One weight. T is double for the formula itself; float gives the kernel's bits, and other types can watch the errors.
template <class T>
void update(const update_step& s, T g, T& w, std::span<T> state) {
  using std::fma, std::sqrt;
  const optimizer_settings& o = s.settings;
  const T lr = T(s.lr), decay = T(o.weight_decay), momentum = T(o.momentum), alpha = T(o.alpha), eps = T(o.eps);
  const T scaled = T(s.gradient_scale) * g;
  const T d = o.which == optimizer::adamw ? scaled : fma(decay, w, scaled);
  switch (o.which) {
    case optimizer::sgd: w = fma(-lr, d, w); break;
    case optimizer::momentum:
      state[0] = fma(momentum, state[0], d);
      w = fma(-lr, state[0], w);
      break;
    case optimizer::nesterov:
      state[0] = fma(momentum, state[0], d);
      w = fma(-lr, fma(momentum, state[0], d), w);
      break;
    case optimizer::rmsprop:
      state[0] = fma(alpha, state[0], T(1 - o.alpha) * d * d);
      w = fma(-lr, d / (sqrt(state[0]) + eps), w);
      break;
    case optimizer::adamw: w = fma(T(-s.lr * o.weight_decay), w, w); [[fallthrough]];
    case optimizer::adam: {
      const double bias1 = 1 - std::pow(o.beta1, s.t), bias2 = 1 - std::pow(o.beta2, s.t);
      state[0] = fma(T(1 - o.beta1), d - state[0], state[0]);
      state[1] = fma(T(o.beta2), state[1], T(1 - o.beta2) * d * d);
      w = fma(T(-s.lr / bias1), state[0] / (sqrt(state[1] * T(1 / bias2)) + eps), w);
    }
  }
}

inline double nrm2(std::span<const float> x) {
  long double sum = 0;
  for (const float v : x) sum += static_cast<long double>(v) * v;
  return static_cast<double>(std::sqrt(sum));
}

}  // namespace lanewise::ref
