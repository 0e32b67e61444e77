// SPDX-License-Identifier: MIT
// Mistakes on the command line, in words: what was not understood, what was perhaps meant.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <CLI/CLI.hpp>

namespace lanewise::cli {

// One line for what CLI11 could not read, ending with where the help is.
std::string describe_mistake(const CLI::App& program, const CLI::ParseError& error);

// The candidate that `word` is a slip of, or begins; empty if there is none.
std::string closest(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace lanewise::cli
