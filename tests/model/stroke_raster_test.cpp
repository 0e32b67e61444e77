// SPDX-License-Identifier: MIT
#include "../../model/src/stroke_raster.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include <doctest/doctest.h>

#include "../support/random.hpp"

using namespace lanewise;

namespace {

// The definition in the header, written down: every piece looked at for every pixel.
double expected_light(const std::vector<stroke_piece>& pieces, double softness, double x, double y) {
  double brightest = 0;
  for (const stroke_piece& piece : pieces) {
    const double dx = piece.to.x - piece.from.x, dy = piece.to.y - piece.from.y, length = std::hypot(dx, dy);
    const double along =
        length > 0 ? std::clamp(((x - piece.from.x) * dx + (y - piece.from.y) * dy) / (length * length), 0.0, 1.0) : 0;
    const double d = std::hypot(x - piece.from.x - along * dx, y - piece.from.y - along * dy);
    brightest = std::max(brightest, std::clamp((piece.radius - d) / softness + 0.5, 0.0, 1.0));
  }
  return 255 * brightest;
}

}  // namespace

TEST_CASE("draw_strokes: the definition, also where strokes cross and leave the image") {
  constexpr std::size_t side = 28;
  test::random_source random(1);
  const auto between = [&](double low, double high) {
    return low + (high - low) * 0.5 * (1 + static_cast<double>(random.uniform()));
  };
  for (int round = 0; round < 300; ++round) {
    std::vector<stroke_piece> pieces(1 + random.below(6));
    for (stroke_piece& piece : pieces) {
      piece.from = {between(-10, 38), between(-10, 38)};
      piece.to = random.chance(20) ? piece.from : point{between(-10, 38), between(-10, 38)};
      piece.radius = between(0.3, 4);
    }
    const double softness = between(0.5, 3);
    std::vector<std::uint8_t> image(side * side, 77);  // what was there before does not count
    draw_strokes(pieces, softness, side, image);
    for (std::size_t row = 0; row < side; ++row)
      for (std::size_t column = 0; column < side; ++column) {
        CAPTURE(row);
        CAPTURE(column);
        const double expected =
            expected_light(pieces, softness, static_cast<double>(column) + 0.5, static_cast<double>(row) + 0.5);
        REQUIRE(std::abs(image[row * side + column] - expected) <= 0.5 + 1e-9);
      }
  }
}

TEST_CASE("draw_strokes: a line along a row") {
  // Through the centres of row 2, from the centre of column 1 to that of column 3; the edge is one pixel soft.
  const std::vector<stroke_piece> line{{{1.5, 2.5}, {3.5, 2.5}, 1}};
  std::vector<std::uint8_t> image(25);
  draw_strokes(line, 1, 5, image);
  // At distance 1 from the line half of the light is left, 127.5, which is rounded up; at sqrt(2), 8.6 % of it.
  const std::vector<std::uint8_t> expected{0,   0,   0,   0,   0,    //
                                           22,  128, 128, 128, 22,   //
                                           128, 255, 255, 255, 128,  //
                                           22,  128, 128, 128, 22,   //
                                           0,   0,   0,   0,   0};
  CHECK(image == expected);
}

TEST_CASE("draw_strokes: no strokes leave the image black") {
  std::vector<std::uint8_t> image(9, 200);
  draw_strokes({}, 1, 3, image);
  CHECK(std::all_of(image.begin(), image.end(), [](std::uint8_t pixel) { return pixel == 0; }));
}
