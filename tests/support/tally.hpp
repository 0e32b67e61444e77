// SPDX-License-Identifier: MIT
// How much ran: named counters that main() prints after the last test, so that a grid that was skipped is seen.
#pragma once

#include <cstdint>
#include <map>
#include <string>

namespace lanewise::test {

inline std::map<std::string, std::uint64_t>& tallies() {
  static std::map<std::string, std::uint64_t> counts;
  return counts;
}

inline void count(const std::string& what, std::uint64_t how_many) { tallies()[what] += how_many; }

}  // namespace lanewise::test
