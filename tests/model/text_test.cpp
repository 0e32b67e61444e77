// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <string>

#include <lanewise/model/text.hpp>

namespace lanewise::test {
namespace {

TEST_CASE("one_line: controls become question marks, other characters stay") {
  CHECK(one_line("a\nb\x1b[1mc\x7f") == "a?b?[1mc?");
  CHECK(one_line("\xc2\x9bx") == "??x");  // U+009B, which begins a command as ESC [ does
  CHECK(one_line("na\xc3\xafve \xe2\x82\xac") == "na\xc3\xafve \xe2\x82\xac");
}

TEST_CASE("shortened: 80 bytes, and no part of a character") {
  CHECK(shortened(std::string(80, 'a')) == std::string(80, 'a'));
  CHECK(shortened(std::string(81, 'a')) == std::string(80, 'a') + "...");
  CHECK(shortened(std::string(79, 'a') + "\xe2\x82\xac") == std::string(79, 'a') + "...");
}

}  // namespace
}  // namespace lanewise::test
