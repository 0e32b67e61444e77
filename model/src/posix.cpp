// SPDX-License-Identifier: MIT
#include "posix.hpp"

#include <system_error>

#include <lanewise/model/errors.hpp>
#include <lanewise/model/text.hpp>

namespace lanewise {

std::string shown(const std::filesystem::path& file) { return file.empty() ? "(empty path)" : one_line(file.native()); }

std::string in_quotes(std::string_view text) { return '"' + one_line(shortened(text)) + '"'; }

void throw_io_error(const std::filesystem::path& file, std::string_view what, int error_number) {
  throw io_error(shown(file).append(": ").append(what).append(": ") + std::generic_category().message(error_number));
}

}  // namespace lanewise
