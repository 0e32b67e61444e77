// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <cstdlib>
#include <vector>

#include <lanewise/activation.hpp>

#include "../support/activation_bounds.hpp"
#include "../support/bits.hpp"
#include "../support/float_values.hpp"
#include "../support/isa.hpp"
#include "../support/special_pairs.hpp"
#include "../support/tally.hpp"

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

// Calls body(x) for every 8191st float, or fewer in an emulator; in a nightly run (tools/test --nightly) for every 31st, of
// tanh and sigmoid for all. An odd number of them at a time brings each into every lane.
template <class Body>
void for_floats(activation act, const Body& body) {
  const bool for_all = act.kind == activation_kind::tanh || act.kind == activation_kind::sigmoid;
  const std::uint64_t nightly = for_all ? 1 : 31;
  const std::uint64_t step = std::getenv("LANEWISE_NIGHTLY") != nullptr ? nightly : emulated_step(8191, 40961);
  std::vector<float> x;
  for (std::uint64_t bits = 0; bits < std::uint64_t{1} << 32;) {
    for (x.clear(); x.size() < 4093 && bits < std::uint64_t{1} << 32; bits += step)
      x.push_back(std::bit_cast<float>(static_cast<std::uint32_t>(bits)));
    body(std::span<const float>(x));
  }
}

TEST_CASE("activation: forward within its bound over many floats") {
  for (const activation act : all_activations) {
    bound_check check;
    std::vector<float> y;
    for_floats(act, [&](std::span<const float> x) {
      y.resize(x.size());
      activate(act, x, y);
      for (std::size_t i = 0; i < x.size(); ++i) {
        const double want = ref::value(act, x[i]);
        check.add(y[i], want, activation_tolerance(act, x[i], want));
      }
      count("activations within their bounds", x.size());
    });
    INFO(name(act), ": ", check.describe_worst());
    CHECK(check.worst() <= 1);
  }
}

TEST_CASE("activation: backward within its bound over many floats") {
  for (const activation act : all_activations) {
    bound_check check;
    std::vector<float> dx;
    for_floats(act, [&](std::span<const float> x) {
      dx.resize(x.size());
      activate_backward(act, x, std::vector<float>(x.size(), 1.0f), dx);
      for (std::size_t i = 0; i < x.size(); ++i) {
        const double want = ref::derivative(act, x[i]);
        check.add(dx[i], want, activation_backward_tolerance(act, 1, want));
      }
      count("derivatives of activations within their bounds", x.size());
    });
    INFO(name(act), ": ", check.describe_worst());
    CHECK(check.worst() <= 1);
  }
}

TEST_CASE("activation: special values") {
  struct row {
    activation act;
    float at_minus_infinity, at_infinity, at_minus_largest, at_largest;
  };
  const row table[] = {
      {activation::leaky_relu, -infinity, infinity, 0.01f * -largest, largest},
      {{activation_kind::elu, 2.5f}, -2.5f, infinity, -2.5f, largest},
      {activation::gelu, 0, infinity, 0, largest},
      {activation::gelu_tanh, 0, infinity, 0, largest},
      {activation::silu, 0, infinity, 0, largest},
      {activation::tanh, -1, 1, -1, 1},
      {activation::sigmoid, 0, 1, 0, 1},
  };
  for (const row& r : table) {
    INFO(name(r.act));
    const std::array x{-infinity, infinity, -largest, largest, nan, -nan, 0.0f};
    std::array<float, 7> y;
    activate(r.act, x, y);
    CHECK(y[0] == r.at_minus_infinity);
    CHECK(y[1] == r.at_infinity);
    CHECK(y[2] == r.at_minus_largest);
    CHECK(y[3] == r.at_largest);
    CHECK(std::isnan(y[4]));
    CHECK(std::isnan(y[5]));
    CHECK(y[6] == static_cast<float>(ref::value(r.act, 0)));
  }
}

TEST_CASE("activation: the derivative of NaN is NaN, but for identity and the step of relu and leaky_relu") {
  for (const activation act : all_activations) {
    INFO(name(act));
    const std::array x{nan, 1.0f}, dy{1.0f, nan};
    std::array<float, 2> dx;
    activate_backward(act, x, dy, dx);
    const bool is_step = act == activation::identity || act == activation::relu || act == activation::leaky_relu;
    CHECK(std::isnan(dx[0]) != is_step);
    CHECK(std::isnan(dx[1]));
  }
}

TEST_CASE("activation: without a slope leaky_relu is relu, but for the sign of zero and infinity") {
  const std::array x{-2.0f, -0.5f, 0.0f, 0.5f, 3.0f};
  std::array<float, 5> leaky, plain;
  activate({activation_kind::leaky_relu, 0}, x, leaky);
  activate(activation::relu, x, plain);
  for (std::size_t i = 0; i < x.size(); ++i) CHECK(leaky[i] == plain[i]);
}

}  // namespace
}  // namespace lanewise::test
