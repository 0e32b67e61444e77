// SPDX-License-Identifier: MIT
#include <lanewise/model/digits.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "../../model/src/digit_strokes.hpp"

using namespace lanewise;

namespace {

constexpr std::size_t side = 28;

// The 64-bit hash FNV-1a.
std::uint64_t hash_of(const train_and_test& data) {
  std::uint64_t hash = 0xcbf29ce484222325;
  const auto take = [&](std::uint8_t byte) { hash = (hash ^ byte) * 0x100000001b3; };
  for (const dataset* part : {&data.train, &data.test})
    for (std::size_t i = 0; i < part->size(); ++i) {
      for (const std::uint8_t pixel : part->image(i)) take(pixel);
      take(static_cast<std::uint8_t>(part->label(i)));
    }
  return hash;
}

std::string bytes_of(const dataset& data, std::size_t i) {
  const auto image = data.image(i);
  return {image.begin(), image.end()};
}

const train_and_test& standard() {
  static const train_and_test data = make_digits();
  return data;
}

// How many pixels high and wide the part is that is at least half lit, and where its light is on average.
struct extent {
  std::size_t height, width;
  double x, y;
};

extent extent_of(std::span<const std::uint8_t> image) {
  std::size_t top = side, bottom = 0, left = side, right = 0;
  double light = 0, x = 0, y = 0;
  for (std::size_t row = 0; row < side; ++row)
    for (std::size_t column = 0; column < side; ++column) {
      const double value = image[row * side + column];
      light += value;
      x += value * (static_cast<double>(column) + 0.5);
      y += value * (static_cast<double>(row) + 0.5);
      if (value < 128) continue;
      top = std::min(top, row);
      bottom = std::max(bottom, row + 1);
      left = std::min(left, column);
      right = std::max(right, column + 1);
    }
  return {bottom - top, right - left, x / light, y / light};
}

}  // namespace

TEST_CASE("digits: the committed bytes, whatever the compiler and the machine") { CHECK(hash_of(standard()) == 0x943eb584da9b33b0); }

TEST_CASE("digits: as many as in MNIST, of the same size, each digit equally often") {
  CHECK(standard().train.size() == 60'000);
  CHECK(standard().test.size() == 10'000);
  for (const dataset* part : {&standard().train, &standard().test}) {
    CHECK(part->height() == side);
    CHECK(part->width() == side);
    CHECK(part->classes() == 10);
    for (std::size_t i = 0; i < part->size(); ++i) REQUIRE(part->label(i) == static_cast<std::int32_t>(i % 10));
  }
}

TEST_CASE("digits: fewer images are the first ones of more") {
  const train_and_test some = make_digits({.train = 23, .test = 7});
  REQUIRE(some.train.size() == 23);
  REQUIRE(some.test.size() == 7);
  for (std::size_t i = 0; i < 23; ++i) CHECK(bytes_of(some.train, i) == bytes_of(standard().train, i));
  for (std::size_t i = 0; i < 7; ++i) CHECK(bytes_of(some.test, i) == bytes_of(standard().test, i));
  CHECK(make_digits({.train = 0, .test = 0}).train.size() == 0);
}

TEST_CASE("digits: another seed makes other images") {
  const train_and_test other = make_digits({.train = 50, .test = 50, .seed = 2});
  for (std::size_t i = 0; i < 50; ++i) {
    CHECK(bytes_of(other.train, i) != bytes_of(standard().train, i));
    CHECK(bytes_of(other.test, i) != bytes_of(standard().test, i));
  }
}

TEST_CASE("digits: no image comes twice, and none of the test images is in the training set") {
  std::set<std::string> images;
  for (const dataset* part : {&standard().train, &standard().test})
    for (std::size_t i = 0; i < part->size(); ++i) images.insert(bytes_of(*part, i));
  CHECK(images.size() == 70'000);
}

TEST_CASE("digits: about 20 pixels high or wide, in the middle by mass, from black to white") {
  std::size_t smallest = side, largest = 0;
  double furthest = 0;
  for (std::size_t i = 0; i < standard().test.size(); ++i) {
    const auto image = standard().test.image(i);
    const extent e = extent_of(image);
    smallest = std::min(smallest, std::max(e.height, e.width));
    largest = std::max(largest, std::max(e.height, e.width));
    furthest = std::max({furthest, std::abs(e.x - 14), std::abs(e.y - 14)});
    REQUIRE(*std::min_element(image.begin(), image.end()) == 0);
    REQUIRE(*std::max_element(image.begin(), image.end()) >= 128);
  }
  CHECK(smallest >= 16);
  CHECK(largest <= 21);
  CHECK(furthest < 3);
}

TEST_CASE("digits: as much light as in MNIST") {
  double light = 0, lit = 0;
  for (std::size_t i = 0; i < standard().train.size(); ++i)
    for (const std::uint8_t pixel : standard().train.image(i)) {
      light += pixel / 255.0;
      lit += pixel != 0 ? 1 : 0;
    }
  const auto pixels = static_cast<double>(standard().train.size() * side * side);
  CHECK(light / pixels == doctest::Approx(0.1307).epsilon(0.1));  // the mean of MNIST's pixels
  CHECK(lit / pixels == doctest::Approx(0.1912).epsilon(0.1));    // the share of them that is not black
}

TEST_CASE("digits: every shape is a path that can be drawn") {
  for (unsigned digit = 0; digit < 10; ++digit) {
    CAPTURE(digit);
    CHECK(!shapes_of(digit).empty());
    for (const digit_shape shape : shapes_of(digit)) {
      REQUIRE(shape.size() >= 3);
      CHECK(shape.front().how == pen::curve);
      CHECK(shape.back().how == pen::curve);
      for (std::size_t i = 0; i < shape.size(); ++i) {
        CHECK(shape[i].x <= 100);
        CHECK(shape[i].y <= 100);
        if (i > 0 && shape[i - 1].how == pen::lift) CHECK(shape[i].how == pen::curve);  // a stroke has two points
      }
    }
  }
}

TEST_CASE("digits: the classes are those of the net, the labels are not") {
  const train_and_test data = make_digits({.train = 20, .test = 10, .classes = 16});
  CHECK(data.train.classes() == 16);
  CHECK(data.test.classes() == 16);
  CHECK(data.train.label(19) == 9);
}

TEST_CASE("digits: what cannot be made is refused") {
  CHECK_THROWS_AS(make_digits({.classes = 9}), std::invalid_argument);
  CHECK_THROWS_AS(make_digits({.train = (std::size_t{1} << 32) + 1}), std::invalid_argument);
  CHECK_THROWS_AS(make_digits({.test = (std::size_t{1} << 32) + 1}), std::invalid_argument);
}
