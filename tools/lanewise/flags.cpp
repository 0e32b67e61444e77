// SPDX-License-Identifier: MIT
#include "flags.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstdlib>
#include <stdexcept>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <lanewise/model/text.hpp>

#include "exit_codes.hpp"
#include "text.hpp"
#include "usage.hpp"

namespace lanewise::cli {
namespace {

[[noreturn]] void refuse(const std::string& flag, const std::string& text, const std::string& wanted) {
  throw usage_error(fmt::format("{} \"{}\": must be {}", flag, shortened(text), wanted));
}

}  // namespace

void add_flag_value(CLI::App& app, const std::string& flag, const flag_help& help,
                    const std::function<void(const std::string&)>& parse) {
  app.add_option_function<std::string>(flag, parse, help.description)
      ->type_name(help.type)
      ->default_str(help.standard)
      ->take_last();
}

std::uint64_t whole_number(const std::string& flag, const std::string& text, std::uint64_t lowest,
                           std::uint64_t highest) {
  std::uint64_t value = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || rest != end || value < lowest || value > highest)
    refuse(flag, text, fmt::format("a whole number from {} to {}", thousands(lowest), thousands(highest)));
  return value;
}

double real_number(const std::string& flag, const std::string& text, double lowest, double highest) {
  char* rest = nullptr;
  const bool starts_well = !text.empty() && std::isspace(static_cast<unsigned char>(text.front())) == 0;
  const double value = std::strtod(text.c_str(), &rest);
  // Also false for NaN.
  const bool in_range = value >= lowest && value <= highest;
  if (!starts_well || rest != text.data() + text.size() || !in_range)
    refuse(flag, text, fmt::format("a number from {:g} to {:g}", lowest, highest));
  return value == 0 ? 0 : value;  // -0 is 0, in what is printed, too
}

std::vector<layer> layer_widths(const std::string& text) {
  try {
    return parse_layers(text);
  } catch (const std::invalid_argument& error) {
    throw usage_error(std::string("--") + error.what());  // it begins with: layers "TEXT"
  }
}

activation activation_name(const std::string& text) {
  try {
    return parse_activation(text);
  } catch (const std::invalid_argument& error) {
    throw usage_error(std::string("--act: ") + error.what());
  }
}

std::string not_empty(const std::string& flag, const std::string& text) {
  if (text.empty()) refuse(flag, text, "a name, not an empty text");
  return text;
}

std::vector<std::string> split_at(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::size_t begin = 0;
  for (std::size_t end = 0; end != std::string::npos; begin = end + 1) {
    end = text.find(separator, begin);
    parts.push_back(text.substr(begin, end == std::string::npos ? end : end - begin));
  }
  return parts;
}

std::string one_or_another(std::span<const std::string_view> names) {
  if (names.size() == 1) return std::string(names.front());
  return fmt::format("{} or {}", fmt::join(names.first(names.size() - 1), ", "), names.back());
}

std::size_t position_of(const std::string& flag, const std::string& text, std::span<const std::string_view> names) {
  const auto found = std::ranges::find(names, text);
  if (found == names.end()) {
    const std::string meant = closest(text, {names.begin(), names.end()});
    refuse(flag, text, one_or_another(names) + (meant.empty() ? "" : "; did you mean " + meant + "?"));
  }
  return static_cast<std::size_t>(found - names.begin());
}

}  // namespace lanewise::cli
