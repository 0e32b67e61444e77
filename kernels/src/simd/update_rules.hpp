// SPDX-License-Identifier: MIT
// Each optimiser as a functor, and the switch from the enum to it: once per call, never inside a loop. A rule gets d,
// the gradient (with weight_decay w in it, unless the decay is decoupled), and w; it returns the new w and replaces the
// state.
#pragma once

#include "../per_isa.hpp"
#include "ops.hpp"

namespace lanewise::simd {
namespace {

inline vf as_number(double x) noexcept { return splat(static_cast<float>(x)); }

struct stateless_rule {
  static constexpr std::size_t states = 0;
  static constexpr bool decoupled_decay = false;
};
struct one_state_rule : stateless_rule {
  static constexpr std::size_t states = 1;
};
struct two_state_rule : stateless_rule {
  static constexpr std::size_t states = 2;
};

struct sgd_rule : stateless_rule {
  vf minus_lr;

  explicit sgd_rule(const update_call& call) noexcept : minus_lr(as_number(-call.step.lr)) {}
  [[gnu::always_inline]] vf operator()(vf d, vf w, vf*) const noexcept { return fma(minus_lr, d, w); }
};

template <bool looks_ahead>
struct momentum_rule : one_state_rule {
  vf minus_lr, momentum;

  explicit momentum_rule(const update_call& call) noexcept
      : minus_lr(as_number(-call.step.lr)), momentum(as_number(call.step.settings.momentum)) {}
  [[gnu::always_inline]] vf operator()(vf d, vf w, vf* state) const noexcept {
    state[0] = fma(momentum, state[0], d);
    return fma(minus_lr, looks_ahead ? fma(momentum, state[0], d) : state[0], w);
  }
};

struct rmsprop_rule : one_state_rule {
  vf minus_lr, alpha, rest, eps;

  explicit rmsprop_rule(const update_call& call) noexcept
      : minus_lr(as_number(-call.step.lr)), alpha(as_number(call.step.settings.alpha)),
        rest(as_number(1 - call.step.settings.alpha)), eps(as_number(call.step.settings.eps)) {}
  [[gnu::always_inline]] vf operator()(vf d, vf w, vf* state) const noexcept {
    state[0] = fma(alpha, state[0], rest * d * d);
    return fma(minus_lr, divide(d, square_root(state[0]) + eps), w);
  }
};

struct adam_rule : two_state_rule {
  vf minus_lr, rest1, beta2, rest2, correction, eps;

  explicit adam_rule(const update_call& call) noexcept
      : minus_lr(as_number(-call.step.lr / call.bias1)), rest1(as_number(1 - call.step.settings.beta1)),
        beta2(as_number(call.step.settings.beta2)), rest2(as_number(1 - call.step.settings.beta2)),
        correction(as_number(1 / call.bias2)), eps(as_number(call.step.settings.eps)) {}
  [[gnu::always_inline]] vf operator()(vf d, vf w, vf* state) const noexcept {
    state[0] = fma(rest1, d - state[0], state[0]);
    state[1] = fma(beta2, state[1], rest2 * d * d);
    return fma(minus_lr, divide(state[0], square_root(state[1] * correction) + eps), w);
  }
};

struct adamw_rule : adam_rule {
  static constexpr bool decoupled_decay = true;
  vf minus_decay;

  explicit adamw_rule(const update_call& call) noexcept
      : adam_rule(call), minus_decay(as_number(-call.step.lr * call.step.settings.weight_decay)) {}
  [[gnu::always_inline]] vf operator()(vf d, vf w, vf* state) const noexcept {
    return adam_rule::operator()(d, fma(minus_decay, w, w), state);
  }
};

template <class Body>
[[gnu::always_inline]] inline void with_rule(const update_call& call, const Body& body) noexcept {
  switch (call.step.settings.which) {
    case optimizer::sgd: return body(sgd_rule(call));
    case optimizer::momentum: return body(momentum_rule<false>(call));
    case optimizer::nesterov: return body(momentum_rule<true>(call));
    case optimizer::rmsprop: return body(rmsprop_rule(call));
    case optimizer::adam: return body(adam_rule(call));
    case optimizer::adamw: return body(adamw_rule(call));
  }
}

}  // namespace
}  // namespace lanewise::simd
