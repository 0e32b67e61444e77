// SPDX-License-Identifier: MIT
#include "net_values.hpp"

namespace lanewise::bench {

std::array<layer_values, 3> values_of(const mlp& net) {
  std::array<layer_values, 3> values;
  for (std::size_t l = 0; l < values.size(); ++l) {
    const layer& shape = net.layers()[l];
    values[l] = {static_cast<int>(shape.in), static_cast<int>(shape.out), std::vector<float>(shape.in * shape.out), {}};
    for (std::size_t o = 0; o < shape.out; ++o)
      for (std::size_t i = 0; i < shape.in; ++i) values[l].weights[o * shape.in + i] = net.weights(l)(i, o);
    const std::span<const float> bias = net.bias(l).first(shape.out);
    values[l].bias.assign(bias.begin(), bias.end());
  }
  return values;
}

}  // namespace lanewise::bench
