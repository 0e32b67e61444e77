// SPDX-License-Identifier: MIT
#include "training_data.hpp"

#include <algorithm>
#include <cstdlib>
#include <numeric>
#include <stdexcept>

#include <lanewise/model/data.hpp>
#include <lanewise/model/data_files.hpp>
#include <lanewise/model/rng.hpp>

namespace lanewise::bench {
namespace {

// nullptr if LANEWISE_DATA is not set, or empty.
const char* mnist_directory() {
  const char* directory = std::getenv("LANEWISE_DATA");
  return directory == nullptr || *directory == '\0' ? nullptr : directory;
}

void fill_from_mnist(training_data& data) {
  const dataset train = load_data_files(mnist_directory()).train;
  if (train.inputs() != training_data::inputs || train.size() < training_data::samples)
    throw std::runtime_error(
        std::string(mnist_directory()) +
        ": the benchmarks need at least 4096 images of 28 x 28; unset LANEWISE_DATA for synthetic ones");
  std::vector<std::uint32_t> order(train.size());
  std::iota(order.begin(), order.end(), 0u);
  random_stream random(1, stream::shuffle);
  shuffle(order, random);
  train.gather(std::span(order).first(training_data::samples),
               {data.images.data(), training_data::samples, training_data::inputs}, data.labels);
}

// Strokes: two runs of 2 to 6 pixels in rows 4 to 23 of each image. With their overlaps that is 19 % of 784 pixels, as
// in MNIST. The label follows the first run's place, so that there is something to learn.
void fill_with_strokes(training_data& data) {
  random_stream random(1, stream::shuffle);
  for (std::size_t s = 0; s < training_data::samples; ++s) {
    const auto label = random.below(training_data::classes);
    data.labels[s] = static_cast<std::int32_t>(label);
    for (std::size_t row = 4; row < 24; ++row) {
      float* pixels = data.images.data() + s * training_data::inputs + row * 28;
      for (const std::size_t start : {2 * label + random.below(4), random.below(22)}) {
        const std::size_t length = 2 + random.below(5);
        for (std::size_t i = start; i < start + length; ++i)
          pixels[i] = static_cast<float>(1 + random.below(255)) / 255.0f;
      }
    }
  }
}

}  // namespace

std::string training_data_name() { return mnist_directory() == nullptr ? "synthetic" : "MNIST"; }

const training_data& shared_training_data() {
  static const training_data data = [] {
    training_data made;
    made.name = training_data_name();
    if (mnist_directory() != nullptr)
      fill_from_mnist(made);
    else
      fill_with_strokes(made);
    return made;
  }();
  return data;
}

}  // namespace lanewise::bench
