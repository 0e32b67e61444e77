// SPDX-License-Identifier: MIT
#include "usage.hpp"

#include <algorithm>
#include <numeric>

#include <fmt/format.h>

#include <lanewise/model/text.hpp>

namespace lanewise::cli {
namespace {

// How many letters must be added, dropped, changed or swapped with their neighbour (optimal string alignment).
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> above2, above(b.size() + 1), row(b.size() + 1);
  std::iota(above.begin(), above.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) row[j] = std::min(row[j], above2[j - 2] + 1);
    }
    above2 = above;
    above = row;
  }
  return above.back();
}

std::vector<std::string> flags_of(const CLI::App& app) {
  std::vector<std::string> flags;
  for (const CLI::Option* option : app.get_options())
    for (const std::string& name : option->get_lnames()) flags.push_back("--" + name);
  return flags;
}

std::vector<std::string> commands_of(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; }))
    names.push_back(command->get_name());
  return names;
}

// `reading` is the app whose arguments were being read when `word` came.
std::string describe_extra(const CLI::App& reading, bool is_command, std::string word) {
  const bool is_flag = word.starts_with('-');
  word.resize(std::min(word.find('='), word.size()));
  const std::string meant = is_flag      ? closest(word, flags_of(reading))
                            : is_command ? ""
                                         : closest(word, commands_of(reading));
  return fmt::format("{} \"{}\"{}", is_flag ? "unknown flag" : is_command ? "unexpected argument" : "unknown command",
                     shortened(word), meant.empty() ? "" : "; did you mean " + meant + "?");
}

// CLI11's text begins with the name of the option.
std::string describe_missing_value(const CLI::App& reading, const std::string& text) {
  const std::string name = text.substr(0, text.find(':'));
  const CLI::Option* option = reading.get_option_no_throw(name);
  return option == nullptr ? text : fmt::format("{} needs a value: {} {}", name, name, option->get_type_name());
}

}  // namespace

std::string closest(std::string_view word, const std::vector<std::string>& candidates) {
  constexpr std::size_t longest_slip = 2, shortest_word = 3;
  if (word.size() < shortest_word) return {};
  std::string best;
  std::size_t least = std::min(longest_slip, word.size() / 2) + 1;
  for (const std::string& candidate : candidates) {
    const std::size_t distance = candidate.starts_with(word) ? 1 : edit_distance(word, candidate);
    if (distance < least) {
      least = distance;
      best = candidate;
    }
  }
  return best;
}

std::string describe_mistake(const CLI::App& program, const CLI::ParseError& error) {
  const auto chosen = program.get_subcommands();
  const CLI::App& reading = chosen.empty() ? program : *chosen.back();
  const std::vector<std::string> extras = program.remaining(true);
  std::string mistake = error.what();
  if (dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr && !extras.empty())
    mistake = describe_extra(reading, !chosen.empty(), extras.front());
  else if (dynamic_cast<const CLI::ArgumentMismatch*>(&error) != nullptr)
    mistake = describe_missing_value(reading, mistake);
  return fmt::format("{}{} see {}{} --help", mistake, mistake.ends_with('?') ? "" : ";", program.get_name(),
                     chosen.empty() ? "" : " " + reading.get_name());
}

}  // namespace lanewise::cli
