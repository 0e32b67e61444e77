// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <lanewise/model/data.hpp>
#include <lanewise/model/mlp.hpp>

namespace lanewise {

struct evaluation {
  std::size_t samples = 0;
  std::size_t correct = 0;
  double loss = 0;                       // mean
  std::size_t classes = 0;
  std::vector<std::uint64_t> confusion;  // [label * classes + predicted]

  double accuracy() const noexcept { return samples == 0 ? 0 : static_cast<double>(correct) / static_cast<double>(samples); }
};

// The net on every image of the set. Throws std::invalid_argument if the net has other inputs than the data, fewer
// classes, or more than max_classes, which no label can name: so `confusion` is never larger than 512 KiB.
evaluation evaluate(const mlp& net, const dataset& data);

// The classes of the first images, the lowest of the largest logits each. Throws std::invalid_argument if the net has other
// inputs than the data, or predicted.size() > data.size().
void predict(const mlp& net, const dataset& data, std::span<std::int32_t> predicted);

}  // namespace lanewise
