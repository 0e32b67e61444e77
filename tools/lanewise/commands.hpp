// SPDX-License-Identifier: MIT
// The subcommands. Each is added to the program's command line together with what it does.
#pragma once

#include <functional>

#include <CLI/CLI.hpp>

#include "console.hpp"

namespace lanewise::cli {

struct command {
  CLI::App* app;
  std::function<int(standard_output&)> run;  // returns the exit code; call it after the command line was read
};

command add_train(CLI::App& program);
command add_eval(CLI::App& program);
command add_gradcheck(CLI::App& program);
command add_info(CLI::App& program);
command add_show(CLI::App& program);
command add_sweep(CLI::App& program);

}  // namespace lanewise::cli
