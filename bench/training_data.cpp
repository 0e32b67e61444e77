// SPDX-License-Identifier: MIT
#include "training_data.hpp"

#include <algorithm>
#include <cstdlib>
#include <numeric>
#include <stdexcept>
#include <utility>

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

dataset from_mnist() {
  const dataset train = load_data_files(mnist_directory()).train;
  if (train.inputs() != training_data::inputs || train.size() < training_data::samples)
    throw std::runtime_error(
        std::string(mnist_directory()) +
        ": the benchmarks need at least 10240 images of 28 x 28; unset LANEWISE_DATA for synthetic ones");
  std::vector<std::uint32_t> order(train.size());
  std::iota(order.begin(), order.end(), 0u);
  random_stream random(1, stream::shuffle);
  shuffle(order, random);
  return train.select(std::span(order).first(training_data::samples));
}

// Strokes: two runs of 2 to 6 pixels in rows 4 to 23 of each image. With their overlaps that is 19 % of 784 pixels, as
// in MNIST. The label follows the first run's place, so that there is something to learn.
dataset strokes() {
  random_stream random(1, stream::shuffle);
  std::vector<std::uint8_t> pixels(training_data::samples * training_data::inputs), labels;
  for (std::size_t s = 0; s < training_data::samples; ++s) {
    const auto label = random.below(training_data::classes);
    labels.push_back(static_cast<std::uint8_t>(label));
    for (std::size_t row = 4; row < 24; ++row) {
      std::uint8_t* row_pixels = pixels.data() + s * training_data::inputs + row * 28;
      for (const std::size_t start : {2 * label + random.below(4), random.below(22)}) {
        const std::size_t length = 2 + random.below(5);
        for (std::size_t i = start; i < start + length; ++i)
          row_pixels[i] = static_cast<std::uint8_t>(1 + random.below(255));
      }
    }
  }
  return {"strokes", 28, 28, training_data::classes, std::move(pixels), std::move(labels)};
}

}  // namespace

training_data::training_data(std::string data_name, dataset from)
    : name(std::move(data_name)), bytes(std::move(from)), images(samples * inputs), labels(samples), order(samples) {
  std::iota(order.begin(), order.end(), 0u);
  bytes.gather(order, {images.data(), samples, inputs}, labels);
}

std::string training_data_name() { return mnist_directory() == nullptr ? "synthetic" : "MNIST"; }

const training_data& shared_training_data() {
  static const training_data data(training_data_name(), mnist_directory() != nullptr ? from_mnist() : strokes());
  return data;
}

}  // namespace lanewise::bench
