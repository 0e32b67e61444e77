// SPDX-License-Identifier: MIT
#include <lanewise/model/files.hpp>

#include <atomic>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <lanewise/model/errors.hpp>

#include "input_file.hpp"
#include "posix.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

namespace lanewise {
namespace {

// A file to be replaced and its directory, held open: every step then happens in that very directory.
struct target {
  explicit target(const std::filesystem::path& file);

  std::filesystem::path path;
  std::string name;
  file_descriptor directory;
  bool exists = false;
  bool is_link = false;          // a symbolic one
  bool has_other_names = false;  // hard links
};

target::target(const std::filesystem::path& file)
    : path(file), name(file.filename()), directory(uninterrupted([&] {
        const std::filesystem::path parent = file.has_parent_path() ? file.parent_path() : ".";
        return ::open(parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
      })) {
  if (!directory.is_open()) throw_io_error(file, "the directory it lies in cannot be opened", errno);
  if (name.empty()) throw io_error(shown(file) + ": names a directory; name a file");
  struct stat status = {};
  exists = ::fstatat(directory.get(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0;
  if (!exists && errno != ENOENT) throw_io_error(file, "cannot be examined", errno);
  has_other_names = exists && status.st_nlink > 1;
  is_link = exists && S_ISLNK(status.st_mode);
  if (exists && S_ISDIR(status.st_mode)) throw io_error(shown(file) + ": is a directory; name a file");
  if (exists && !S_ISREG(status.st_mode) && !is_link)
    throw io_error(shown(file) + ": is not a regular file and stays as it is; name another file");
}

// Returns the error number, or 0. Some file systems do not sync directories and say EINVAL.
int sync_to_disk(const file_descriptor& descriptor, bool is_directory) {
  if (uninterrupted([&] { return ::fsync(descriptor.get()); }) == 0) return 0;
  return is_directory && errno == EINVAL ? 0 : errno;
}

// Returns the error number, or 0.
int write_all(const file_descriptor& file, std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t count = uninterrupted([&] { return ::write(file.get(), bytes.data(), bytes.size()); });
    if (count < 0) return errno;
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
  return 0;
}

// A file beside the target that is removed again, unless it has become something else by then.
class temporary_file {
 public:
  explicit temporary_file(const target& target) : target_(target) {}
  temporary_file(const temporary_file&) = delete;
  temporary_file& operator=(const temporary_file&) = delete;
  ~temporary_file() {
    if (exists_) ::unlinkat(target_.directory.get(), name_.c_str(), 0);
  }

  const char* name() const noexcept { return name_.c_str(); }
  void became_something_else() noexcept { exists_ = false; }
  void create(std::span<const std::byte> bytes);  // on disk when this returns
  void create_as_second_name_of_target();

 private:
  template <class Make> int make_under_unused_name(const Make& make);

  const target& target_;
  std::string name_;
  bool exists_ = false;
};

constexpr std::string_view temporary_prefix = ".lanewise-", temporary_suffix = ".tmp";

std::string next_temporary_name() {
  static std::atomic<unsigned> counter{0};
  return std::string(temporary_prefix)
      .append(std::to_string(::getpid()) + "-" + std::to_string(counter++))
      .append(temporary_suffix);
}

bool is_temporary_name(std::string_view name) {
  if (!name.starts_with(temporary_prefix) || !name.ends_with(temporary_suffix)) return false;
  name.remove_prefix(temporary_prefix.size());
  name.remove_suffix(temporary_suffix.size());
  return name.find_first_not_of("0123456789-") == std::string_view::npos;
}

// make(name) returns -1 if it cannot make a file of that name, which must be a new one: a process that was killed may
// have left the same name behind.
template <class Make> int temporary_file::make_under_unused_name(const Make& make) {
  int result = -1;
  do {
    name_ = next_temporary_name();
    result = uninterrupted([&] { return make(name_.c_str()); });
  } while (result == -1 && errno == EEXIST);
  exists_ = result != -1;
  return result;
}

void temporary_file::create(std::span<const std::byte> bytes) {
  const file_descriptor& directory = target_.directory;
  file_descriptor file(make_under_unused_name([&](const char* name) {
    return ::openat(directory.get(), name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
  }));
  if (!file.is_open()) throw_io_error(target_.path, "cannot create a file beside it", errno);
  if (const int error = write_all(file, bytes)) throw_io_error(target_.path, "cannot be written", error);
  if (const int error = sync_to_disk(file, false)) throw_io_error(target_.path, "cannot be written to disk", error);
  if (::close(file.release()) != 0 && errno != EINTR) throw_io_error(target_.path, "cannot be closed", errno);
}

// Where a file system has no hard links, or no more for this file, a copy does the same.
void temporary_file::create_as_second_name_of_target() {
  const int directory = target_.directory.get();
  const int linked = make_under_unused_name(
      [&](const char* name) { return ::linkat(directory, target_.name.c_str(), directory, name, 0); });
  if (linked != -1) return;
  if (errno != EPERM && errno != EMLINK && errno != ENOTSUP && errno != ENOSYS)
    throw_io_error(target_.path, "the old file cannot be kept", errno);
  if (target_.is_link) {
    std::error_code error;
    const std::filesystem::path to = std::filesystem::read_symlink(target_.path, error);
    const auto link = [&](const char* name) { return ::symlinkat(to.c_str(), directory, name); };
    if (error || make_under_unused_name(link) == -1)
      throw_io_error(target_.path, "the old link cannot be kept", error ? error.value() : errno);
    return;
  }
  const input_file old(target_.path);
  std::vector<std::byte> bytes(old.size());
  bytes.resize(old.read_at(0, bytes));
  create(bytes);
}

// The file `part` becomes the target, the old target becomes TARGET.prev. In front of each step the target is complete,
// and if a step fails the ones before it are undone. The new file is safe on disk before the older .prev goes.
void put_in_place(const target& target, const char* part) {
  const int directory = target.directory.get();
  const char* name = target.name.c_str();
  std::optional<temporary_file> old;
  if (target.exists) old.emplace(target).create_as_second_name_of_target();

  if (::renameat(directory, part, directory, name) != 0) throw_io_error(target.path, "cannot be replaced", errno);

  std::string failed = "the directory cannot be written to disk";
  int error = sync_to_disk(target.directory, true);
  if (error == 0 && old && ::renameat(directory, old->name(), directory, (target.name + ".prev").c_str()) != 0) {
    failed = "the old file cannot be kept as " + target.name + ".prev";
    error = errno;
  }
  if (error != 0) {
    ::renameat(directory, name, directory, part);
    if (old) ::renameat(directory, old->name(), directory, name);
  }
  // Where TARGET.prev was another name of the old file already, rename has left both names.
  const bool both_names_left = error == 0 && target.has_other_names;
  if (old && !both_names_left) old->became_something_else();
  if (error != 0) throw_io_error(target.path, failed, error);
}

}  // namespace

void replace_file(const std::filesystem::path& file, std::span<const std::byte> bytes) {
  const target target(file);
  temporary_file part(target);
  part.create(bytes);
  put_in_place(target, part.name());
  part.became_something_else();
}

void replace_file_with(const std::filesystem::path& file, const std::filesystem::path& part) {
  const target target(file);
  if (part.parent_path() != file.parent_path())
    throw io_error(shown(part) + ": must lie in the same directory as " + shown(file));
  const std::string part_name = part.filename();
  const file_descriptor content(uninterrupted([&] {
    return ::openat(target.directory.get(), part_name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  }));
  if (!content.is_open()) throw_io_error(part, "cannot be opened", errno);
  if (const int error = sync_to_disk(content, false)) throw_io_error(part, "cannot be written to disk", error);
  put_in_place(target, part_name.c_str());
}

void append_to_file(const std::filesystem::path& file, std::span<const std::byte> bytes) {
  const file_descriptor opened(uninterrupted(
      [&] { return ::open(file.c_str(), O_WRONLY | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC); }));
  if (!opened.is_open()) throw_io_error(file, "cannot be opened for writing", errno);
  struct stat before = {};
  if (::fstat(opened.get(), &before) != 0) throw_io_error(file, "cannot be examined", errno);
  if (!S_ISREG(before.st_mode)) throw io_error(shown(file) + ": is not a regular file and stays as it is");
  int error = write_all(opened, bytes);
  if (error == 0) error = sync_to_disk(opened, false);
  if (error == 0) return;
  const bool is_undone = ::ftruncate(opened.get(), before.st_size) == 0;
  throw_io_error(file, is_undone ? "cannot be written" : "cannot be written, and ends with a part of what was new", error);
}

std::string read_file(const std::filesystem::path& file, std::uint64_t longest) {
  const input_file input(file);
  if (input.size() > longest)
    input.refuse("has " + std::to_string(input.size()) + " bytes, more than the limit of " + std::to_string(longest));
  std::string text(input.size(), '\0');
  text.resize(input.read_at(0, std::as_writable_bytes(std::span(text))));
  return text;
}

directory_lock::directory_lock(const std::filesystem::path& directory) {
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (error == std::errc::not_a_directory || error == std::errc::file_exists)
    throw io_error(shown(directory) +
                   ": a file is in the way of this directory; remove it or choose another directory");
  if (error) throw_io_error(directory, "the directory cannot be made; choose another one", error.value());
  if (::faccessat(AT_FDCWD, directory.c_str(), W_OK | X_OK, AT_EACCESS) != 0)
    throw_io_error(directory, "the directory cannot be written to; choose another one", errno);

  const std::filesystem::path lock = directory / ".lock";
  file_descriptor descriptor(uninterrupted(
      [&] { return ::open(lock.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0666); }));
  if (!descriptor.is_open() && errno == ELOOP)
    throw io_error(shown(lock) + ": is a symbolic link, which is not followed; remove it");
  if (!descriptor.is_open()) throw_io_error(lock, "cannot be opened for writing", errno);
  if (uninterrupted([&] { return ::flock(descriptor.get(), LOCK_EX | LOCK_NB); }) != 0) {
    if (errno == EWOULDBLOCK)
      throw io_error(shown(directory) + " is in use by another run; wait for it to end or choose another directory");
    throw_io_error(lock, "cannot be locked", errno);
  }
  remove_leftovers(directory);
  descriptor_ = descriptor.release();
}

// What saves left that were killed half-way. A leftover that cannot be removed harms nobody.
void directory_lock::remove_leftovers(const std::filesystem::path& directory) {
  std::error_code ignored;
  std::vector<std::filesystem::path> leftovers;
  for (std::filesystem::directory_iterator entry(directory, ignored), end; !ignored && entry != end;
       entry.increment(ignored))
    if (is_temporary_name(entry->path().filename().native())) leftovers.push_back(entry->path());
  for (const std::filesystem::path& leftover : leftovers) ::unlink(leftover.c_str());
}

directory_lock::~directory_lock() { ::close(descriptor_); }

}  // namespace lanewise
