// SPDX-License-Identifier: MIT
// Labelled images, kept as the bytes they came as; pixels become floats a batch at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <lanewise/matrix_view.hpp>

namespace lanewise {

inline constexpr std::size_t max_classes = 256;  // labels are bytes

class dataset {
 public:
  dataset() = default;
  // pixels: images after each other, height * width bytes each. Throws malformed_error if a size does not fit or a label
  // is not below `classes`, std::invalid_argument for more than max_classes. `name` is used in messages.
  dataset(std::string name, std::size_t height, std::size_t width, std::size_t classes,
          std::vector<std::uint8_t> pixels, std::vector<std::uint8_t> labels);

  std::size_t size() const noexcept { return labels_.size(); }
  std::size_t height() const noexcept { return height_; }
  std::size_t width() const noexcept { return width_; }
  std::size_t inputs() const noexcept { return height_ * width_; }
  std::size_t classes() const noexcept { return classes_; }
  // Throws std::invalid_argument if there are labels of more classes.
  void set_classes(std::size_t classes);
  std::int32_t highest_label() const noexcept;  // 0 where there is none
  double nonzero_share() const noexcept { return nonzero_share_; }  // of all pixels; 0 where there are none
  std::span<const std::uint8_t> image(std::size_t i) const noexcept {
    return std::span(pixels_).subspan(i * inputs(), inputs());
  }
  std::int32_t label(std::size_t i) const noexcept { return labels_[i]; }
  std::span<const std::uint8_t> labels() const noexcept { return labels_; }

  // Row r of x = image indices[r] as floats in [0, 1]: float(u8) / 255.0f. labels[r] = its label.
  // x [indices.size(), inputs()], labels.size() == indices.size(), every index < size().
  void gather(std::span<const std::uint32_t> indices, matrix_view<float> x,
              std::span<std::int32_t> labels) const noexcept;

  // A copy of some images, in the order of `indices`, each of which must be < size().
  dataset select(std::span<const std::uint32_t> indices) const;

 private:
  std::size_t height_ = 0, width_ = 0, classes_ = 0;
  double nonzero_share_ = 0;
  std::vector<std::uint8_t> pixels_;
  std::vector<std::uint8_t> labels_;
};

struct train_and_test {
  dataset train;
  dataset test;
};

}  // namespace lanewise
