// SPDX-License-Identifier: MIT
// The minibatches of lanewise/model/train.hpp, as the header describes them.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>
#include <vector>

#include <lanewise/matrix_view.hpp>
#include <lanewise/model/data.hpp>
#include <lanewise/model/rng.hpp>

namespace lanewise::test {

// Calls step(x, labels) for each batch of each epoch, in order.
template <class Step>
void for_each_batch(const dataset& data, std::uint64_t seed, std::uint32_t epochs, std::size_t most, const Step& step) {
  for (std::uint32_t epoch = 0; epoch < epochs; ++epoch) {
    std::vector<std::uint32_t> order(data.size());
    std::iota(order.begin(), order.end(), 0u);
    random_stream random(seed, stream::shuffle, epoch);
    shuffle(order, random);
    for (std::size_t first = 0; first < data.size(); first += most) {
      const std::size_t batch = std::min(most, data.size() - first);
      std::vector<float> x(batch * data.inputs());
      std::vector<std::int32_t> labels(batch);
      const matrix_view<float> images(x.data(), batch, data.inputs());
      data.gather(std::span(order).subspan(first, batch), images, labels);
      step(images, labels);
    }
  }
}

}  // namespace lanewise::test
