// SPDX-License-Identifier: MIT
#include <lanewise/model/init.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include <lanewise/model/rng.hpp>

using namespace lanewise;

namespace {

constexpr bool is_normal(initializer init) {
  return init == initializer::xavier_normal || init == initializer::he_normal;
}

// What the header says of a layer.
double variance_of(initializer init, const layer& l) {
  const bool is_he = init == initializer::he_uniform || init == initializer::he_normal;
  return 2.0 / static_cast<double>(is_he ? l.in : l.in + l.out);
}

// Of a standardized distribution.
double fourth_moment_of(initializer init) { return is_normal(init) ? 3.0 : 9.0 / 5; }

}  // namespace

TEST_CASE("initialize: mean, variance and fourth moment as the header says; biases and padding zero") {
  constexpr double deviations = 4.5;
  for (const initializer init : all_initializers) {
    CAPTURE(name(init));
    mlp net(parse_layers("784-96-200-10"));
    std::ranges::fill(net.bias(1), 1.0f);
    initialize(net, init, 1);
    for (std::size_t l = 0; l < net.layers().size(); ++l) {
      CAPTURE(l);
      const layer& here = net.layers()[l];
      const double variance = variance_of(init, here);
      double sum = 0, squares = 0, fourths = 0, most = 0;
      for (std::size_t in = 0; in < here.in; ++in) {
        for (std::size_t out = 0; out < here.out; ++out) {
          const double x = static_cast<double>(net.weights(l)(in, out)) / std::sqrt(variance);
          most = std::max(most, std::abs(x));
          sum += x;
          squares += x * x;
          fourths += x * x * x * x;
        }
        for (std::size_t out = here.out; out < net.weights(l).cols(); ++out) REQUIRE(net.weights(l)(in, out) == 0);
      }
      const auto count = static_cast<double>(here.in * here.out);
      const double fourth = fourth_moment_of(init), root = std::sqrt(count);
      CHECK(std::abs(sum / count) < deviations / root);
      CHECK(std::abs(squares / count - 1) < deviations * std::sqrt(fourth - 1) / root);
      const double eighth = is_normal(init) ? 105 : 9;
      CHECK(std::abs(fourths / count - fourth) < deviations * std::sqrt(eighth - fourth * fourth) / root);
      CHECK(most < (is_normal(init) ? 6.4 : std::sqrt(3.0) * (1 + 1e-6)));
      CHECK(most > (is_normal(init) ? 2.5 : std::sqrt(3.0) * 0.99));
      for (const float b : net.bias(l)) CHECK(b == 0);
    }
  }
}

TEST_CASE("initialize: numbered by (layer, out, in)") {
  for (const initializer init : all_initializers) {
    CAPTURE(name(init));
    mlp net(parse_layers("3-2-4"));
    initialize(net, init, 5);
    random_stream random(5, stream::init);
    for (std::size_t l = 0; l < 2; ++l) {
      const layer& here = net.layers()[l];
      const double variance = variance_of(init, here);
      const auto spread = static_cast<float>(std::sqrt(is_normal(init) ? variance : 3 * variance));
      for (std::size_t out = 0; out < here.out; ++out)
        for (std::size_t in = 0; in < here.in; ++in) {
          const float drawn = is_normal(init) ? random.normal() : 2 * random.uniform() - 1;
          CHECK(net.weights(l)(in, out) == drawn * spread);
        }
    }
  }
}

TEST_CASE("initializers: the names of the command line") {
  CHECK(name(initializer::xavier_uniform) == "xavier-uniform");
  CHECK(name(initializer::xavier_normal) == "xavier-normal");
  CHECK(name(initializer::he_uniform) == "he-uniform");
  CHECK(name(initializer::he_normal) == "he-normal");
}
