// SPDX-License-Identifier: MIT
// Data goes to stdout, talk goes to stderr.
#pragma once

#include <cstddef>
#include <string_view>

namespace lanewise::cli {

// Lines to stdout, each written at once. A stdout that fails (a closed pipe, a full disk) is remembered instead of
// thrown: a run must go on and save its model.
class standard_output {
 public:
  void line(std::string_view text);
  // Throws io_error if a line was lost. `advice` ends the message.
  void check(std::string_view advice) const;

 private:
  int error_ = 0;
};

// "lanewise: TEXT" as one line to stderr.
void print_error(std::string_view text) noexcept;

// To stderr as it is, at once.
void write_to_terminal(std::string_view text) noexcept;

// Whether stderr is a terminal on which a line can be overwritten; how wide it is; whether it should show colours.
bool terminal_has_cursor() noexcept;
std::size_t terminal_columns() noexcept;
bool terminal_wants_color() noexcept;

// Writing into a closed pipe becomes an error like others, and a stream that was closed by the caller stays unwritable:
// without this, the first file opened would take its place.
void prepare_standard_streams() noexcept;

}  // namespace lanewise::cli
