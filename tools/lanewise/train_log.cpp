// SPDX-License-Identifier: MIT
#include "train_log.hpp"

#include <cerrno>
#include <string_view>
#include <system_error>

#include <lanewise/model/errors.hpp>
#include <lanewise/model/files.hpp>

#include <fcntl.h>
#include <unistd.h>

namespace lanewise::cli {
namespace {

[[noreturn]] void fail(const std::filesystem::path& file, int error) {
  throw io_error(file.string() + ": cannot be written: " + std::generic_category().message(error) +
                 "; free it or choose another --out");
}

}  // namespace

// What a killed run has left is removed, never opened: it may be a link to somewhere else.
train_log::train_log(const std::filesystem::path& file) : file_(file), part_(part_of(file)), descriptor_(-1) {
  if (::unlink(part_.c_str()) != 0 && errno != ENOENT) fail(part_, errno);
  descriptor_ = ::open(part_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
  if (descriptor_ < 0) fail(part_, errno);
}

train_log::~train_log() {
  if (descriptor_ < 0) return;
  ::close(descriptor_);
  ::unlink(part_.c_str());
}

void train_log::write(const json& record) {
  const std::string text = to_line(record) + '\n';
  std::string_view rest = text;
  while (error_ == 0 && !rest.empty()) {
    const ssize_t count = ::write(descriptor_, rest.data(), rest.size());
    if (count >= 0)
      rest.remove_prefix(static_cast<std::size_t>(count));
    else if (errno != EINTR)
      error_ = errno;
  }
}

void train_log::finish() {
  if (error_ != 0) fail(part_, error_);
  replace_file_with(file_, part_);
  ::close(descriptor_);
  descriptor_ = -1;
}

}  // namespace lanewise::cli
