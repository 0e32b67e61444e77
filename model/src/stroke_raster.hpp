// SPDX-License-Identifier: MIT
// Round pen strokes on a small black image.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace lanewise {

struct point {
  double x = 0, y = 0;
};

// A straight piece of a stroke, thick `radius` on both sides of the line from `from` to `to`.
struct stroke_piece {
  point from, to;
  double radius = 1;
};

// image [side * side]: the brightest that any piece makes of a pixel, 0 to 255. A pixel's centre at the distance d from
// the line of a piece is lit (radius - d) / softness + 1/2, cut off at 0 and 1: `softness` is how many pixels the edge
// takes from black to white. Coordinates are in pixels; pixel (row, column) has its centre at (column + 1/2, row +
// 1/2). Only + - * / sqrt, each rounded once: the same bytes on every machine.
void draw_strokes(std::span<const stroke_piece> pieces, double softness, std::size_t side,
                  std::span<std::uint8_t> image) noexcept;

}  // namespace lanewise
