// SPDX-License-Identifier: MIT
#include "posix.hpp"

#include <system_error>

#include <lanewise/model/errors.hpp>

namespace lanewise {
namespace {

std::string one_line(std::string_view text) {
  std::string line(text);
  for (char& c : line)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
  return line;
}

}  // namespace

std::string shown(const std::filesystem::path& file) { return file.empty() ? "(empty path)" : one_line(file.native()); }

std::string in_quotes(std::string_view text) {
  constexpr std::size_t longest = 80;
  const std::string_view end = text.size() > longest ? "...\"" : "\"";
  return '"' + one_line(text.substr(0, longest)).append(end);
}

void throw_io_error(const std::filesystem::path& file, std::string_view what, int error_number) {
  throw io_error(shown(file).append(": ").append(what).append(": ") + std::generic_category().message(error_number));
}

}  // namespace lanewise
