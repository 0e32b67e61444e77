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

// Calls body(i, lanes) for i = 0, width, 2 width, ...; body reads and writes elements from i on through `lanes`. `unrolled`
// at a time.
inline constexpr std::size_t short_body = 4;  // registers at a time, where counting would cost as much as the body

template <std::size_t unrolled = 1, class Body>
inline void for_each_register(std::size_t n, const Body& body) noexcept {
  std::size_t i = 0;
  if constexpr (unrolled > 1) {
    for (; i + unrolled * width <= n; i += unrolled * width)
#pragma GCC unroll 8
      for (std::size_t v = 0; v < unrolled; ++v) body(i + v * width, whole{});
  }
  for (; i + width <= n; i += width) body(i, whole{});
  if (i < n) body(i, first_lanes(n - i));
}

}  // namespace
}  // namespace lanewise::simd
