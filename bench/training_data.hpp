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

namespace lanewise::bench {

struct training_data {
  static constexpr std::size_t samples = 4096;  // 12.8 MB of floats: beyond L2, as a training set is
  static constexpr std::size_t inputs = 784;
  static constexpr std::size_t classes = 10;

  std::string name;  // "MNIST", "synthetic"
  aligned_buffer<float> images = aligned_buffer<float>(samples * inputs);
  std::vector<std::int32_t> labels = std::vector<std::int32_t>(samples);

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
