// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string_view>

#include <zlib.h>

#include "input_file.hpp"

namespace lanewise {

// The content of a file from front to back: its bytes or, if they are gzip, what they unpack to. Nothing is unpacked
// beyond what is asked for.
class content_reader {
 public:
  explicit content_reader(const std::filesystem::path& file);
  content_reader(const content_reader&) = delete;
  content_reader& operator=(const content_reader&) = delete;
  ~content_reader();

  bool is_gzip() const noexcept { return gzip_; }
  std::uint64_t file_size() const noexcept { return file_.size(); }
  // How many bytes the content can have at most; exactly the file's size if it is not gzip.
  std::uint64_t size_bound() const noexcept;

  // Returns how many bytes there were, fewer than asked only at the end of the content. Asking beyond the end of gzip
  // also verifies its checksum and that nothing follows. Throws malformed_error or io_error.
  std::size_t read(std::span<std::byte> to);

  [[noreturn]] void refuse(std::string_view problem) const { file_.refuse(problem); }

 private:
  std::size_t unpack(std::span<std::byte> to);
  void refill();
  void inflate_some();
  void expect_end_of_file() const;

  input_file file_;
  bool gzip_ = false;
  std::uint64_t offset_ = 0;  // of the first byte of the file that was not read yet
  bool ended_ = false;        // the gzip member was unpacked to its end and its checksum is right
  z_stream stream_ = {};
  std::array<std::byte, 1 << 16> packed_ = {};
};

}  // namespace lanewise
