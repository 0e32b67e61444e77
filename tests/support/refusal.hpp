// SPDX-License-Identifier: MIT
#pragma once

#include <exception>
#include <filesystem>
#include <string>

#include <doctest/doctest.h>

#include "tally.hpp"

namespace lanewise::test {

// Checks that action() throws an Error and that its text is one line, not too long, that names `file`. Returns the text.
template <class Error, class Action> std::string refusal(const std::filesystem::path& file, const Action& action) {
  std::string text;
  const auto noting_the_text = [&] {
    try {
      action();
    } catch (const std::exception& error) {
      text = error.what();
      throw;
    }
  };
  CHECK_THROWS_AS(noting_the_text(), Error);
  CAPTURE(text);
  CHECK(text.find(file.native()) != std::string::npos);
  CHECK(text.find('\n') == std::string::npos);
  CHECK(text.size() < file.native().size() + 400);
  count("refused files and directories", 1);
  return text;
}

// The same, for an expected reason: the text contains `reason`.
template <class Error, class Action>
void check_refusal(const std::filesystem::path& file, const std::string& reason, const Action& action) {
  const std::string text = refusal<Error>(file, action);
  CAPTURE(text);
  CHECK_MESSAGE(text.find(reason) != std::string::npos, "expected: ", reason);
}

}  // namespace lanewise::test
