// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string_view>

#include "posix.hpp"

namespace lanewise {

// A regular file opened for reading. Directories, FIFOs and devices are refused, without waiting for a writer.
class input_file {
 public:
  // Throws not_found_error, malformed_error if it is not a regular file, or io_error.
  explicit input_file(const std::filesystem::path& file);

  const std::filesystem::path& path() const noexcept { return path_; }
  std::uint64_t size() const noexcept { return size_; }

  // Fills `to` from `offset` on; returns how many bytes there were, fewer than asked only at the end of the file.
  std::size_t read_at(std::uint64_t offset, std::span<std::byte> to) const;

  // Throws malformed_error "FILE: PROBLEM".
  [[noreturn]] void refuse(std::string_view problem) const;

 private:
  std::filesystem::path path_;
  file_descriptor descriptor_;
  std::uint64_t size_ = 0;
};

}  // namespace lanewise
