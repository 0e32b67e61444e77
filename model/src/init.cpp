// SPDX-License-Identifier: MIT
#include <lanewise/model/init.hpp>

#include <algorithm>
#include <cmath>

#include <lanewise/model/rng.hpp>

namespace lanewise {

void xavier_uniform(mlp& net, std::uint64_t seed) noexcept {
  random_stream random(seed, stream::init);
  for (std::size_t l = 0; l < net.layers().size(); ++l) {
    const layer& here = net.layers()[l];
    const float alpha = static_cast<float>(std::sqrt(6.0 / static_cast<double>(here.in + here.out)));
    const matrix_view<float> weights = net.weights(l);
    for (std::size_t out = 0; out < here.out; ++out)
      for (std::size_t in = 0; in < here.in; ++in) weights(in, out) = (2 * random.uniform() - 1) * alpha;
    std::ranges::fill(net.bias(l), 0.0f);
  }
}

}  // namespace lanewise
