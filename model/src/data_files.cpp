// SPDX-License-Identifier: MIT
#include <lanewise/model/data_files.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <lanewise/model/csv.hpp>
#include <lanewise/model/errors.hpp>
#include <lanewise/model/idx.hpp>
#include <lanewise/model/npy.hpp>

#include "data_directory.hpp"
#include "posix.hpp"

namespace lanewise {
namespace {

using std::filesystem::path;

struct raw_part {
  part_files files;
  std::size_t images = 0, height = 0, width = 0;
  std::vector<std::uint8_t> pixels, labels;
};

// dims: [n, height, width], or [n, pixels], of which nothing says how they lie.
void set_sizes(raw_part& raw, const std::vector<std::size_t>& dims) {
  raw.images = dims[0];
  raw.height = dims[1];
  raw.width = dims.back();
  if (dims.size() == 3) return;
  const auto side = static_cast<std::size_t>(std::llround(std::sqrt(static_cast<double>(dims[1]))));
  const bool square = side * side == dims[1];
  raw.height = square ? side : 1;
  raw.width = square ? side : dims[1];
}

raw_part read_csv_part(const part_files& files) {
  csv_u8 csv = read_csv(files.images);
  raw_part raw;
  raw.files = files;
  set_sizes(raw, {csv.labels.size(), csv.pixels_per_image});
  raw.pixels = std::move(csv.pixels);
  raw.labels = std::move(csv.labels);
  return raw;
}

template <class Array> raw_part with_images(const part_files& files, Array images) {
  raw_part raw;
  raw.files = files;
  set_sizes(raw, images.dims);
  raw.pixels = std::move(images.values);
  return raw;
}

raw_part read_part(const part_files& files) {
  if (files.images == files.labels) return read_csv_part(files);
  raw_part raw = format_of(files.images) == file_format::npy ? with_images(files, read_npy_images(files.images))
                                                             : with_images(files, read_idx_u8(files.images, 3));
  raw.labels = format_of(files.labels) == file_format::npy ? read_npy_labels(files.labels).values
                                                           : read_idx_u8(files.labels, 1).values;
  if (raw.images != raw.labels.size())
    throw malformed_error(shown(files.images) + " has " + std::to_string(raw.images) + " images, but " +
                          shown(files.labels) + " has " + std::to_string(raw.labels.size()) +
                          " labels; they must belong together");
  return raw;
}

std::size_t classes_needed(const raw_part& raw) {
  return std::size_t{*std::max_element(raw.labels.begin(), raw.labels.end())} + 1;
}

dataset finished(raw_part raw, std::size_t classes) {
  return {shown(raw.files.labels), raw.height, raw.width, classes, std::move(raw.pixels), std::move(raw.labels)};
}

std::string size_text(const raw_part& raw) { return std::to_string(raw.height) + " x " + std::to_string(raw.width); }

}  // namespace

train_and_test load_data_files(const path& directory, std::size_t classes) {
  data_directory place(directory);
  const part_files train_files = place.find(part::train), test_files = place.find(part::test);
  place.require_all_found();
  raw_part train = read_part(train_files), test = read_part(test_files);
  if (!train_files.have_mnist_names || !test_files.have_mnist_names)
    classes = std::max(classes_needed(train), classes_needed(test));
  if (train.height != test.height || train.width != test.width)
    throw malformed_error(shown(train_files.images) + " has images of " + size_text(train) + ", but " +
                          shown(test_files.images) + " of " + size_text(test));
  return {finished(std::move(train), classes), finished(std::move(test), classes)};
}

dataset load_test_files(const path& directory, std::size_t classes) {
  data_directory place(directory);
  const part_files files = place.find(part::test);
  place.require_all_found();
  raw_part raw = read_part(files);
  if (!files.have_mnist_names) classes = classes_needed(raw);
  return finished(std::move(raw), classes);
}

}  // namespace lanewise
