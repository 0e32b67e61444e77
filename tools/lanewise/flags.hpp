// SPDX-License-Identifier: MIT
// Flags that check their values themselves, so that every message says the same: which flag, what it was given, what it
// takes. All throw usage_error. A flag that is given twice takes its last value.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <CLI/CLI.hpp>

#include <lanewise/model/mlp.hpp>

namespace lanewise::cli {

struct flag_help {
  std::string type;         // "N"
  std::string description;  // one line, without the default
  std::string standard;     // the default as text, empty for none
};

// Hands the text of the flag to `parse` when it is given.
void add_flag_value(CLI::App& app, const std::string& flag, const flag_help& help,
                    const std::function<void(const std::string&)>& parse);

std::uint64_t whole_number(const std::string& flag, const std::string& text, std::uint64_t lowest,
                           std::uint64_t highest);
double real_number(const std::string& flag, const std::string& text, double lowest, double highest);
std::vector<layer> layer_widths(const std::string& text);  // of the flag --layers
activation activation_name(const std::string& text);         // of the flag --act
std::string not_empty(const std::string& flag, const std::string& text);

std::vector<std::string> split_at(const std::string& text, char separator);  // at least one part, which may be empty
std::string one_or_another(std::span<const std::string_view> names);  // "a, b or c"
std::size_t position_of(const std::string& flag, const std::string& text, std::span<const std::string_view> names);

template <class Choice, std::size_t count>
constexpr std::array<std::string_view, count> names_of(const std::array<Choice, count>& all) noexcept {
  std::array<std::string_view, count> names;
  for (std::size_t i = 0; i < count; ++i) names[i] = name(all[i]);
  return names;
}

// The one of `all` whose name() is the text.
template <class Choice, std::size_t count>
Choice one_of(const std::string& flag, const std::string& text, const std::array<Choice, count>& all) {
  return all[position_of(flag, text, names_of(all))];
}

}  // namespace lanewise::cli
