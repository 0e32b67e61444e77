// SPDX-License-Identifier: MIT
#include <lanewise/model/data.hpp>

#include <algorithm>
#include <array>
#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>

#include <lanewise/model/errors.hpp>
#include <lanewise/model/idx.hpp>

#include "posix.hpp"

namespace lanewise {
namespace {

// A table, because a division per pixel is slow and u * (1 / 255.0f) differs from u / 255.0f for 126 of the 256 values.
constexpr std::array<float, 256> pixel_values = [] {
  std::array<float, 256> values{};
  for (std::size_t u = 0; u < values.size(); ++u) values[u] = static_cast<float>(u) / 255.0f;
  return values;
}();

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

namespace {

using std::filesystem::path;

constexpr const char* what_to_do = "; put the four MNIST files there or pass --data DIR; --data digits needs none";

// Some archives unpack to a directory of the same name as the file inside it, so directories are passed over. Anything
// else that cannot be examined is left to the reader, which then says why.
bool may_be_a_file(const path& candidate) {
  std::error_code error;
  const auto type = std::filesystem::status(candidate, error).type();
  return type != std::filesystem::file_type::not_found && type != std::filesystem::file_type::directory;
}

// `stem` and `kind` as in train-images-idx3-ubyte: "train-images", "idx3".
std::optional<path> find_file(const std::vector<path>& directories, const std::string& stem, const std::string& kind) {
  for (const path& directory : directories)
    for (const char* separator : {"-", "."})
      for (const char* ending : {"", ".gz"}) {
        path candidate = directory / (stem + separator + kind + "-ubyte" + ending);
        if (may_be_a_file(candidate)) return candidate;
      }
  return std::nullopt;
}

struct mnist_files {
  path images, labels;
};

dataset read_part(const mnist_files& files, std::size_t classes) {
  idx_u8 images = read_idx_u8(files.images, 3);
  idx_u8 labels = read_idx_u8(files.labels, 1);
  if (images.dims[0] != labels.dims[0])
    throw malformed_error(shown(files.images) + " has " + std::to_string(images.dims[0]) + " images, but " +
                          shown(files.labels) + " has " + std::to_string(labels.dims[0]) +
                          " labels; they must belong together");
  return {shown(files.labels),      images.dims[1],          images.dims[2], classes,
          std::move(images.values), std::move(labels.values)};
}

std::string size_text(const dataset& data) {
  return std::to_string(data.height()) + " x " + std::to_string(data.width());
}

// A directory with MNIST's files. They are all looked for before any is read: one message names all that are missing.
class mnist_directory {
 public:
  explicit mnist_directory(const path& directory) : places_{directory, directory / "MNIST" / "raw"} {
    std::error_code error;
    const auto type = std::filesystem::status(directory, error).type();
    if (type == std::filesystem::file_type::not_found)
      throw not_found_error(shown(directory) + ": no such directory" + what_to_do);
    if (!error && type != std::filesystem::file_type::directory)
      throw not_found_error(shown(directory) + ": is not a directory" + what_to_do);
  }

  // `part` is "train" or "t10k".
  mnist_files find(const std::string& part) {
    return {find(part + "-images", "idx3"), find(part + "-labels", "idx1")};
  }
  void require_all_found() const {
    if (!missing_.empty())
      throw not_found_error(shown(places_[0]) + ": no " + missing_ + " in it or in " + shown(places_[1]) + what_to_do);
  }

 private:
  path find(const std::string& stem, const std::string& kind) {
    const std::optional<path> file = find_file(places_, stem, kind);
    if (!file) missing_ += (missing_.empty() ? "" : ", ") + stem + "-" + kind + "-ubyte[.gz]";
    return file.value_or(path());
  }

  std::vector<path> places_;
  std::string missing_;
};

}  // namespace

train_and_test load_mnist(const path& directory, std::size_t classes) {
  mnist_directory files(directory);
  const mnist_files train = files.find("train"), test = files.find("t10k");
  files.require_all_found();
  train_and_test data{read_part(train, classes), read_part(test, classes)};
  if (data.train.height() != data.test.height() || data.train.width() != data.test.width())
    throw malformed_error(shown(train.images) + " has images of " + size_text(data.train) + ", but " +
                          shown(test.images) + " of " + size_text(data.test));
  return data;
}

dataset load_mnist_test(const path& directory, std::size_t classes) {
  mnist_directory files(directory);
  const mnist_files test = files.find("t10k");
  files.require_all_found();
  return read_part(test, classes);
}

}  // namespace lanewise
