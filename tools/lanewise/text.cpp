// SPDX-License-Identifier: MIT
#include "text.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace lanewise::cli {

std::string thousands(std::uint64_t number) {
  std::string text = std::to_string(number);
  for (std::size_t end = text.size(); end > 3; end -= 3) text.insert(end - 3, 1, ',');
  return text;
}

std::string counted(std::uint64_t number, std::string_view noun) {
  return fmt::format("{} {}{}", thousands(number), noun, number == 1 ? "" : "s");
}

std::string percent(double fraction) { return fmt::format("{:.2f}", 100 * fraction); }

std::string clock_time(double seconds) {
  constexpr double longest = 359'999;  // 99:59:59
  const auto total = static_cast<unsigned>(std::clamp(seconds, 0.0, longest));
  const unsigned hours = total / 3600, minutes = total / 60 % 60;
  if (hours > 0) return fmt::format("{}:{:02}:{:02}", hours, minutes, total % 60);
  return fmt::format("{}:{:02}", minutes, total % 60);
}

std::string loss_text(double loss) {
  constexpr double longest = 999.9999;
  return std::abs(loss) <= longest ? fmt::format("{:.4f}", loss) : fmt::format("{:.2e}", loss);
}

std::string net_text(std::span<const layer> layers) {
  const std::string widths = layers_to_string(layers);
  const activation act = layers.front().act;
  const bool is_usual = layers.size() == 1 || act == activation::relu;
  return is_usual ? widths : widths + " (" + activation_to_string(act) + ")";
}

std::size_t text_columns(std::string_view text) {
  const auto starts_character = [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; };
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), starts_character));
}

}  // namespace lanewise::cli
