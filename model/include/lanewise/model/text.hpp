// SPDX-License-Identifier: MIT
// Text from files, paths and arguments as messages show it: it may hold anything, and a message stays one line.
#pragma once

#include <string>
#include <string_view>

namespace lanewise {

// Control characters become '?', so that the text leaves lines and terminals alone.
std::string one_line(std::string_view text);

// At most 80 bytes of it, no part of a UTF-8 character, then "...": a net of a thousand layers must not fill the screen.
std::string shortened(std::string_view text);

}  // namespace lanewise
