// SPDX-License-Identifier: MIT
#include "posix.hpp"

#include <system_error>

#include <lanewise/model/errors.hpp>

namespace lanewise {
namespace {

// The controls of ASCII, and those from U+0080 on, which some terminals obey as well (in UTF-8: 0xc2 0x80 to 0xc2 0x9f).
std::string one_line(std::string_view text) {
  const auto byte = [](char c) { return static_cast<unsigned char>(c); };
  std::string line(text);
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (byte(line[i]) < 0x20 || line[i] == 0x7f) line[i] = '?';
    if (i > 0 && byte(line[i - 1]) == 0xc2 && byte(line[i]) >= 0x80 && byte(line[i]) < 0xa0) line[i - 1] = line[i] = '?';
  }
  return line;
}

}  // namespace

std::string shown(const std::filesystem::path& file) { return file.empty() ? "(empty path)" : one_line(file.native()); }

std::string shortened(std::string_view text) {
  constexpr std::size_t longest = 80;
  if (text.size() <= longest) return std::string(text);
  std::size_t end = longest;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;  // not within a character of UTF-8
  return std::string(text.substr(0, end)) + "...";
}

std::string in_quotes(std::string_view text) { return '"' + one_line(shortened(text)) + '"'; }

void throw_io_error(const std::filesystem::path& file, std::string_view what, int error_number) {
  throw io_error(shown(file).append(": ").append(what).append(": ") + std::generic_category().message(error_number));
}

}  // namespace lanewise
