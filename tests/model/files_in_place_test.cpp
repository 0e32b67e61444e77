// SPDX-License-Identifier: MIT
// Files that stay where they are: appended to, read as a whole.
#include <doctest/doctest.h>

#include <csignal>
#include <span>
#include <string>
#include <vector>

#include <sys/resource.h>
#include <sys/stat.h>

#include <lanewise/model/errors.hpp>
#include <lanewise/model/files.hpp>

#include "../support/child_process.hpp"
#include "../support/refusal.hpp"
#include "../support/temp_dir.hpp"

namespace lanewise::test {
namespace {

using std::filesystem::path;
using names = std::vector<std::string>;

std::span<const std::byte> as_bytes(const std::string& text) { return std::as_bytes(std::span(text)); }

const std::string old_text = "what was there", new_text = "what is new, which is a bit longer";

TEST_CASE("append_to_file: adds at the end") {
  const temp_dir dir;
  const path file = write_file(dir / "log", old_text);
  append_to_file(file, as_bytes(new_text));
  append_to_file(file, {});
  append_to_file(file, as_bytes("end"));
  CHECK(read_file(file) == old_text + new_text + "end");
  CHECK(names_in(dir.path()) == names{"log"});
}

TEST_CASE("append_to_file: a file larger than allowed stays what it was") {
  const temp_dir dir;
  const path file = write_file(dir / "log", old_text);
  const int status = run_in_child([&] {
    std::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{4096, 4096};
    if (::setrlimit(RLIMIT_FSIZE, &limit) != 0) return 2;
    try {
      append_to_file(file, as_bytes(std::string(10'000, 'x')));
    } catch (const io_error& error) {
      return std::string(error.what()).find("cannot be written: File too large") != std::string::npos ? 0 : 3;
    }
    return 1;
  });
  CHECK(exited_with(status, 0));
  CHECK(read_file(file) == old_text);
}

TEST_CASE("append_to_file: what is no regular file is refused and stays") {
  const temp_dir dir;
  const auto append = [](const path& file) { return [file] { append_to_file(file, as_bytes(new_text)); }; };
  write_file(dir / "elsewhere", "untouched");
  std::filesystem::create_symlink("elsewhere", dir / "link");
  std::filesystem::create_directory(dir / "directory");
  REQUIRE(::mkfifo((dir / "fifo").c_str(), 0600) == 0);
  check_refusal<io_error>(dir / "none", "No such file", append(dir / "none"));
  check_refusal<io_error>(dir / "link", "cannot be opened for writing", append(dir / "link"));
  check_refusal<io_error>(dir / "directory", "Is a directory", append(dir / "directory"));
  check_refusal<io_error>(dir / "fifo", "cannot be opened for writing", append(dir / "fifo"));
  check_refusal<io_error>("/dev/null", "is not a regular file", append("/dev/null"));
  CHECK(read_file(dir / "elsewhere") == "untouched");
  CHECK(names_in(dir.path()) == names{"directory", "elsewhere", "fifo", "link"});
}

TEST_CASE("read_file: all of a regular file, also through a link") {
  const temp_dir dir;
  const std::string text("one\0two\n", 8);
  write_file(dir / "file", text);
  write_file(dir / "empty", "");
  std::filesystem::create_symlink("file", dir / "link");
  CHECK(lanewise::read_file(dir / "file", text.size()) == text);
  CHECK(lanewise::read_file(dir / "link", text.size()) == text);
  CHECK(lanewise::read_file(dir / "empty", 0).empty());
}

TEST_CASE("read_file: what is no regular file, or too long, is refused at once") {
  const temp_dir dir;
  const auto read = [](const path& file) { return [file] { lanewise::read_file(file, 10); }; };
  write_file(dir / "long", "eleven byte");
  std::filesystem::create_directory(dir / "directory");
  std::filesystem::create_symlink("/dev/zero", dir / "zeros");
  REQUIRE(::mkfifo((dir / "fifo").c_str(), 0600) == 0);
  check_refusal<not_found_error>(dir / "none", "no such file", read(dir / "none"));
  check_refusal<malformed_error>(dir / "long", "has 11 bytes, more than the limit of 10", read(dir / "long"));
  check_refusal<malformed_error>(dir / "directory", "is a directory; name a file", read(dir / "directory"));
  check_refusal<malformed_error>(dir / "zeros", "is not a regular file", read(dir / "zeros"));
  check_refusal<malformed_error>(dir / "fifo", "is not a regular file", read(dir / "fifo"));
}

}  // namespace
}  // namespace lanewise::test
