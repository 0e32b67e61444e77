// SPDX-License-Identifier: MIT
#pragma once

#include <sstream>
#include <string>

namespace lanewise::test {

// All parts, one after the other, as they would be printed.
template <class... Parts>
std::string text(const Parts&... parts) {
  std::ostringstream out;
  (out << ... << parts);
  return out.str();
}

}  // namespace lanewise::test
