// SPDX-License-Identifier: MIT
#include <lanewise/model/text.hpp>

namespace lanewise {

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

std::string shortened(std::string_view text) {
  constexpr std::size_t longest = 80;
  if (text.size() <= longest) return std::string(text);
  std::size_t end = longest;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
  return std::string(text.substr(0, end)) + "...";
}

}  // namespace lanewise
