// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include <CLI/CLI.hpp>

namespace lanewise::cli {

// Help as people read it: what it does, examples, then usage and flags. The description of an app is one line, a blank
// line, then the examples; its footer comes last.
class help_formatter : public CLI::FormatterBase {
 public:
  std::string make_help(const CLI::App* app, std::string name, CLI::AppFormatMode mode) const override;
};

}  // namespace lanewise::cli
