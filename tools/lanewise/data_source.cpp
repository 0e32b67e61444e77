// SPDX-License-Identifier: MIT
#include "data_source.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include <fmt/format.h>

#include <lanewise/model/digits.hpp>

#include "exit_codes.hpp"
#include "text.hpp"

namespace lanewise::cli {
namespace {

constexpr std::size_t mnist_classes = 10;

std::size_t highest_label(const dataset& data) {
  std::int32_t highest = 0;
  for (std::size_t i = 0; i < data.size(); ++i) highest = std::max(highest, data.label(i));
  return static_cast<std::size_t>(highest);
}

}  // namespace

std::filesystem::path data_directory(const std::string& flag) {
  if (!flag.empty()) return flag;
  const char* environment = std::getenv("LANEWISE_DATA");
  return environment != nullptr && *environment != '\0' ? environment : "data/mnist";
}

std::string data_name(const std::filesystem::path& directory) {
  return directory == built_in_digits ? "built-in digits" : directory.string();
}

train_and_test load_images(const std::filesystem::path& directory, std::size_t classes) {
  return directory == built_in_digits ? make_digits({.classes = classes}) : load_mnist(directory, classes);
}

train_and_test load_data(const std::filesystem::path& directory, std::span<const layer> layers, std::string_view net) {
  const std::size_t inputs = layers.front().in, classes = layers.back().out;
  // A label of 9 is no fault of the data, even if the net has fewer classes.
  train_and_test data = load_images(directory, std::max(classes, mnist_classes));
  if (data.train.inputs() != inputs)
    throw usage_error(fmt::format(
        "{}: {} inputs, but the images in {} are {} = {} pixels; a net for them starts with {}", net, thousands(inputs),
        data_name(directory), image_size(data.train), thousands(data.train.inputs()), data.train.inputs()));
  if (classes >= mnist_classes) return data;
  const std::size_t highest = std::max(highest_label(data.train), highest_label(data.test));
  if (highest >= classes)
    throw usage_error(fmt::format("{}: {} outputs, but the labels in {} go up to {}; a net for them ends with {}", net,
                                  classes, data_name(directory), highest, highest + 1));
  return load_images(directory, classes);
}

std::string image_size(const dataset& data) { return fmt::format("{}x{}", data.width(), data.height()); }

}  // namespace lanewise::cli
