// SPDX-License-Identifier: MIT
// What the files that call POSIX share: an owned file descriptor, calls that signals may interrupt, and error texts.
#pragma once

#include <cerrno>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>

#include <unistd.h>

namespace lanewise {

class file_descriptor {
 public:
  explicit file_descriptor(int descriptor) noexcept : descriptor_(descriptor) {}
  file_descriptor(file_descriptor&& other) noexcept : descriptor_(other.release()) {}
  file_descriptor& operator=(file_descriptor&&) = delete;
  ~file_descriptor() {
    if (is_open()) ::close(descriptor_);
  }

  bool is_open() const noexcept { return descriptor_ >= 0; }
  int get() const noexcept { return descriptor_; }
  int release() noexcept { return std::exchange(descriptor_, -1); }

 private:
  int descriptor_;
};

// Repeats a system call that a signal interrupted before it did anything.
template <class Call> auto uninterrupted(const Call& call) {
  auto result = call();
  while (result == -1 && errno == EINTR) result = call();
  return result;
}

// Texts for messages: a path, and what stands inside a file, in quotes and shortened. Both are one line.
std::string shown(const std::filesystem::path& file);
std::string in_quotes(std::string_view text);

// "FILE: WHAT: why, in the system's words"
[[noreturn]] void throw_io_error(const std::filesystem::path& file, std::string_view what, int error_number);

}  // namespace lanewise
