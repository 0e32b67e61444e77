// SPDX-License-Identifier: MIT
#include "console.hpp"

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <new>
#include <string>
#include <system_error>

#include <lanewise/model/errors.hpp>
#include <lanewise/model/text.hpp>

#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

namespace lanewise::cli {
namespace {

std::string_view environment(const char* name) noexcept {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string_view() : value;
}

}  // namespace

void standard_output::line(std::string_view text) {
  if (error_ != 0) return;
  const std::string with_end = std::string(text) + '\n';
  const bool written = std::fwrite(with_end.data(), 1, with_end.size(), stdout) == with_end.size();
  if (!written || std::fflush(stdout) != 0) error_ = errno;
}

void standard_output::check(std::string_view advice) const {
  if (error_ != 0)
    throw io_error("standard output: " + std::generic_category().message(error_) + "; " + std::string(advice));
}

void print_error(std::string_view text) noexcept {
  const bool color = terminal_wants_color();
  std::fprintf(stderr, "%slanewise:%s ", color ? "\033[1;31m" : "", color ? "\033[0m" : "");
  try {
    std::fprintf(stderr, "%s\n", one_line(text).c_str());
  } catch (const std::bad_alloc&) {  // there may be no memory left, which is what the text then says
    std::fprintf(stderr, "%.*s\n", static_cast<int>(text.size()), text.data());
  }
}

void write_to_terminal(std::string_view text) noexcept {
  std::fwrite(text.data(), 1, text.size(), stderr);
  std::fflush(stderr);
}

bool terminal_has_cursor() noexcept { return ::isatty(STDERR_FILENO) == 1 && environment("TERM") != "dumb"; }

std::size_t terminal_columns() noexcept {
  constexpr std::size_t usual = 80;
  winsize size = {};
  return ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : usual;
}

bool terminal_wants_color() noexcept { return terminal_has_cursor() && environment("NO_COLOR").empty(); }

void prepare_standard_streams() noexcept {
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);  // beyond a file size limit write() fails, and what was begun is cleaned up
  int descriptor = 0;
  do { descriptor = ::open("/dev/null", O_RDONLY); } while (descriptor >= 0 && descriptor <= STDERR_FILENO);
  if (descriptor > STDERR_FILENO) ::close(descriptor);
}

}  // namespace lanewise::cli
