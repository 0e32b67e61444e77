// SPDX-License-Identifier: MIT
// The loop of every element-by-element kernel: whole registers, then one partial one.
#pragma once

#include "ops.hpp"

namespace lanewise::simd {
namespace {

constexpr std::size_t smaller(std::size_t a, std::size_t b) noexcept { return a < b ? a : b; }
constexpr std::size_t clamp(std::size_t x, std::size_t low, std::size_t high) noexcept {
  return x < low ? low : smaller(x, high);
}

// Whole registers are accessed as they are, the tail through first_lanes: both look the same to `body`.
struct whole {
  static vf load(const float* p, float = 0) noexcept { return simd::load(p); }
  static void store(float* p, vf x) noexcept { simd::store(p, x); }
};

// Calls body(i, lanes) for i = 0, width, 2 width, ...; body reads and writes elements from i on through `lanes`.
template <class Body>
inline void for_each_register(std::size_t n, const Body& body) noexcept {
  std::size_t i = 0;
  for (; i + width <= n; i += width) body(i, whole{});
  if (i < n) body(i, first_lanes(n - i));
}

}  // namespace
}  // namespace lanewise::simd
