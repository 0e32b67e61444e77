// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <lanewise/activation.hpp>

#include "../support/bits.hpp"
#include "../support/float_values.hpp"
#include "../support/special_pairs.hpp"

namespace lanewise::test {
namespace {

float relu(float t) { return t <= 0 ? 0 : t; }

TEST_CASE("activation: each has a name that leads back to it") {
  for (const activation act : all_activations) CHECK(activation_from_name(name(act)) == act);
  CHECK_FALSE(activation_from_name("softplus!").has_value());
  CHECK_FALSE(activation_from_name("").has_value());
}

TEST_CASE("activation: relu of special values, in every lane") {
  for_each_rotation([](const special_pairs& pairs) {
    std::array<float, special_pairs::size> y;
    activate(activation::relu, pairs.a, y);
    CHECK(difference(y, by_rule(pairs, [](float x, float) { return relu(x); })) == "");
    activate(activation::identity, pairs.a, y);
    CHECK(difference(y, pairs.a) == "");
  });
}

TEST_CASE("activation: relu keeps NaN and makes -0 a +0") {
  const std::array x{nan, -0.0f};
  std::array<float, 2> y;
  activate(activation::relu, x, y);
  CHECK(std::isnan(y[0]));
  CHECK(bits_of(y[1]) == 0);
}

TEST_CASE("activation: backward of special values, in every lane") {
  for_each_rotation([](const special_pairs& pairs) {
    std::array<float, special_pairs::size> dx;
    activate_backward(activation::relu, pairs.a, pairs.b, dx);
    CHECK(difference(dx, by_rule(pairs, [](float x, float dy) { return x > 0 ? dy : 0.0f; })) == "");
    activate_backward(activation::identity, pairs.a, pairs.b, dx);
    CHECK(difference(dx, pairs.b) == "");
  });
}

TEST_CASE("activation: relu over floats of every exponent") {
  std::vector<float> x;
  for (std::uint64_t bits = 0; bits < std::uint64_t{1} << 32; bits += 65521)
    x.push_back(std::bit_cast<float>(static_cast<std::uint32_t>(bits)));
  std::vector<float> y(x.size()), want(x.size());
  activate(activation::relu, x, y);
  for (std::size_t i = 0; i < x.size(); ++i) want[i] = relu(x[i]);
  CHECK(difference(y, want) == "");
}

}  // namespace
}  // namespace lanewise::test
