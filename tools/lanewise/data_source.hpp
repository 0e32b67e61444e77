// SPDX-License-Identifier: MIT
// Where the images come from, and whether a net can take them.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include <lanewise/model/data.hpp>
#include <lanewise/model/mlp.hpp>

namespace lanewise::cli {

// What --data takes beside a directory: the digits that need no file. A directory of that name is ./digits.
inline constexpr std::string_view built_in_digits = "digits";

// What --data says; without it (empty) $LANEWISE_DATA, else data/mnist.
std::filesystem::path data_directory(const std::string& flag);

// As messages call it: the directory, or "built-in digits".
std::string data_name(const std::filesystem::path& directory);

// All there is in that place, for a net of so many classes. Throws what load_data_files() throws.
train_and_test load_images(const std::filesystem::path& directory, std::size_t classes = 10);

// The same for a net of these layers. `net` names the net in messages. Throws usage_error if the two do not fit,
// and what load_data_files() throws.
train_and_test load_data(const std::filesystem::path& directory, std::span<const layer> layers, std::string_view net);

// The same for the test images alone; nothing else is read.
dataset load_test_data(const std::filesystem::path& directory, std::span<const layer> layers, std::string_view net);

// What always answering with the most frequent class would get right: more is learned, less is not.
double share_of_commonest_class(const dataset& data);

std::string image_size(const dataset& data);  // "28x28"

}  // namespace lanewise::cli
