// SPDX-License-Identifier: MIT
// The program `lanewise`: reads the command line, runs a subcommand, turns every error into one line and an exit code.
#include <algorithm>
#include <array>
#include <cstdlib>
#include <exception>
#include <memory>
#include <new>
#include <optional>
#include <string>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <CLI/CLI.hpp>

#include <lanewise/cpu.hpp>
#include <lanewise/model/errors.hpp>
#include <lanewise/version.hpp>

#include "commands.hpp"
#include "console.hpp"
#include "exit_codes.hpp"
#include "help.hpp"
#include "usage.hpp"

namespace lanewise::cli {
namespace {

constexpr const char* description =
    "Small neural networks on hand-written SIMD kernels: the same bits on every CPU.\n\n"
    "Examples:\n"
    "  lanewise train --data digits\n"
    "  lanewise eval out/model.safetensors --data digits\n"
    "  lanewise show digits\n"
    "  lanewise info";

constexpr const char* footer =
    "Environment:\n"
    "  LANEWISE_DATA           what --data says where it is not given\n"
    "  LANEWISE_ISA            forces an instruction set; lanewise info lists them\n"
    "  NO_COLOR                if not empty: no colours\n\n"
    "Exit codes:\n"
    "  0 done, 1 reading, writing or memory failed or --out is in use, 2 wrong flag or value, 3 diverged, 65 malformed file,\n"
    "  130 and 143 interrupted (what was learned so far is saved)";

void choose_isa() {
  const isa_selection selection = select_isa_from_environment();
  if (selection == isa_selection::ok) return;
  const char* forced = std::getenv("LANEWISE_ISA");
  throw usage_error(fmt::format(
      "LANEWISE_ISA={}: {}; usable: {} (unset it to get the widest)", forced == nullptr ? "" : forced,
      selection == isa_selection::unknown ? "no such instruction set in this program" : "this CPU cannot run it",
      fmt::join(usable_isas(), ", ")));
}

template <class Error> bool is_a(const std::exception& error) noexcept {
  return dynamic_cast<const Error*>(&error) != nullptr;
}

// Returns what --help or --version asks for; nothing if a subcommand, or none, is to run.
std::optional<std::string> read_command_line(CLI::App& program, int argc, char** argv) {
  try {
    program.parse(argc, argv);
    return std::nullopt;
  } catch (const CLI::ParseError& error) {
    const std::vector<std::string> unknown = program.remaining();
    if (program.get_subcommands().empty() && !unknown.empty())  // also beside --help
      throw usage_error(describe_mistake(program, CLI::ExtrasError(program.get_name(), unknown)));
    if (is_a<CLI::CallForHelp>(error)) return program.help();
    if (is_a<CLI::CallForVersion>(error)) return error.what();
    throw usage_error(describe_mistake(program, error));
  }
}

int run(int argc, char** argv) {
  CLI::App program(description, "lanewise");
  program.formatter(std::make_shared<help_formatter>());
  program.set_help_flag("-h,--help", "show this help");
  program.set_version_flag("--version", fmt::format("lanewise {}", version()), "show the version");
  program.require_subcommand(0, 1);
  const std::array commands{add_train(program), add_sweep(program), add_eval(program), add_show(program), add_gradcheck(program),
                            add_info(program)};
  program.footer(footer);  // after the subcommands, which would inherit it

  if (const std::optional<std::string> text = read_command_line(program, argc, argv)) {
    standard_output out;
    out.line(*text);
    out.check("send it somewhere else");
    return exit_ok;
  }
  const auto chosen = std::find_if(commands.begin(), commands.end(), [](const command& c) { return c.app->parsed(); });
  if (chosen == commands.end()) {
    write_to_terminal(program.help() + '\n');
    return exit_usage;
  }
  choose_isa();
  standard_output out;
  return chosen->run(out);
}

exit_code report(const std::exception& error) noexcept {
  print_error(is_a<std::bad_alloc>(error) ? "not enough memory; choose narrower --layers or a smaller --batch"
                                          : error.what());
  if (is_a<usage_error>(error) || is_a<not_found_error>(error)) return exit_usage;
  return is_a<malformed_error>(error) ? exit_malformed : exit_failure;
}

}  // namespace
}  // namespace lanewise::cli

int main(int argc, char** argv) {
  lanewise::cli::prepare_standard_streams();
  try {
    return lanewise::cli::run(argc, argv);
  } catch (const std::exception& error) { return lanewise::cli::report(error); }
}
