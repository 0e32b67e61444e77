// SPDX-License-Identifier: MIT
#include "help.hpp"

#include <fmt/format.h>

namespace lanewise::cli {
namespace {

constexpr int left_column = 24;

std::string row(const std::string& left, const std::string& right) {
  return fmt::format("  {:<{}}{}\n", left, left_column, right);
}

std::string option_row(const CLI::Option& option) {
  const bool takes_value = option.get_items_expected_max() > 0;
  const std::string left = option.get_positional() ? option.get_name(true)
                           : takes_value           ? option.get_name(false, true) + " " + option.get_type_name()
                                                   : option.get_name(false, true);
  const std::string standard = option.get_default_str();
  return row(left, option.get_description() + (standard.empty() ? "" : " (default " + standard + ")"));
}

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

}  // namespace

std::string help_formatter::make_help(const CLI::App* app, std::string name, CLI::AppFormatMode) const {
  const auto commands = app->get_subcommands([](const CLI::App* sub) { return !sub->get_name().empty(); });
  std::string help = app->get_description() + "\n\nUsage: " + name;
  std::string arguments, options;
  for (const CLI::Option* option : app->get_options()) {
    if (option->get_positional()) help += " " + option->get_name(true);
    (option->get_positional() ? arguments : options) += option_row(*option);
  }
  help += commands.empty() ? " [options]\n" : " COMMAND [options]\n\nCommands:\n";
  for (const CLI::App* command : commands) help += row(command->get_name(), first_line(command->get_description()));
  if (!arguments.empty()) help += "\nArguments:\n" + arguments;
  help += "\nOptions:\n" + options;
  if (!app->get_footer().empty()) help += "\n" + app->get_footer();
  while (help.back() == '\n') help.pop_back();
  return help;
}

}  // namespace lanewise::cli
