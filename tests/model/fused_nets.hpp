// SPDX-License-Identifier: MIT
// Nets and images for the tests of fused_mlp, and how far a step may be from that of the double reference.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <lanewise/fused_mlp.hpp>
#include <lanewise/model/init.hpp>
#include <lanewise/model/rng.hpp>
#include <lanewise/model/training_steps.hpp>
#include <lanewise/sparse_rows.hpp>

#include "../../model/src/reference_net.hpp"

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

inline void add_scaled(reference_net& net, double factor, reference_net& other) {
  const std::vector<double*> to = net.numbers(), from = other.numbers();
  for (std::size_t i = 0; i < to.size(); ++i) *to[i] += factor * *from[i];
}

inline double largest(reference_net& net) {
  double most = 0;
  for (const double* v : net.numbers()) most = std::max(most, std::abs(*v));
  return most;
}

inline double largest_difference(reference_net& a, reference_net& b) {
  double most = 0;
  const std::vector<double*> x = a.numbers(), y = b.numbers();
  for (std::size_t i = 0; i < x.size(); ++i) most = std::max(most, std::abs(*x[i] - *y[i]));
  return most;
}

// Of a weight after a step on `batch` samples, whose mean gradient and whose result in double these are.
inline double step_bound(const mlp& net, std::size_t batch, float lr, reference_net& gradient, reference_net& expected) {
  std::size_t terms = 19 + batch;
  for (const layer& l : net.layers()) terms += l.in + l.out;
  return static_cast<double>(terms) * 0x1p-24 * (8 * static_cast<double>(lr) * largest(gradient)) +
         0x1p-24 * static_cast<double>(batch) * largest(expected);
}

}  // namespace lanewise::test
