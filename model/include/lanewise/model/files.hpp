// SPDX-License-Identifier: MIT
// Files that are either the old one or the new one, or grow and lose nothing, whatever happens in between.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

namespace lanewise {

// Writes `bytes` as `file`: temporary file in the same directory (O_EXCL | O_NOFOLLOW | O_CLOEXEC), write, fsync,
// close, the existing `file` kept as `file`.prev, rename, fsync of the directory. `file` is complete at every moment.
// Throws io_error; then `file` and `file`.prev are what they were, and there is no temporary file. A symbolic link is
// replaced, not followed.
void replace_file(const std::filesystem::path& file, std::span<const std::byte> bytes);

// Puts a complete file `part` that lies in the same directory in the place of `file`, keeping the old one as
// `file`.prev. Throws io_error; then all three are what they were.
void replace_file_with(const std::filesystem::path& file, const std::filesystem::path& part);

// Adds `bytes` at the end of a regular file; they are on disk when this returns. Throws io_error; then the file is what it
// was, or the text says that it is not. What was in the file stays there, even if the process is killed; that may leave a
// first part of `bytes` behind it. A symbolic link is refused.
void append_to_file(const std::filesystem::path& file, std::span<const std::byte> bytes);

// All of a regular file. Throws not_found_error, malformed_error if it is something else (nothing waits for a FIFO) or has
// more than `longest` bytes, or io_error.
std::string read_file(const std::filesystem::path& file, std::uint64_t longest);

// Holds an exclusive lock on a directory while it lives; creates the directory (with parents) if it is missing, and
// removes the temporary files (.lanewise-*.tmp) of processes that were killed while they replaced a file in it. So
// where one process locks a directory, the others that replace files in it must lock it, too.
// Throws io_error: "DIR is in use by another run", or why it cannot be made or written to.
class directory_lock {
 public:
  explicit directory_lock(const std::filesystem::path& directory);
  directory_lock(const directory_lock&) = delete;
  directory_lock& operator=(const directory_lock&) = delete;
  ~directory_lock();

 private:
  static void remove_leftovers(const std::filesystem::path& directory);

  int descriptor_ = -1;
};

}  // namespace lanewise
