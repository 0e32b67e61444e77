// SPDX-License-Identifier: MIT
// Each activation as a functor, and the switch from the enum to it: once per call, never inside a loop.
#pragma once

#include <lanewise/activation.hpp>

#include "ops.hpp"

namespace lanewise::simd {
namespace {

struct identity {
  static vf forward(vf t) noexcept { return t; }
  static vf backward(vf, vf dy) noexcept { return dy; }
};

// By compare and select: max() treats NaN and -0 differently on every ISA.
struct relu {
  static vf forward(vf t) noexcept { return zero_where(t <= zero(), t); }
  static vf backward(vf t, vf dy) noexcept { return keep_where(t > zero(), dy); }
};

template <class Body>
[[gnu::always_inline]] inline void with_activation(activation act, const Body& body) noexcept {
  switch (act) {
    case activation::identity: return body(identity{});
    case activation::relu: return body(relu{});
  }
}

}  // namespace
}  // namespace lanewise::simd
