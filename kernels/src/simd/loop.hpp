// SPDX-License-Identifier: MIT
// The loops of element-by-element kernels: whole registers, then one partial one.
#pragma once

#include <type_traits>

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

// How many registers go in one turn of a loop where counting would cost as much as the body.
inline constexpr std::size_t short_body = width > 8 ? 8 : 4;

// Calls body(i, lanes) for i = 0, width, 2 width, ...; body reads and writes elements from i on through `lanes`. `unrolled`
// at a time.
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

// put(i, lanes, make(i, lanes)) in the same order, but everything of one turn is made before any of it is put: an output may be an
// input, but not overlap one otherwise. For loops that store an output of its own: to a CPU, a load and a store meet where the
// last 12 bits of their addresses do; buffers allocated one after another often lie so, and a load behind each store waits for
// it: relu of 64,000 floats took 1.4 times as long on avx512.
template <std::size_t unrolled, class Make, class Put>
[[gnu::always_inline]] inline void map_registers(std::size_t n, const Make make, const Put put) noexcept {
  std::size_t i = 0;
  const auto turn = [&]<std::size_t count>(std::integral_constant<std::size_t, count>) __attribute__((always_inline)) {
    decltype(make(i, whole{})) made[count];
#pragma GCC unroll 8
    for (std::size_t v = 0; v < count; ++v) made[v] = make(i + v * width, whole{});
#pragma GCC unroll 8
    for (std::size_t v = 0; v < count; ++v) put(i + v * width, whole{}, made[v]);
    i += count * width;
  };
  while (i + unrolled * width <= n) turn(std::integral_constant<std::size_t, unrolled>{});
  if constexpr (unrolled == 8) {  // up to seven single ones would be foreseen badly
    if (i + 4 * width <= n) turn(std::integral_constant<std::size_t, 4>{});
  }
  if constexpr (unrolled > 1)
    for (; i + width <= n; i += width) put(i, whole{}, make(i, whole{}));
  if (i == n) return;
  const first_lanes some(n - i);
  put(i, some, make(i, some));
}

// What puts a register at `to`.
inline auto store_at(float* to) noexcept {
  return [to](std::size_t i, auto lanes, vf x) { lanes.store(to + i, x); };
}

}  // namespace
}  // namespace lanewise::simd
