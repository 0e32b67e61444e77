// SPDX-License-Identifier: MIT
#include <lanewise/model/init.hpp>

#include <doctest/doctest.h>

#include <cmath>

#include <lanewise/model/rng.hpp>

using namespace lanewise;

TEST_CASE("xavier_uniform: within alpha, with its mean and variance; biases and padding zero") {
  mlp net(parse_layers("784-16-16r-10"));
  xavier_uniform(net, 1);
  for (std::size_t l = 0; l < net.layers().size(); ++l) {
    const layer& here = net.layers()[l];
    const double alpha = std::sqrt(6.0 / static_cast<double>(here.in + here.out));
    double sum = 0, squares = 0;
    for (std::size_t in = 0; in < here.in; ++in) {
      for (std::size_t out = 0; out < here.out; ++out) {
        const double w = static_cast<double>(net.weights(l)(in, out));
        REQUIRE(std::abs(w) <= alpha * (1 + 1e-6));
        sum += w;
        squares += w * w;
      }
      for (std::size_t out = here.out; out < net.weights(l).cols(); ++out) REQUIRE(net.weights(l)(in, out) == 0);
    }
    const auto count = static_cast<double>(here.in * here.out);
    CHECK(std::abs(sum / count) < 4 * alpha / std::sqrt(3 * count));
    CHECK(squares / count == doctest::Approx(alpha * alpha / 3).epsilon(0.2));
    for (const float b : net.bias(l)) CHECK(b == 0);
  }
}

TEST_CASE("xavier_uniform: numbered by (layer, out, in)") {
  mlp net(parse_layers("3-2-4"));
  xavier_uniform(net, 5);
  random_stream random(5, stream::init);
  for (std::size_t l = 0; l < 2; ++l) {
    const layer& here = net.layers()[l];
    const auto alpha = static_cast<float>(std::sqrt(6.0 / static_cast<double>(here.in + here.out)));
    for (std::size_t out = 0; out < here.out; ++out)
      for (std::size_t in = 0; in < here.in; ++in)
        CHECK(net.weights(l)(in, out) == (2 * random.uniform() - 1) * alpha);
  }
}
