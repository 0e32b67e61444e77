// SPDX-License-Identifier: MIT
// The shapes of the ten digits, as the path of a pen.
#pragma once

#include <cstdint>
#include <span>

namespace lanewise {

enum class pen : std::uint8_t {
  curve,   // goes smoothly through this point
  corner,  // turns here
  lift,    // the stroke ends here; the next point begins another
};

// x to the right, y down, both 0 to 100 over the digit's height.
struct pen_point {
  std::uint8_t x, y;
  pen how = pen::curve;
};

using digit_shape = std::span<const pen_point>;

// The ways in which people write a digit, 0 to 9.
std::span<const digit_shape> shapes_of(unsigned digit) noexcept;

}  // namespace lanewise
