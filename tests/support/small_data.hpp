// SPDX-License-Identifier: MIT
// A small labelled set of images, made from a seed: each class is a pattern of a few lit pixels, blurred by noise.
#pragma once

#include <cstdint>
#include <vector>

#include <lanewise/model/data.hpp>
#include <lanewise/model/rng.hpp>

namespace lanewise::test {

inline dataset small_data(std::size_t count, std::size_t side, std::size_t classes, std::uint64_t seed) {
  const std::size_t pixels = side * side;
  std::vector<std::uint8_t> images(count * pixels), labels(count);
  random_stream random(seed, stream::init);
  for (std::size_t i = 0; i < count; ++i) {
    labels[i] = static_cast<std::uint8_t>(random.below(static_cast<std::uint32_t>(classes)));
    for (std::size_t p = 0; p < pixels; ++p) {
      const bool lit = (p * 7 + labels[i] * 3) % classes < 2;
      const bool noise = random.below(10) == 0;
      images[i * pixels + p] = lit != noise ? static_cast<std::uint8_t>(1 + random.below(255)) : 0;
    }
  }
  return dataset("small data", side, side, classes, images, labels);
}

}  // namespace lanewise::test
