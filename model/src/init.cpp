// SPDX-License-Identifier: MIT
#include <lanewise/model/init.hpp>

#include <algorithm>
#include <cmath>

#include <lanewise/model/rng.hpp>

namespace lanewise {
namespace {

struct distribution {
  bool is_normal;
  float spread;  // standard deviation, or half the width of the interval
};

distribution distribution_of(initializer init, const layer& l) noexcept {
  const auto fan_in = static_cast<double>(l.in), fans = static_cast<double>(l.in + l.out);
  const auto root = [](double x) { return static_cast<float>(std::sqrt(x)); };
  switch (init) {
    case initializer::xavier_uniform: return {false, root(6 / fans)};
    case initializer::xavier_normal: return {true, root(2 / fans)};
    case initializer::he_uniform: return {false, root(6 / fan_in)};
    case initializer::he_normal: break;
  }
  return {true, root(2 / fan_in)};
}

}  // namespace

void initialize(mlp& net, initializer init, std::uint64_t seed) noexcept {
  random_stream random(seed, stream::init);
  for (std::size_t l = 0; l < net.layers().size(); ++l) {
    const layer& here = net.layers()[l];
    const distribution drawn = distribution_of(init, here);
    const matrix_view<float> weights = net.weights(l);
    for (std::size_t out = 0; out < here.out; ++out)
      for (std::size_t in = 0; in < here.in; ++in)
        weights(in, out) = (drawn.is_normal ? random.normal() : 2 * random.uniform() - 1) * drawn.spread;
    std::ranges::fill(net.bias(l), 0.0f);
  }
}

}  // namespace lanewise
