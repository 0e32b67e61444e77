// SPDX-License-Identifier: MIT
#include <lanewise/model/data.hpp>

#include <algorithm>
#include <array>
#include <stdexcept>
#include <string>
#include <utility>

#include <lanewise/contract.hpp>
#include <lanewise/model/errors.hpp>

#include "huge_pages.hpp"

namespace lanewise {
namespace {

// A table, because a division per pixel is slow and u * (1 / 255.0f) differs from u / 255.0f for 126 of the 256 values.
constexpr std::array<float, 256> pixel_values = [] {
  std::array<float, 256> values{};
  for (std::size_t u = 0; u < values.size(); ++u) values[u] = static_cast<float>(u) / 255.0f;
  return values;
}();

// In blocks whose counts fit 8 bits: so the compiler vectorises it, at the speed of the memory.
double share_of_nonzero(std::span<const std::uint8_t> pixels) {
  std::size_t count = 0;
  for (std::size_t first = 0; first < pixels.size(); first += 255) {
    std::uint8_t block = 0;
    for (const std::uint8_t u : pixels.subspan(first, std::min<std::size_t>(255, pixels.size() - first)))
      block = static_cast<std::uint8_t>(block + (u != 0));
    count += block;
  }
  return pixels.empty() ? 0 : static_cast<double>(count) / static_cast<double>(pixels.size());
}

}  // namespace

dataset::dataset(std::string name, std::size_t height, std::size_t width, std::size_t classes,
                 std::vector<std::uint8_t> pixels, std::vector<std::uint8_t> labels)
    : height_(height), width_(width), classes_(classes), pixels_(std::move(pixels)), labels_(std::move(labels)) {
  if (classes > max_classes)
    throw std::invalid_argument(name + ": " + std::to_string(classes) + " classes, but labels are bytes; " +
                                "choose at most " + std::to_string(max_classes));
  std::size_t image = 0, total = 0;
  if (__builtin_mul_overflow(height, width, &image) || image == 0 ||
      __builtin_mul_overflow(image, labels_.size(), &total) || total != pixels_.size())
    throw malformed_error(name + ": " + std::to_string(labels_.size()) + " labels and " +
                          std::to_string(pixels_.size()) + " pixels do not make images of " + std::to_string(height) +
                          " x " + std::to_string(width));
  const auto bad = std::find_if(labels_.begin(), labels_.end(), [&](std::uint8_t label) { return label >= classes; });
  if (bad != labels_.end())
    throw malformed_error(name + ": label " + std::to_string(*bad) + " of image " +
                          std::to_string(bad - labels_.begin()) + " is not below the number of classes, " +
                          std::to_string(classes));
  nonzero_share_ = share_of_nonzero(pixels_);
}

void dataset::set_classes(std::size_t classes) {
  if (classes > max_classes || (size() > 0 && static_cast<std::size_t>(highest_label()) >= classes))
    throw std::invalid_argument("dataset::set_classes: " + std::to_string(classes) + " classes, but labels go up to " +
                                std::to_string(highest_label()) + " and are bytes");
  classes_ = classes;
}

std::int32_t dataset::highest_label() const noexcept {
  return labels_.empty() ? 0 : *std::max_element(labels_.begin(), labels_.end());
}

void dataset::gather(std::span<const std::uint32_t> indices, matrix_view<float> x,
                     std::span<std::int32_t> labels) const noexcept {
  if (x.rows() != indices.size() || x.cols() != inputs())
    contract_violated("dataset::gather: x must be [indices.size(), inputs()]");
  if (labels.size() != indices.size()) contract_violated("dataset::gather: labels.size() must equal indices.size()");
  for (std::size_t r = 0; r < indices.size(); ++r) {
    const std::size_t i = indices[r];
    if (i >= size()) contract_violated("dataset::gather: every index must be below size()");
    const std::span<const std::uint8_t> pixels = image(i);
    std::transform(pixels.begin(), pixels.end(), x.row(r).begin(), [](std::uint8_t u) { return pixel_values[u]; });
    labels[r] = label(i);
  }
}

dataset dataset::select(std::span<const std::uint32_t> indices) const {
  dataset selected;
  selected.height_ = height_;
  selected.width_ = width_;
  selected.classes_ = classes_;
  selected.pixels_ = bytes_in_huge_pages(indices.size() * inputs());
  selected.labels_.reserve(indices.size());
  auto to = selected.pixels_.begin();
  for (const std::size_t i : indices) {
    if (i >= size()) contract_violated("dataset::select: every index must be below size()");
    const std::span<const std::uint8_t> pixels = image(i);
    to = std::copy(pixels.begin(), pixels.end(), to);
    selected.labels_.push_back(labels_[i]);
  }
  selected.nonzero_share_ = share_of_nonzero(selected.pixels_);
  return selected;
}

}  // namespace lanewise
