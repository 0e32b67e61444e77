// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include <lanewise/cpu.hpp>
#include <lanewise/version.hpp>

namespace lanewise::bench {

inline std::string describe_lanewise() {
  std::string text = std::string(version()) + ' ' + std::string(active_isa()) + (stores_halves() ? ", storing halves" : "") +
                     ", usable:";
  for (const std::string_view isa : usable_isas()) text.append(" ").append(isa);
  return text;
}

}  // namespace lanewise::bench
