// SPDX-License-Identifier: MIT
#include <lanewise/model/digits.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <utility>
#include <vector>

#include <lanewise/model/rng.hpp>

#include "digit_strokes.hpp"
#include "huge_pages.hpp"
#include "stroke_raster.hpp"

namespace lanewise {
namespace {

// As in MNIST: an image is 28 x 28 pixels, the digit in it 20 high or wide.
constexpr std::size_t side = 28;
constexpr double digit_size = 20;
constexpr unsigned digit_count = 10;

// What is random about an image. A statement draws one number: between two in one the compiler would choose the order.
class hand {
 public:
  hand(std::uint64_t seed, stream which, std::uint32_t image) noexcept : random_(seed, which, image) {}

  std::uint32_t below(std::uint32_t bound) noexcept { return random_.below(bound); }
  double between(double low, double high) noexcept { return low + (high - low) * uniform(); }

  // Nearly normal with mean 0 and this standard deviation, never beyond 3.5 of them: the sum of four uniform numbers.
  double around_zero(double deviation) noexcept {
    double sum = -2;
    for (int i = 0; i < 4; ++i) sum += uniform();
    constexpr double sqrt3 = 1.7320508075688772;
    return sum * sqrt3 * deviation;
  }

 private:
  double uniform() noexcept { return static_cast<double>(random_.uniform()); }

  random_stream random_;
};

// How bent, wide, slanted and turned a whole digit is. Coordinates are in units of its height, from its middle.
class distortion {
 public:
  explicit distortion(hand& h) noexcept {
    for (double& b : bend_) b = h.around_zero(0.25);
    width_ = h.between(0.6, 1.35);
    slant_ = 0.16 + h.around_zero(0.25);
    // Cosine and sine from the tangent of the half angle: those of <cmath> differ between machines.
    const double half = h.around_zero(0.08), scale = 1 / (1 + half * half);
    cosine_ = (1 - half * half) * scale;
    sine_ = 2 * half * scale;
  }

  point operator()(point p) const noexcept {
    const double bent_x = p.x + bend_[0] * p.x * p.y + bend_[1] * (p.y * p.y - 0.25);
    const double bent_y = p.y + bend_[2] * p.x * p.y + bend_[3] * (p.y * p.y - 0.25);
    const double x = bent_x * width_ - bent_y * slant_;
    return {x * cosine_ - bent_y * sine_, x * sine_ + bent_y * cosine_};
  }

 private:
  double bend_[4];
  double width_, slant_, cosine_, sine_;
};

// The point at t in [0, 1] between b and c of a Catmull-Rom spline through a, b, c, d.
point on_spline(point a, point b, point c, point d, double t) noexcept {
  const auto mix = [t](double pa, double pb, double pc, double pd) {
    const double linear = pc - pa, square = 2 * pa - 5 * pb + 4 * pc - pd, cube = 3 * (pb - pc) + pd - pa;
    return pb + 0.5 * t * (linear + t * (square + t * cube));
  };
  return {mix(a.x, b.x, c.x, d.x), mix(a.y, b.y, c.y, d.y)};
}

// Where a hand sets the points of a shape: about 1 high, around 0.
std::vector<point> hand_set_points(digit_shape shape, hand& h) {
  constexpr double unsteadiness = 0.042;
  const distortion distorted(h);
  std::vector<point> points;
  points.reserve(shape.size());
  for (const pen_point& p : shape) {
    const double x = p.x / 100.0 - 0.5 + h.around_zero(unsteadiness);
    const double y = p.y / 100.0 - 0.5 + h.around_zero(unsteadiness);
    points.push_back(distorted({x, y}));
  }
  return points;
}

// The strokes through the points, in straight pieces. The pen's pressure changes from the first point to the last: a
// radius is relative to the pen's.
std::vector<stroke_piece> strokes_through(const std::vector<point>& points, digit_shape shape, hand& h) {
  constexpr int pieces_per_span = 3;
  const double first_radius = h.between(0.8, 1.2), last_radius = 2 - first_radius;
  std::vector<stroke_piece> pieces;
  pieces.reserve(pieces_per_span * points.size());
  for (std::size_t i = 0; i + 1 < points.size(); ++i) {
    if (shape[i].how == pen::lift) continue;
    // A stroke neither knows what came before a corner or its own begin nor what follows a corner or its end.
    const bool begins = i == 0 || shape[i - 1].how == pen::lift || shape[i].how == pen::corner;
    const bool ends = i + 2 == points.size() || shape[i + 1].how != pen::curve;
    const point before = points[begins ? i : i - 1], after = points[ends ? i + 1 : i + 2];
    point from = points[i];
    for (int k = 1; k <= pieces_per_span; ++k) {
      const double t = static_cast<double>(k) / pieces_per_span;
      const double share = (static_cast<double>(i) + t) / static_cast<double>(points.size() - 1);
      const point to = on_spline(before, points[i], points[i + 1], after, t);
      pieces.push_back({from, to, first_radius + (last_radius - first_radius) * share});
      from = to;
    }
  }
  return pieces;
}

struct placement {
  double scale;  // pixels per unit
  point middle;  // centre of mass, in units
};

// How the strokes fill `room` pixels with the larger of their height and width. A stroke weighs what it is long.
placement fit(const std::vector<stroke_piece>& pieces, double room) noexcept {
  point low = pieces.front().from, high = low, sum;
  double length = 0;
  for (const stroke_piece& piece : pieces) {
    const double dx = piece.to.x - piece.from.x, dy = piece.to.y - piece.from.y;
    const double l = std::sqrt(dx * dx + dy * dy);
    length += l;
    sum.x += l * 0.5 * (piece.from.x + piece.to.x);
    sum.y += l * 0.5 * (piece.from.y + piece.to.y);
    low = {std::min({low.x, piece.from.x, piece.to.x}), std::min({low.y, piece.from.y, piece.to.y})};
    high = {std::max({high.x, piece.from.x, piece.to.x}), std::max({high.y, piece.from.y, piece.to.y})};
  }
  return {room / std::max(high.x - low.x, high.y - low.y), {sum.x / length, sum.y / length}};
}

void draw_digit(unsigned digit, hand h, std::span<std::uint8_t> image) {
  const auto shapes = shapes_of(digit);
  const digit_shape shape = shapes[h.below(static_cast<std::uint32_t>(shapes.size()))];
  const std::vector<point> points = hand_set_points(shape, h);
  std::vector<stroke_piece> pieces = strokes_through(points, shape, h);

  const double pen_radius = h.between(0.7, 1.9);
  const double softness = h.between(1.0, 1.8);
  const double size = digit_size * h.between(0.88, 1);
  const placement at = fit(pieces, size - 2 * pen_radius);
  constexpr double off_middle = 0.5;
  const double x0 = 0.5 * side + h.around_zero(off_middle);
  const double y0 = 0.5 * side + h.around_zero(off_middle);
  const auto placed = [&](point p) {
    return point{x0 + (p.x - at.middle.x) * at.scale, y0 + (p.y - at.middle.y) * at.scale};
  };
  for (stroke_piece& piece : pieces) piece = {placed(piece.from), placed(piece.to), piece.radius * pen_radius};
  draw_strokes(pieces, softness, side, image);
}

dataset make_part(const char* name, std::size_t count, const digits_options& options, stream which) {
  constexpr std::size_t image_bytes = side * side;
  std::vector<std::uint8_t> pixels = bytes_in_huge_pages(count * image_bytes);
  std::vector<std::uint8_t> labels(count);
  for (std::size_t i = 0; i < count; ++i) {
    const auto digit = static_cast<unsigned>(i % digit_count);
    labels[i] = static_cast<std::uint8_t>(digit);
    draw_digit(digit, {options.seed, which, static_cast<std::uint32_t>(i)},
               std::span(pixels).subspan(i * image_bytes, image_bytes));
  }
  return {name, side, side, options.classes, std::move(pixels), std::move(labels)};
}

}  // namespace

train_and_test make_digits(const digits_options& options) {
  constexpr std::size_t most = std::size_t{std::numeric_limits<std::uint32_t>::max()} + 1;
  if (options.train > most || options.test > most) throw std::invalid_argument("digits: at most 2^32 images");
  if (options.classes < digit_count) throw std::invalid_argument("digits: at least 10 classes");
  return {make_part("built-in training digits", options.train, options, stream::digits_train),
          make_part("built-in test digits", options.test, options, stream::digits_test)};
}

}  // namespace lanewise
