// SPDX-License-Identifier: MIT
// Each activation as a functor, and the switch from its kind to it: once per call, never inside a loop.
#pragma once

#include <lanewise/activation.hpp>

#include "loop.hpp"
#include "sigmoids.hpp"

namespace lanewise::simd {
namespace {

// How many registers go in one turn of a loop.
struct short_function {
  static constexpr std::size_t forward_at_once = short_body, backward_at_once = short_body;
};
struct long_function {
  static constexpr std::size_t forward_at_once = 2;   // some percent faster than one
  static constexpr std::size_t backward_at_once = 1;  // NEON's registers would not do for two
};

struct identity : short_function {
  static vf forward(vf t) noexcept { return t; }
  static vf backward(vf, vf dy) noexcept { return dy; }
};

// By compare and select: max() treats NaN and -0 differently on every ISA.
struct relu : short_function {
  static vf forward(vf t) noexcept { return zero_where(t <= zero(), t); }
  static vf backward(vf t, vf dy) noexcept { return keep_where(t > zero(), dy); }
};

struct leaky_relu : short_function {
  vf slope;
  explicit leaky_relu(float parameter) noexcept : slope(splat(parameter)) {}
  vf forward(vf t) const noexcept { return select(t > zero(), t, slope * t); }
  vf backward(vf t, vf dy) const noexcept { return select(t > zero(), dy, slope * dy); }
};

struct elu : long_function {
  vf alpha;
  explicit elu(float parameter) noexcept : alpha(splat(parameter)) {}
  vf forward(vf t) const noexcept { return select(t > zero(), t, alpha * expm1_of_negative(t)); }
  vf backward(vf t, vf dy) const noexcept {
    return select(t > zero(), dy, dy * fma(alpha, expm1_of_negative(t), alpha));  // alpha e^t
  }
};

// t Phi(t), Phi the distribution function of the normal distribution: max(t, 0) - |t| tail(|t|), so that small results do
// not come from a difference. Its derivative: Phi(t) + t e^(-t^2 / 2) / sqrt(2 pi).
struct gelu : long_function {
  static vf forward(vf t) noexcept {
    const vf a = at_most(normal_tail_end, magnitude(t));
    const normal_tail n = normal_tail_of(a);
    const vf a_and_ap = fma(n.square, n.p, a);  // a (1 + a p)
    const vf product = times_power(times_one_plus_over(a_and_ap, n.w, n.q, n.rest_of_q), n.low_bits);
    return fma(product, splat(-1 / normal_tail_scale), relu::forward(t));
  }
  static vf backward(vf t, vf dy) noexcept {
    constexpr float end = 13.0f;  // beyond the derivative is 0 or 1
    t = at_most(end, at_least(-end, t));
    const vf a = magnitude(t);
    const normal_tail n = normal_tail_of(a);
    const vf one = splat(1.0f);
    const vf over_q = times_power(divide(one + n.w, n.q), n.low_bits);
    const vf tail = fma(a, n.p, one) * (over_q * splat(1 / normal_tail_scale));
    const vf density = n.q * over_q * splat(0x1.988454p-2f);
    return dy * fma(t, density, select(t > zero(), one - tail, tail));
  }
};

struct silu : long_function {
  static vf forward(vf t) noexcept {
    t = at_least(-109.0f, t);
    return times_sigmoid(t, t);
  }
  static vf backward(vf t, vf dy) noexcept {
    t = at_most(109.0f, at_least(-109.0f, t));
    const vf s = sigmoid_of(t);
    return dy * fma(t * s, sigmoid_of(-t), s);  // 1 - s would lose digits that t makes visible
  }
};

// t / (1 + e^-v), v = t (c1 + c3 t^2), c1 = 2 sqrt(2 / pi), c3 = 0.044715 c1.
struct gelu_tanh : long_function {
  static constexpr float c1 = 0x1.988454p+0f, c3 = 0x1.2444f2p-4f;
  static constexpr float end = 10.85f;  // v = 108.5; t / (1 + e^v) is 0 in float

  static vf forward(vf t) noexcept {
    t = at_least(-end, t);
    return times_sigmoid(t, t * fma(t * t, splat(c3), splat(c1)));
  }
  static vf backward(vf t, vf dy) noexcept {
    t = at_most(end, at_least(-end, t));
    const vf square = t * t;
    const vf v = t * fma(square, splat(c3), splat(c1));
    const vf s = sigmoid_of(v);
    return dy * fma(t * fma(square, splat(3 * c3), splat(c1)) * s, sigmoid_of(-v), s);
  }
};

struct tanh : long_function {
  static vf forward(vf t) noexcept { return tanh_of(t); }
  static vf backward(vf t, vf dy) noexcept {
    const vf y = tanh_of(t);
    return dy * fma(-y, y, splat(1.0f));
  }
};

struct sigmoid : long_function {
  static vf forward(vf t) noexcept { return sigmoid_of(t); }
  static vf backward(vf t, vf dy) noexcept {
    const vf y = sigmoid_of(t);
    return dy * fma(-y, y, y);
  }
};

// Whether products have it in their own code; the others they call for (activation.simd.cpp).
constexpr bool is_inline(activation act) noexcept {
  return act.kind == activation_kind::identity || act.kind == activation_kind::relu;
}
template <class Body>
[[gnu::always_inline]] inline void with_inline_activation(activation act, const Body& body) noexcept {
  if (act.kind == activation_kind::relu) return body(relu{});
  body(identity{});
}

template <class Body>
[[gnu::always_inline]] inline void with_activation(activation act, const Body& body) noexcept {
  switch (act.kind) {
    case activation_kind::identity: return body(identity{});
    case activation_kind::relu: return body(relu{});
    case activation_kind::leaky_relu: return body(leaky_relu(act.parameter));
    case activation_kind::elu: return body(elu(act.parameter));
    case activation_kind::gelu: return body(gelu{});
    case activation_kind::gelu_tanh: return body(gelu_tanh{});
    case activation_kind::silu: return body(silu{});
    case activation_kind::tanh: return body(tanh{});
    case activation_kind::sigmoid: return body(sigmoid{});
  }
}

}  // namespace
}  // namespace lanewise::simd
