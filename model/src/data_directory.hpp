// SPDX-License-Identifier: MIT
// Which files of a directory are the images and the labels. Nothing is read.
#pragma once

#include <array>
#include <filesystem>
#include <string>
#include <string_view>

namespace lanewise {

enum class part { train, test };
enum class file_format { idx, npy, csv };

// By its name alone, plain or .gz.
file_format format_of(const std::filesystem::path& file);

struct part_files {
  std::filesystem::path images, labels;  // one and the same if it is CSV
  bool have_mnist_names = false;
};

// All files are looked for before any is read: one message names all that are missing.
class data_directory {
 public:
  explicit data_directory(const std::filesystem::path& directory);  // throws not_found_error

  part_files find(part which);       // throws not_found_error if one of two may be meant
  void require_all_found() const;    // throws not_found_error

 private:
  void miss(const std::string& name) { missing_ += (missing_.empty() ? "" : ", ") + name; }

  std::array<std::filesystem::path, 2> places_;
  std::string missing_;
};

}  // namespace lanewise
