// SPDX-License-Identifier: MIT
// Equality of bits, with every NaN counted as the same one: its sign and payload differ between CPUs.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <span>
#include <string>
#include <vector>

#include "text.hpp"

namespace lanewise::test {

inline std::uint32_t canonical(std::uint32_t bits) { return (bits & 0x7fffffffu) > 0x7f800000u ? 0x7fc00000u : bits; }
inline std::uint32_t bits_of(float x) { return canonical(std::bit_cast<std::uint32_t>(x)); }
inline std::uint64_t bits_of(double x) { return x != x ? 0x7ff8000000000000u : std::bit_cast<std::uint64_t>(x); }

inline std::vector<std::uint32_t> bits_of(std::span<const float> values) {
  std::vector<std::uint32_t> bits(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) bits[i] = bits_of(values[i]);
  return bits;
}

inline std::string show(std::uint32_t bits) {
  char shown[48];
  std::snprintf(shown, sizeof shown, "%.9g (0x%08x)", static_cast<double>(std::bit_cast<float>(bits)), bits);
  return shown;
}

// "" if all are equal, otherwise where the first difference lies and how many there are. For CHECK(... == "").
inline std::string difference(std::span<const std::uint32_t> got, std::span<const std::uint32_t> want) {
  if (got.size() != want.size()) return text(got.size(), " values, expected ", want.size());
  std::size_t count = 0;
  std::size_t first = 0;
  for (std::size_t i = got.size(); i-- > 0;)
    if (canonical(got[i]) != canonical(want[i])) {
      ++count;
      first = i;
    }
  if (count == 0) return "";
  return text("[", first, "] is ", show(got[first]), ", expected ", show(want[first]), "; ", count, " of ", got.size(),
              " differ");
}

inline std::string difference(std::span<const float> got, std::span<const float> want) {
  return difference(bits_of(got), bits_of(want));
}

}  // namespace lanewise::test
