// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <limits>
#include <numeric>
#include <stdexcept>
#include <string>
#include <vector>

#include <lanewise/model/data.hpp>
#include <lanewise/model/errors.hpp>

#include "../support/bits.hpp"
#include "../support/child_process.hpp"
#include "../support/refusal.hpp"

namespace lanewise::test {
namespace {

// All 256 pixel values: 4 images of 8 x 8.
dataset every_pixel() {
  std::vector<std::uint8_t> pixels(256);
  std::iota(pixels.begin(), pixels.end(), std::uint8_t{0});
  return {"every pixel", 8, 8, 10, pixels, {9, 0, 3, 7}};
}

TEST_CASE("dataset: sizes, images and labels") {
  const dataset data = every_pixel();
  CHECK(data.size() == 4);
  CHECK(data.height() == 8);
  CHECK(data.width() == 8);
  CHECK(data.inputs() == 64);
  CHECK(data.classes() == 10);
  CHECK(data.image(2).size() == 64);
  CHECK(data.image(2)[1] == 129);
  CHECK(data.label(0) == 9);
  CHECK(data.label(3) == 7);
}

TEST_CASE("dataset: sizes that do not fit and labels out of range are refused") {
  const auto make = [](std::size_t height, std::size_t width, std::size_t pixels, std::vector<std::uint8_t> labels) {
    return [=] { dataset("name", height, width, 10, std::vector<std::uint8_t>(pixels), labels); };
  };
  constexpr std::size_t huge = std::numeric_limits<std::size_t>::max();
  CHECK_NOTHROW(make(2, 3, 12, {0, 9})());
  CHECK_NOTHROW(make(2, 3, 0, {})());
  CHECK_NOTHROW(dataset("name", 2, 3, max_classes, std::vector<std::uint8_t>(6), {255}));
  check_refusal<std::invalid_argument>("name", "257 classes, but labels are bytes",
                                       [] { dataset("name", 2, 3, 257, std::vector<std::uint8_t>(6), {255}); });
  const std::string sizes = "do not make images";
  check_refusal<malformed_error>("name", sizes, make(2, 3, 11, {0, 9}));
  check_refusal<malformed_error>("name", sizes, make(2, 3, 13, {0, 9}));
  check_refusal<malformed_error>("name", sizes, make(2, 3, 12, {0}));
  check_refusal<malformed_error>("name", sizes, make(0, 3, 0, {0}));
  check_refusal<malformed_error>("name", sizes, make(huge, huge, 1, {0}));
  check_refusal<malformed_error>("name", sizes, make(huge / 2 + 1, 1, 0, {0, 0}));
  check_refusal<malformed_error>("name", "label 10 of image 1", make(2, 3, 12, {9, 10}));
  check_refusal<malformed_error>("name", "label 255 of image 0", make(2, 3, 12, {255, 0}));
}

TEST_CASE("set_classes: no fewer than the labels need, no more than bytes can name") {
  dataset data = every_pixel();
  CHECK(data.highest_label() == 9);
  data.set_classes(12);
  CHECK(data.classes() == 12);
  CHECK_THROWS_AS(data.set_classes(9), std::invalid_argument);
  CHECK_THROWS_AS(data.set_classes(max_classes + 1), std::invalid_argument);
  CHECK(data.classes() == 12);
  CHECK(dataset().highest_label() == 0);
}

TEST_CASE("gather: float(u8) / 255.0f for every value, rows in the order asked for, nothing beside them") {
  const dataset data = every_pixel();
  const std::vector<std::uint32_t> indices{3, 0, 0, 2, 1};
  constexpr std::size_t stride = 80;
  std::vector<float> values(indices.size() * stride, -1.0f);
  std::vector<std::int32_t> labels(indices.size(), -1);
  data.gather(indices, matrix_view<float>(values.data(), indices.size(), data.inputs(), stride), labels);

  CHECK(labels == std::vector<std::int32_t>{7, 9, 9, 3, 0});
  std::vector<float> expected(values.size(), -1.0f);
  for (std::size_t r = 0; r < indices.size(); ++r)
    for (std::size_t j = 0; j < 64; ++j) expected[r * stride + j] = static_cast<float>(indices[r] * 64 + j) / 255.0f;
  CHECK(difference(values, expected) == "");
  CHECK(values[0 * stride + 63] == 1.0f);
}

TEST_CASE("gather: shapes and indices that do not fit go to the contract handler") {
  const dataset data = every_pixel();
  const auto violates = [&](std::vector<std::uint32_t> indices, std::size_t rows, std::size_t cols,
                            std::size_t labels) {
    constexpr int violated = 3;
    const int status = run_in_child([&] {
      set_contract_handler([](const char*) noexcept { ::_exit(violated); });
      std::vector<float> x(1000);
      std::vector<std::int32_t> y(labels);
      data.gather(indices, matrix_view<float>(x.data(), rows, cols), y);
      return 0;
    });
    return exited_with(status, violated);
  };
  CHECK_FALSE(violates({0, 3}, 2, 64, 2));
  CHECK(violates({0, 3}, 1, 64, 2));
  CHECK(violates({0, 3}, 2, 63, 2));
  CHECK(violates({0, 3}, 2, 64, 1));
  CHECK(violates({0, 4}, 2, 64, 2));
  CHECK(violates({0, 0xffffffff}, 2, 64, 2));
}

TEST_CASE("select: copies in the order asked for") {
  const dataset data = every_pixel(), some = data.select(std::vector<std::uint32_t>{3, 1, 3});
  CHECK(some.size() == 3);
  CHECK(some.height() == 8);
  CHECK(some.width() == 8);
  CHECK(some.classes() == 10);
  CHECK(some.image(1)[5] == 69);
  CHECK(some.image(2)[63] == 255);
  CHECK(some.label(0) == 7);
  CHECK(some.label(1) == 0);
}

}  // namespace
}  // namespace lanewise::test
