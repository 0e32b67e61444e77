// SPDX-License-Identifier: MIT
#include "data_source.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <initializer_list>
#include <vector>

#include <fmt/format.h>

#include <lanewise/model/data_files.hpp>
#include <lanewise/model/digits.hpp>

#include "exit_codes.hpp"
#include "text.hpp"

namespace lanewise::cli {
namespace {

constexpr std::size_t mnist_classes = 10;

// Who wants which data, for the messages.
struct request {
  const std::filesystem::path& directory;
  std::size_t inputs, classes;  // of the net
  std::string_view net;
};

// A label of 9 is no fault of the data, even if the net has fewer classes.
std::size_t classes_to_read(const request& wanted) {
  if (wanted.classes > max_classes)
    throw usage_error(fmt::format("{}: {} outputs, but labels are bytes; a net for them ends with at most {}",
                                  wanted.net, thousands(wanted.classes), max_classes));
  return std::max(wanted.classes, mnist_classes);
}

// Labels are those of the training and of the test images: neither may exceed the net's.
void fit_to_net(const request& wanted, std::initializer_list<dataset*> parts) {
  std::int32_t highest = 0;
  for (const dataset* part : parts) {
    if (part->inputs() != wanted.inputs)
      throw usage_error(fmt::format(
          "{}: {} inputs, but the images in {} are {} = {} pixels; a net for them starts with {}", wanted.net,
          thousands(wanted.inputs), data_name(wanted.directory), image_size(*part), thousands(part->inputs()),
          part->inputs()));
    highest = std::max(highest, part->highest_label());
  }
  if (static_cast<std::size_t>(highest) >= wanted.classes)
    throw usage_error(fmt::format("{}: {} outputs, but the labels in {} go up to {}; a net for them ends with {}",
                                  wanted.net, wanted.classes, data_name(wanted.directory), highest, highest + 1));
  for (dataset* part : parts) part->set_classes(wanted.classes);
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
  return directory == built_in_digits ? make_digits({.classes = classes}) : load_data_files(directory, classes);
}

dataset load_test_images(const std::filesystem::path& directory, std::size_t classes) {
  if (directory == built_in_digits) return make_digits({.train = 0, .classes = classes}).test;
  return load_test_files(directory, classes);
}

train_and_test load_data(const std::filesystem::path& directory, std::span<const layer> layers, std::string_view net) {
  const request wanted{directory, layers.front().in, layers.back().out, net};
  train_and_test data = load_images(directory, classes_to_read(wanted));
  fit_to_net(wanted, {&data.train, &data.test});
  return data;
}

dataset load_test_data(const std::filesystem::path& directory, std::span<const layer> layers, std::string_view net) {
  const request wanted{directory, layers.front().in, layers.back().out, net};
  dataset data = load_test_images(directory, classes_to_read(wanted));
  fit_to_net(wanted, {&data});
  return data;
}

double share_of_commonest_class(const dataset& data) {
  std::vector<std::size_t> images(max_classes);
  for (std::size_t i = 0; i < data.size(); ++i) ++images[static_cast<std::size_t>(data.label(i))];
  return static_cast<double>(*std::max_element(images.begin(), images.end())) / static_cast<double>(data.size());
}

std::string image_size(const dataset& data) { return fmt::format("{}x{}", data.width(), data.height()); }

}  // namespace lanewise::cli
