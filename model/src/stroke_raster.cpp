// SPDX-License-Identifier: MIT
#include "stroke_raster.hpp"

#include <algorithm>
#include <cmath>

namespace lanewise {
namespace {

// The pixels whose centres lie between `low` and `high`, as a half-open range in [0, side).
struct pixel_range {
  std::size_t begin, end;
};

pixel_range pixels_between(double low, double high, std::size_t side) noexcept {
  const auto limit = static_cast<double>(side);
  return {static_cast<std::size_t>(std::clamp(low + 0.5, 0.0, limit)),
          static_cast<std::size_t>(std::clamp(high + 0.5, 0.0, limit))};
}

void draw_piece(const stroke_piece& piece, double softness, std::size_t side, std::span<std::uint8_t> image) noexcept {
  const double reach = piece.radius + softness / 2;
  const auto [left, right] = std::minmax(piece.from.x, piece.to.x);
  const auto [top, bottom] = std::minmax(piece.from.y, piece.to.y);
  const pixel_range columns = pixels_between(left - reach, right + reach, side);
  const pixel_range rows = pixels_between(top - reach, bottom + reach, side);
  const double dx = piece.to.x - piece.from.x, dy = piece.to.y - piece.from.y;
  const double length2 = dx * dx + dy * dy;
  const double per_length2 = length2 > 0 ? 1 / length2 : 0;  // a dot otherwise
  const double per_softness = 255 / softness;
  for (std::size_t row = rows.begin; row < rows.end; ++row)
    for (std::size_t column = columns.begin; column < columns.end; ++column) {
      const double x = static_cast<double>(column) + 0.5 - piece.from.x;
      const double y = static_cast<double>(row) + 0.5 - piece.from.y;
      const double along = std::clamp((x * dx + y * dy) * per_length2, 0.0, 1.0);
      const double ox = x - along * dx, oy = y - along * dy;
      const double distance2 = ox * ox + oy * oy;
      if (distance2 >= reach * reach) continue;
      const double light = (piece.radius - std::sqrt(distance2)) * per_softness + 127.5;
      std::uint8_t& pixel = image[row * side + column];
      pixel = std::max(pixel, static_cast<std::uint8_t>(std::clamp(light + 0.5, 0.0, 255.0)));
    }
}

}  // namespace

void draw_strokes(std::span<const stroke_piece> pieces, double softness, std::size_t side,
                  std::span<std::uint8_t> image) noexcept {
  std::fill(image.begin(), image.end(), std::uint8_t{0});
  for (const stroke_piece& piece : pieces) draw_piece(piece, softness, side, image);
}

}  // namespace lanewise
