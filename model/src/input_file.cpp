// SPDX-License-Identifier: MIT
#include "input_file.hpp"

#include <lanewise/model/errors.hpp>

#include <fcntl.h>
#include <sys/stat.h>

namespace lanewise {

// O_NONBLOCK: opening a FIFO must not wait for its writer. It changes nothing for regular files.
input_file::input_file(const std::filesystem::path& file)
    : path_(file),
      descriptor_(uninterrupted([&] { return ::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY); })) {
  if (!descriptor_.is_open()) {
    if (errno == ENOENT || errno == ENOTDIR) throw not_found_error(shown(file) + ": no such file; check the path");
    throw_io_error(file, "cannot be opened", errno);
  }
  struct stat status = {};
  if (::fstat(descriptor_.get(), &status) != 0) throw_io_error(file, "cannot be examined", errno);
  if (S_ISDIR(status.st_mode)) refuse("is a directory; name a file");
  if (!S_ISREG(status.st_mode)) refuse("is not a regular file; pipes and devices are not read");
  size_ = static_cast<std::uint64_t>(status.st_size);
}

std::size_t input_file::read_at(std::uint64_t offset, std::span<std::byte> to) const {
  std::size_t done = 0;
  while (done < to.size()) {
    const ssize_t count = uninterrupted([&] {
      return ::pread(descriptor_.get(), to.data() + done, to.size() - done, static_cast<off_t>(offset + done));
    });
    if (count < 0) throw_io_error(path_, "cannot be read", errno);
    if (count == 0) break;
    done += static_cast<std::size_t>(count);
  }
  return done;
}

void input_file::refuse(std::string_view problem) const {
  throw malformed_error(shown(path_).append(": ").append(problem));
}

}  // namespace lanewise
