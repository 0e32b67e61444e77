// SPDX-License-Identifier: MIT
// Saving a file while the operating system fails, does half, or kills the process.
#include <doctest/doctest.h>

#include <cerrno>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <lanewise/model/errors.hpp>
#include <lanewise/model/files.hpp>

#include "../support/system_call_fault.hpp"
#include "../support/tally.hpp"
#include "../support/temp_dir.hpp"

namespace lanewise::test {
namespace {

using std::filesystem::path;
using names = std::vector<std::string>;

const std::string older_text = "the generation before the old one", old_text = "the old one";
const std::string new_text = "the new one, which is a bit longer than the others";

// Two generations on disk, and in which state they are after a disturbed attempt to write a third.
class generations {
 public:
  generations() {
    write_file(file(), old_text);
    write_file(previous(), older_text);
  }
  path file() const { return dir_ / "model"; }
  path previous() const { return dir_ / "model.prev"; }
  path part() const { return dir_ / "model.part"; }
  names present() const { return names_in(dir_.path()); }
  bool unchanged() const { return read_file(file()) == old_text && read_file(previous()) == older_text; }
  bool replaced() const { return read_file(file()) == new_text && read_file(previous()) == old_text; }
  bool complete() const {
    const std::string now = read_file(file()), before = read_file(previous());
    return (now == old_text || now == new_text) && (before == old_text || before == older_text);
  }

  // Exit codes: 0 replaced, 1 an io_error.
  int replace() const {
    try {
      replace_file(file(), std::as_bytes(std::span(new_text)));
    } catch (const io_error&) { return 1; }
    return 0;
  }
  int replace_with_part() const {
    try {
      replace_file_with(file(), part());
    } catch (const io_error&) { return 1; }
    return 0;
  }

 private:
  temp_dir dir_;
};

bool skipped(const faulty_run& run) {
  if (!run.possible) MESSAGE("skipped: processes cannot be traced here");
  return !run.possible;
}

TEST_CASE("replace_file: each system call failing leaves both generations or replaces both, and no temporary file") {
  std::map<std::string_view, std::size_t> refused;
  for (const int error : {EIO, ENOSPC, EINTR})
    for (std::size_t nth = 0;; ++nth) {
      const generations files;
      const faulty_run run = run_with_fault([&] { return files.replace(); }, nth, fault::fail, error);
      if (skipped(run)) return;
      if (run.call.empty()) break;
      CAPTURE(run.call);
      CAPTURE(error);
      CHECK(files.present() == names{"model", "model.prev"});
      const bool repeated = error == EINTR && (run.call == "openat" || run.call == "write" || run.call == "fsync");
      CHECK_FALSE((repeated && run.exit_code != 0));
      if (run.call != "close" && error != EINTR) CHECK(run.exit_code == 1);
      CHECK((run.exit_code == 0 ? files.replaced() : files.unchanged()));
      if (error == EIO && run.exit_code == 1) ++refused[run.call];
      count("system calls that failed during a save", 1);
    }
  CHECK(refused["fsync"] == 2);  // of the file and of its directory
  CHECK(refused["close"] == 1);
  CHECK(refused["linkat"] == 1);
  CHECK(refused["renameat"] == 2);
}

TEST_CASE("replace_file: file systems without hard links, or that do not sync directories") {
  std::size_t links = 0, directory_syncs = 0;
  for (const int error : {EPERM, EMLINK, ENOTSUP, EINVAL})
    for (std::size_t nth = 0;; ++nth) {
      const generations files;
      const faulty_run run = run_with_fault([&] { return files.replace(); }, nth, fault::fail, error);
      if (skipped(run)) return;
      if (run.call.empty()) break;
      CHECK(files.present() == names{"model", "model.prev"});
      CHECK((run.exit_code == 0 ? files.replaced() : files.unchanged()));
      links += run.call == "linkat" && run.exit_code == 0;
      directory_syncs += run.call == "fsync" && run.exit_code == 0;
    }
  CHECK(links == 3);
  CHECK(directory_syncs == 1);
}

TEST_CASE("replace_file: an empty old file is kept, too, where there are no hard links") {
  faulty_run run;
  for (std::size_t nth = 0; run.call != "linkat"; ++nth) {
    const generations files;
    write_file(files.file(), "");
    run = run_with_fault([&] { return files.replace(); }, nth, fault::fail, EPERM);
    if (skipped(run)) return;
    REQUIRE_FALSE(run.call.empty());
    if (run.call == "linkat") CHECK(read_file(files.previous()).empty());
  }
  CHECK(run.exit_code == 0);
}

TEST_CASE("replace_file: a symbolic link that leads nowhere is kept, too, where there are no hard links") {
  faulty_run run;
  for (std::size_t nth = 0; run.call != "linkat"; ++nth) {
    const generations files;
    std::filesystem::remove(files.file());
    std::filesystem::create_symlink("nowhere", files.file());
    run = run_with_fault([&] { return files.replace(); }, nth, fault::fail, EPERM);
    if (skipped(run)) return;
    REQUIRE_FALSE(run.call.empty());
    if (run.call == "linkat") {
      CHECK(std::filesystem::read_symlink(files.previous()) == "nowhere");
      CHECK(read_file(files.file()) == new_text);
      CHECK(files.present() == names{"model", "model.prev"});
    }
  }
  CHECK(run.exit_code == 0);
}

TEST_CASE("replace_file: a short write is continued") {
  std::size_t shortened = 0;
  for (std::size_t nth = 0;; ++nth) {
    const generations files;
    const faulty_run run = run_with_fault([&] { return files.replace(); }, nth, fault::short_write);
    if (skipped(run)) return;
    if (run.call.empty()) break;
    CHECK(run.exit_code == 0);
    CHECK(files.replaced());
    shortened += run.call == "write";
  }
  CHECK(shortened == 1);
}

TEST_CASE("replace_file: kill -9 at each system call leaves complete files, and the next save works") {
  std::size_t killed = 0;
  for (std::size_t nth = 0;; ++nth) {
    const generations files;
    const faulty_run run = run_with_fault([&] { return files.replace(); }, nth, fault::kill);
    if (skipped(run)) return;
    if (run.call.empty()) break;
    CAPTURE(run.call);
    CHECK(run.exit_code == -1);
    CHECK(files.complete());
    CHECK(files.replace() == 0);
    CHECK(read_file(files.file()) == new_text);
    ++killed;
  }
  CHECK(killed >= 8);
  count("saves killed at a system call", killed);
}

TEST_CASE("replace_file_with: each system call failing leaves the part and both generations") {
  std::size_t refused = 0;
  for (std::size_t nth = 0;; ++nth) {
    const generations files;
    write_file(files.part(), new_text);
    const faulty_run run = run_with_fault([&] { return files.replace_with_part(); }, nth, fault::fail, EIO);
    if (skipped(run)) return;
    if (run.call.empty()) break;
    CAPTURE(run.call);
    if (run.exit_code == 0) {
      CHECK(files.present() == names{"model", "model.prev"});
      CHECK(files.replaced());
    } else {
      CHECK(files.present() == names{"model", "model.part", "model.prev"});
      CHECK(files.unchanged());
      CHECK(read_file(files.part()) == new_text);
      ++refused;
    }
  }
  CHECK(refused >= 6);
}

// Exit codes: 0 done, 1 an io_error.
int append_new_text(const path& file) {
  try {
    append_to_file(file, std::as_bytes(std::span(new_text)));
  } catch (const io_error&) { return 1; }
  return 0;
}

TEST_CASE("append_to_file: each system call failing leaves the file as it was, or with all that is new") {
  std::map<std::string_view, std::size_t> refused;
  for (const auto& [kind, error] : {std::pair{fault::fail, EIO}, {fault::fail, EINTR}, {fault::short_write, 0}})
    for (std::size_t nth = 0;; ++nth) {
      const temp_dir dir;
      const path file = write_file(dir / "log", old_text);
      const faulty_run run = run_with_fault([&] { return append_new_text(file); }, nth, kind, error);
      if (skipped(run)) return;
      if (run.call.empty()) break;
      CAPTURE(run.call);
      if (kind == fault::short_write) CHECK(run.exit_code == 0);
      CHECK(read_file(file) == (run.exit_code == 0 ? old_text + new_text : old_text));
      if (error == EIO && run.exit_code == 1) ++refused[run.call];
    }
  CHECK(refused["write"] == 1);
  CHECK(refused["fsync"] == 1);
}

TEST_CASE("append_to_file: kill -9 at each system call leaves what was there") {
  std::size_t killed = 0;
  for (std::size_t nth = 0;; ++nth) {
    const temp_dir dir;
    const path file = write_file(dir / "log", old_text);
    const faulty_run run = run_with_fault([&] { return append_new_text(file); }, nth, fault::kill);
    if (skipped(run)) return;
    if (run.call.empty()) break;
    CHECK(run.exit_code == -1);
    CHECK(read_file(file).starts_with(old_text));
    ++killed;
  }
  CHECK(killed >= 3);
}

}  // namespace
}  // namespace lanewise::test
