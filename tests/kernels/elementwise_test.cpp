// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <cmath>

#include <lanewise/elementwise.hpp>

#include "../support/bits.hpp"
#include "../support/float_values.hpp"
#include "../support/special_pairs.hpp"

namespace lanewise::test {
namespace {

using floats = std::array<float, special_pairs::size>;

float relu(float t) { return t <= 0 ? 0 : t; }

TEST_CASE("elementwise: add and add_relu of special values, in every lane") {
  for_each_rotation([](const special_pairs& pairs) {
    floats out;
    add(pairs.a, pairs.b, out);
    CHECK(difference(out, by_rule(pairs, [](float a, float b) { return a + b; })) == "");
    add_relu(pairs.a, pairs.b, out);
    CHECK(difference(out, by_rule(pairs, [](float z, float r) { return r + relu(z); })) == "");
  });
}

TEST_CASE("elementwise: add_relu_backward of special values, in every lane") {
  for_each_rotation([](const special_pairs& pairs) {
    floats dz, dr;
    add_relu_backward(pairs.a, pairs.b, dz, dr);
    CHECK(difference(dz, by_rule(pairs, [](float z, float dout) { return z > 0 ? dout : 0.0f; })) == "");
    CHECK(difference(dr, pairs.b) == "");
  });
}

TEST_CASE("elementwise: axpy of special values rounds once, in every lane") {
  for (const float alpha : special_floats)
    for_each_rotation([alpha](const special_pairs& pairs) {
      floats y = pairs.b;
      axpy(alpha, pairs.a, y);
      CHECK(difference(y, by_rule(pairs, [alpha](float x, float b) { return std::fma(alpha, x, b); })) == "");
    });
}

// y + alpha x lies next to the middle between two floats, so near that a sum in double rounds to the middle itself: a
// product that is rounded before, or a second rounding afterwards, gives the wrong neighbour.
TEST_CASE("elementwise: axpy rounds once where two roundings would differ") {
  random_source random(2008);
  constexpr std::size_t n = 1000;
  std::size_t twice_differs = 0;
  for (std::size_t i = 1; i <= 64; ++i) {
    const float alpha = 1.0f + static_cast<float>(i) * 0x1p-23f;
    std::vector<float> x(n), y(n), want(n);
    for (std::size_t e = 0; e < n; ++e) {
      const float sign = random.chance(50) ? 1.0f : -1.0f;
      y[e] = (1.0f + static_cast<float>(random.next() >> 41) * 0x1p-23f) * (random.chance(50) ? 1.0f : -1.0f);
      x[e] = sign * 0x1p-24f * (1.0f - static_cast<float>(i) * 0x1p-23f);
      want[e] = std::fma(alpha, x[e], y[e]);
      twice_differs += static_cast<float>(static_cast<double>(alpha) * x[e] + y[e]) != want[e] ? 1 : 0;
    }
    axpy(alpha, x, y);
    CHECK(difference(y, want) == "");
  }
  CHECK(twice_differs > 1000);
}

TEST_CASE("elementwise: column_sums add in ascending order, starting at beta y, bit for bit") {
  random_source random(33);
  for (const std::size_t n : {1u, 3u, 4u, 7u, 8u, 15u, 16u, 17u, 31u, 32u, 33u, 63u, 64u, 65u, 100u, 129u})
    for (const std::size_t m : {0u, 1u, 2u, 7u, 8u, 9u, 64u, 200u})
      for (const float beta : {0.0f, 1.0f, -0.75f}) {
        std::vector<float> a(m * n), y(n), want(n);
        fill(random, values::uniform, a);
        fill(random, values::uniform, y);
        for (std::size_t j = 0; j < n; ++j) {
          want[j] = beta == 0 ? 0.0f : beta * y[j];
          for (std::size_t i = 0; i < m; ++i) want[j] += a[i * n + j];
        }
        column_sums({a.data(), m, n}, y, beta);
        INFO(m, " x ", n, ", beta ", beta);
        CHECK(difference(y, want) == "");
      }
}

TEST_CASE("elementwise: column_sums with beta 0 never reads y") {
  for (std::size_t n = 0; n <= 130; ++n) {
    const std::vector<float> a(3 * n, 2.0f);
    std::vector<float> y(n, nan);
    column_sums({a.data(), 3, n}, y, 0.0f);
    CHECK(difference(y, std::vector<float>(n, 6.0f)) == "");
  }
}

}  // namespace
}  // namespace lanewise::test
