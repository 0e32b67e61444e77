// SPDX-License-Identifier: MIT
// Random test data that is the same on every machine: SplitMix64, integers and exact scaling only.
#pragma once

#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string_view>

namespace lanewise::test {

class random_source {
 public:
  explicit random_source(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next() {  // Steele, Lea and Flood 2014
    std::uint64_t z = state_ += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }
  std::size_t below(std::size_t n) { return static_cast<std::size_t>(next() % n); }
  std::size_t between(std::size_t low, std::size_t high) { return low + below(high - low + 1); }
  bool chance(std::size_t percent) { return below(100) < percent; }
  float uniform() { return static_cast<float>(next() >> 40) * 0x1p-23f - 1.0f; }  // in [-1, 1)

  // Small sizes are likely, large ones happen: the number of bits is uniform.
  std::size_t size_up_to(std::size_t limit) {
    const std::size_t size = below(std::size_t{1} << between(0, std::bit_width(limit)));
    return size > limit ? limit : size;
  }

 private:
  std::uint64_t state_;
};

enum class values { uniform, log_uniform, many_zeros, tiny, small_integers, special };
inline constexpr std::array all_values{values::uniform, values::log_uniform,    values::many_zeros,
                                       values::tiny,    values::small_integers, values::special};
inline constexpr std::array finite_values{values::uniform, values::log_uniform, values::many_zeros, values::tiny,
                                          values::small_integers};

constexpr std::string_view name(values kind) {
  constexpr std::array<std::string_view, 6> names{"uniform", "log-uniform",    "many zeros",
                                                  "tiny",    "small integers", "special"};
  return names[static_cast<std::size_t>(kind)];
}

// The denormals are the smallest and the largest.
inline constexpr auto special_floats = [] {
  using limits = std::numeric_limits<float>;
  constexpr float inf = limits::infinity(), max = limits::max(), none = limits::quiet_NaN();
  return std::array{
      none,      inf,        -inf, max,   -max, 0.0f, -0.0f, 0x1p-149f, -0x1p-149f, 0x1.fffffcp-127f, -0x1.fffffcp-127f,
      0x1p-126f, -0x1p-126f, 1.0f, -1.0f, 1e19f};
}();

// x * 2^e, e uniform in [-shift, count - shift). A function of its own, so that x is drawn before e with every compiler.
inline float scaled(float x, random_source& random, std::size_t count, int shift) {
  return std::ldexp(x, static_cast<int>(random.below(count)) - shift);
}

inline float draw(random_source& random, values kind) {
  switch (kind) {
    case values::uniform: return random.uniform();
    case values::log_uniform: return scaled(random.uniform(), random, 41, 20);
    case values::many_zeros: return random.chance(80) ? 0.0f : random.uniform();
    case values::tiny: return scaled(random.uniform(), random, 150, 149);
    case values::small_integers: return static_cast<float>(random.below(17)) - 8.0f;
    case values::special:
      return random.chance(75) ? random.uniform() : special_floats[random.below(special_floats.size())];
  }
  return 0;
}

inline void fill(random_source& random, values kind, std::span<float> out) {
  for (float& x : out) x = draw(random, kind);
}

}  // namespace lanewise::test
