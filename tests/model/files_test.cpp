// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <csignal>
#include <span>
#include <string>
#include <vector>

#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

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

const std::string older_text = "the generation before the old one", old_text = "the old one";
const std::string new_text = "the new one, which is a bit longer than the others";

TEST_CASE("replace_file: writes, and keeps exactly the generation before") {
  const temp_dir dir;
  const path file = dir / "model";
  replace_file(file, as_bytes(older_text));
  CHECK(read_file(file) == older_text);
  CHECK(names_in(dir.path()) == names{"model"});
  replace_file(file, as_bytes(old_text));
  replace_file(file, as_bytes(new_text));
  CHECK(read_file(file) == new_text);
  CHECK(read_file(dir / "model.prev") == old_text);
  replace_file(file, {});
  CHECK(read_file(file).empty());
  CHECK(names_in(dir.path()) == names{"model", "model.prev"});
}

TEST_CASE("replace_file: a name without a directory lies in the current one") {
  const temp_dir dir;
  CHECK(exited_with(run_in_child([&] {
                      std::filesystem::current_path(dir.path());
                      replace_file("model", as_bytes(new_text));
                      return 0;
                    }),
                    0));
  CHECK(read_file(dir / "model") == new_text);
}

TEST_CASE("replace_file: new files have the rights that the umask leaves") {
  const temp_dir dir;
  const mode_t mask = ::umask(027);
  replace_file(dir / "model", as_bytes(new_text));
  ::umask(mask);
  struct stat status = {};
  REQUIRE(::stat((dir / "model").c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0640);
}

TEST_CASE("replace_file: a symbolic link is replaced, not followed") {
  const temp_dir dir;
  write_file(dir / "elsewhere", "untouched");
  std::filesystem::create_symlink("elsewhere", dir / "model");
  replace_file(dir / "model", as_bytes(new_text));
  CHECK(read_file(dir / "elsewhere") == "untouched");
  CHECK_FALSE(std::filesystem::is_symlink(dir / "model"));
  CHECK(std::filesystem::is_symlink(dir / "model.prev"));
}

TEST_CASE("replace_file: links planted under the names of temporary files are not followed") {
  const temp_dir dir;
  const path victim = write_file(dir / "victim", "untouched");
  constexpr int planted = 2000;
  for (int i = 0; i < planted; ++i)
    std::filesystem::create_symlink(
        victim, dir / (".lanewise-" + std::to_string(::getpid()) + "-" + std::to_string(i) + ".tmp"));
  replace_file(dir / "model", as_bytes(old_text));
  replace_file(dir / "model", as_bytes(new_text));
  CHECK(read_file(victim) == "untouched");
  CHECK_FALSE(std::filesystem::is_symlink(dir / "model"));
  CHECK_FALSE(std::filesystem::is_symlink(dir / "model.prev"));
  CHECK(names_in(dir.path()).size() == planted + 3);
}

TEST_CASE("replace_file: a target that cannot be replaced is named, and nothing is left behind") {
  const temp_dir dir;
  const auto replace = [](const path& file) { return [file] { replace_file(file, as_bytes(new_text)); }; };
  std::filesystem::create_directory(dir / "directory");
  check_refusal<io_error>(dir / "directory", "is a directory; name a file", replace(dir / "directory"));
  check_refusal<io_error>(dir / "directory/", "names a directory; name a file", replace(dir / "directory/"));
  check_refusal<io_error>(dir / "no/model", "No such file or directory", replace(dir / "no/model"));
  REQUIRE(::mkfifo((dir / "fifo").c_str(), 0600) == 0);
  check_refusal<io_error>(dir / "fifo", "is not a regular file", replace(dir / "fifo"));
  check_refusal<io_error>(dir / std::string(300, 'x'), "File name too long", replace(dir / std::string(300, 'x')));
  CHECK(names_in(dir.path()) == names{"directory", "fifo"});
}

TEST_CASE("replace_file: if the old file cannot be kept, it stays where it is") {
  const temp_dir dir;
  write_file(dir / "model", old_text);
  std::filesystem::create_directory(dir / "model.prev");
  check_refusal<io_error>(dir / "model", "cannot be kept as model.prev: Is a directory",
                          [&] { replace_file(dir / "model", as_bytes(new_text)); });
  CHECK(read_file(dir / "model") == old_text);
  CHECK(names_in(dir.path()) == names{"model", "model.prev"});
}

TEST_CASE("replace_file: a file larger than allowed leaves the old one and no temporary file") {
  const temp_dir dir;
  write_file(dir / "model", old_text);
  const int status = run_in_child([&] {
    std::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{4096, 4096};
    if (::setrlimit(RLIMIT_FSIZE, &limit) != 0) return 2;
    try {
      replace_file(dir / "model", as_bytes(std::string(10'000, 'x')));
    } catch (const io_error& error) {
      return std::string(error.what()).find("File too large") != std::string::npos ? 0 : 3;
    }
    return 1;
  });
  CHECK(exited_with(status, 0));
  CHECK(read_file(dir / "model") == old_text);
  CHECK(names_in(dir.path()) == names{"model"});
}

TEST_CASE("replace_file: a .prev that is a second name of the file itself leaves nothing behind") {
  const temp_dir dir;
  write_file(dir / "model", old_text);
  std::filesystem::create_hard_link(dir / "model", dir / "model.prev");
  replace_file(dir / "model", as_bytes(new_text));
  CHECK(read_file(dir / "model") == new_text);
  CHECK(read_file(dir / "model.prev") == old_text);
  CHECK(names_in(dir.path()) == names{"model", "model.prev"});

  std::filesystem::create_hard_link(dir / "model", dir / "other");
  replace_file(dir / "model", as_bytes(older_text));
  CHECK(read_file(dir / "model.prev") == new_text);
  CHECK(names_in(dir.path()) == names{"model", "model.prev", "other"});
}

TEST_CASE("replace_file_with: a file written elsewhere in the directory takes the place") {
  const temp_dir dir;
  write_file(dir / "log", old_text);
  write_file(dir / "log.part", new_text);
  replace_file_with(dir / "log", dir / "log.part");
  CHECK(read_file(dir / "log") == new_text);
  CHECK(read_file(dir / "log.prev") == old_text);
  CHECK(names_in(dir.path()) == names{"log", "log.prev"});

  check_refusal<io_error>(dir / "log.part", "No such file", [&] { replace_file_with(dir / "log", dir / "log.part"); });
  check_refusal<io_error>(dir / "log", "must lie in the same directory",
                          [&] { replace_file_with(dir / "log", dir / "other/log.part"); });
  std::filesystem::create_symlink("log.prev", dir / "log.part");
  check_refusal<io_error>(dir / "log.part", "symbolic links",
                          [&] { replace_file_with(dir / "log", dir / "log.part"); });
  CHECK(read_file(dir / "log") == new_text);
}

TEST_CASE("directory_lock: makes the directory and its parents") {
  const temp_dir dir;
  const directory_lock lock(dir / "a/b/c");
  CHECK(std::filesystem::is_directory(dir / "a/b/c"));
}

TEST_CASE("directory_lock: the second one is refused, in this process and in another, until the first is gone") {
  const temp_dir dir;
  const auto take = [&] { directory_lock second(dir.path()); };
  const auto take_in_child = [&] {
    return run_in_child([&] {
      try {
        take();
      } catch (const io_error&) { return 1; }
      return 0;
    });
  };
  {
    const directory_lock first(dir.path());
    check_refusal<io_error>(dir.path(), "is in use by another run", take);
    CHECK(exited_with(take_in_child(), 1));
  }
  CHECK_NOTHROW(take());
  CHECK(exited_with(take_in_child(), 0));
}

TEST_CASE("directory_lock: a process that was killed holds nothing") {
  const temp_dir dir;
  const int status = run_in_child([&] {
    const directory_lock lock(dir.path());
    return ::raise(SIGKILL);
  });
  CHECK(WIFSIGNALED(status));
  CHECK_NOTHROW(directory_lock(dir.path()));
}

TEST_CASE("directory_lock: whoever gets it removes what killed saves left, and nothing else") {
  const temp_dir dir;
  const names others{".lanewise-12-3.tmp.old", ".lanewise-.temp", ".lanewise-a-3.tmp", "x.lanewise-12-3.tmp", "victim"};
  for (const std::string& other : others) write_file(dir / other, "x");
  write_file(dir / ".lanewise-12-3.tmp", "half");
  std::filesystem::create_symlink("victim", dir / ".lanewise-12-4.tmp");
  std::filesystem::create_directory(dir / ".lanewise-12-5.tmp");
  const directory_lock lock(dir.path());
  for (const std::string& other : others) CHECK(read_file(dir / other) == "x");
  CHECK(std::filesystem::is_directory(dir / ".lanewise-12-5.tmp"));
  CHECK(names_in(dir.path()).size() == others.size() + 2);

  write_file(dir / ".lanewise-12-6.tmp", "being written");
  CHECK_THROWS_AS(directory_lock(dir.path()), io_error);
  CHECK(read_file(dir / ".lanewise-12-6.tmp") == "being written");
}

TEST_CASE("directory_lock: what is in the way is named") {
  const temp_dir dir;
  const auto take = [](const path& directory) { return [directory] { directory_lock lock(directory); }; };
  const path file = write_file(dir / "file", "x");
  check_refusal<io_error>(file, "a file is in the way", take(file));
  check_refusal<io_error>(file / "out", "a file is in the way", take(file / "out"));

  std::filesystem::create_directory(dir / "out");
  std::filesystem::create_symlink(dir / "victim", dir / "out/.lock");
  check_refusal<io_error>(dir / "out/.lock", "is a symbolic link, which is not followed", take(dir / "out"));
  CHECK_FALSE(std::filesystem::exists(dir / "victim"));

  std::filesystem::create_directories(dir / "other/.lock");
  check_refusal<io_error>(dir / "other/.lock", "Is a directory", take(dir / "other"));
  CHECK_THROWS_AS(directory_lock(""), io_error);
}

TEST_CASE("a directory without write permission is refused by lock and save") {
  const temp_dir dir;
  std::filesystem::permissions(write_file(dir / ".lock", ""), std::filesystem::perms::all);
  write_file(dir / "model", old_text);
  ::chmod(dir.path().c_str(), 0555);
  constexpr int cannot_be_tried = 77;
  const int status = run_in_child([&] {
    constexpr uid_t nobody = 65534;
    if (::geteuid() == 0 && ::setresuid(nobody, nobody, nobody) != 0) return cannot_be_tried;
    const auto is_denied = [](const auto& action) {
      try {
        action();
      } catch (const io_error& error) {
        return std::string(error.what()).find("Permission denied") != std::string::npos;
      }
      return false;
    };
    if (!is_denied([&] { directory_lock lock(dir.path()); })) return 1;
    if (!is_denied([&] { directory_lock lock(dir / "new"); })) return 2;
    if (!is_denied([&] { replace_file(dir / "model", as_bytes(new_text)); })) return 3;
    return 0;
  });
  ::chmod(dir.path().c_str(), 0755);
  if (exited_with(status, cannot_be_tried)) {
    MESSAGE("skipped: root cannot give up its rights here");
    return;
  }
  CHECK(exited_with(status, 0));
  CHECK(names_in(dir.path()) == names{".lock", "model"});
  CHECK(read_file(dir / "model") == old_text);
}

}  // namespace
}  // namespace lanewise::test
