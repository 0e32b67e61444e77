// SPDX-License-Identifier: MIT
#pragma once

#include <limits>

namespace lanewise::test {

inline constexpr float infinity = std::numeric_limits<float>::infinity();
inline constexpr float nan = std::numeric_limits<float>::quiet_NaN();
inline constexpr float largest = std::numeric_limits<float>::max();

}  // namespace lanewise::test
