// SPDX-License-Identifier: MIT
// Nets, images and lists for the tests of fused_mlp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include <lanewise/fused_mlp.hpp>
#include <lanewise/model/init.hpp>
#include <lanewise/model/rng.hpp>
#include <lanewise/model/training_steps.hpp>
#include <lanewise/sparse_rows.hpp>

namespace lanewise::test {

inline mlp initialised(const char* layers, std::uint64_t seed) {
  mlp net(parse_layers(layers));
  xavier_uniform(net, seed);
  random_stream random(seed + 1000, stream::init);
  for (std::size_t l = 0; l < net.layers().size(); ++l)
    for (std::size_t o = 0; o < net.layers()[l].out; ++o) net.bias(l)[o] = random.uniform() - 0.5f;
  return net;
}

// Images of every kind: none of the pixels, one, all of them, or some share.
inline std::vector<std::uint8_t> image_of(std::size_t inputs, std::size_t turn, random_stream& random) {
  std::vector<std::uint8_t> image(inputs);
  const std::uint32_t share = turn % 5 == 0 ? 0 : turn % 5 == 1 ? 100 : 5 + random.below(40);
  for (std::uint8_t& u : image)
    if (random.below(100) < share) u = static_cast<std::uint8_t>(1 + random.below(255));
  if (turn % 5 == 0 && turn % 2 == 0) image[random.below(static_cast<std::uint32_t>(inputs))] = 200;
  return image;
}

inline constexpr const char* fused_nets[] = {"784-16-16r-10",    "40-16-10",        "30-32-32r-3", "7-16-1",
                                             "50-64-64r-64r-16", "20-128-16-128-5", "33-16-32-64-128-128r-9"};

}  // namespace lanewise::test
