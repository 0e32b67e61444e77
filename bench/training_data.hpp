// SPDX-License-Identifier: MIT
// The samples that training rows run on: MNIST if LANEWISE_DATA is set, otherwise synthetic images of its density.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <lanewise/aligned_buffer.hpp>
#include <lanewise/matrix_view.hpp>
#include <lanewise/model/data.hpp>

namespace lanewise::bench {

struct training_data {
  static constexpr std::size_t samples = 10240;  // 32 MB of floats: beyond L2, as a training set is
  static constexpr std::size_t inputs = 784;
  static constexpr std::size_t classes = 10;

  training_data(std::string name, dataset from);  // `samples` images of `inputs` pixels

  std::string name;                  // "MNIST", "synthetic"
  dataset bytes;                     // what lanewise starts from
  aligned_buffer<float> images;      // the same as floats, for those that take floats
  std::vector<std::int32_t> labels;
  std::vector<std::uint32_t> order;  // 0, 1, ...

  // Samples first .. first + batch - 1.
  matrix_view<const float> batch_images(std::size_t first, std::size_t batch) const {
    return {images.data() + first * inputs, batch, inputs};
  }
  std::span<const std::int32_t> batch_labels(std::size_t first, std::size_t batch) const {
    return std::span(labels).subspan(first, batch);
  }
};

// Read or made at the first call. Throws what load_data_files() throws.
const training_data& shared_training_data();

// What shared_training_data() will use, without reading it.
std::string training_data_name();

}  // namespace lanewise::bench
