// SPDX-License-Identifier: MIT
// The gradient check itself: what is right holds whatever the net, what is wrong does not, and it says when it cannot tell.
#include <lanewise/model/gradient_check.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include <lanewise/model/init.hpp>
#include <lanewise/model/rng.hpp>
#include <lanewise/model/step.hpp>

#include "../../model/src/float_steps.hpp"
#include "../support/isa.hpp"

using namespace lanewise;

namespace {

mlp made(const char* layers, const char* act, std::uint64_t seed) {
  mlp net(parse_layers(layers, parse_activation(act)));
  xavier_uniform(net, seed);
  return net;
}

gradient_check_result check(const char* layers, const char* act, std::uint64_t seed, std::size_t batch = 4) {
  return check_gradient(made(layers, act, seed), {.batch = batch, .seed = seed});
}

// A workspace after backward() of a net of 8 inputs, and what it was computed from.
struct computed {
  std::vector<sample> samples;
  workspace ws;

  explicit computed(const mlp& net) : ws(net, 3) {
    random_stream random(1, stream::gradient_check);
    std::vector<float> x;
    for (std::int32_t label = 0; label < 3; ++label) {
      samples.push_back({{}, label});
      for (int i = 0; i < 8; ++i) {
        x.push_back(random.uniform());
        samples.back().x.push_back(static_cast<double>(x.back()));
      }
    }
    backward(net, ws, {x.data(), 3, 8}, std::vector<std::int32_t>{0, 1, 2});
  }

  float_steps_result check(const mlp& net) { return check_float_steps(net, ws, samples); }
};

}  // namespace

TEST_CASE("gradient check: steps in float hold where sums cancel, and with steep and flat activations") {
  for (const char* act : {"relu", "leaky-relu:0.01", "leaky-relu:1e-30", "leaky-relu:1e10", "elu:0.3", "elu:100", "tanh",
                          "gelu", "gelu-tanh", "silu", "sigmoid", "identity"})
    for (const char* layers : {"3-1-1-1-2", "40-1-1r-1r-1r-3", "12-8-8r-5"})
      for (std::uint64_t seed = 1; seed <= 15; seed += test::emulated_step(1, 7))
        for (const std::size_t batch : {1u, 4u, 33u}) {
          const gradient_check_result r = check(layers, act, seed, batch);
          INFO(act, " ", layers, ", seed ", seed, ", batch ", batch, ": ", r.difference_error, " at ", r.difference_worst,
               ", ", r.float_error, " at ", r.float_worst);
          CHECK(r.floats_hold());
          CHECK(r.differences_hold());
        }
}

TEST_CASE("gradient check: a slope 1 % off, a residual that is left out do not hold") {
  const mlp right = made("8-6-6r-3", "leaky-relu:0.01", 1);
  for (const mlp& wrong : {made("8-6-6r-3", "leaky-relu:0.0101", 1), made("8-6-6-3", "leaky-relu:0.01", 1)}) {
    computed steps(wrong);
    CHECK(steps.check(wrong).error <= 1);
    CHECK(steps.check(right).error > 1);
  }
}

TEST_CASE("gradient check: one number that is 0.01 % off is found, where it is") {
  const mlp net = made("8-6-6r-3", "silu", 2);
  const auto spoiled = [&](auto number) {
    computed steps(net);
    CHECK(steps.check(net).error <= 1);
    number(steps.ws) *= 1.0001f;
    const float_steps_result r = steps.check(net);
    CHECK(r.error > 1);
    CHECK(r.overflow.empty());
    return r.worst;
  };
  CHECK(spoiled([](workspace& ws) -> float& { return ws.z(1, 3)(2, 4); }) == "1.z [2, 4]");
  CHECK(spoiled([](workspace& ws) -> float& { return ws.a(0, 3)(1, 5); }) == "0.a [1, 5]");
  CHECK(spoiled([](workspace& ws) -> float& { return ws.dz(2, 3)(0, 1); }) == "2.dz [0, 1]");
  CHECK(spoiled([](workspace& ws) -> float& { return ws.da(1, 3)(2, 3); }) == "1.da [2, 3]");
  CHECK(spoiled([&](workspace& ws) -> float& { return net.weights_in(ws.gradients(), 1)(4, 2); }) == "1.weight [2, 4]");
  CHECK(spoiled([&](workspace& ws) -> float& { return net.bias_in(ws.gradients(), 0)[3]; }) == "0.bias [3]");
}

TEST_CASE("gradient check: an overflow is said to be one, and infinity elsewhere an error") {
  for (const char* act : {"elu:3e38", "leaky-relu:3e38"}) {
    const gradient_check_result r = check("12-8-8r-5", act, 1);
    CHECK_FALSE(r.overflow.empty());
    CHECK_FALSE(r.holds());
    CHECK(r.checked == 0);
    CHECK(r.floats_hold());
  }
  const mlp net = made("8-6-6r-3", "silu", 2);
  for (const float value : {std::numeric_limits<float>::infinity(), std::numeric_limits<float>::quiet_NaN()}) {
    computed steps(net);
    steps.ws.z(0, 3)(1, 2) = value;
    const float_steps_result r = steps.check(net);
    CHECK(r.overflow.empty());
    CHECK(std::isinf(r.error));
    CHECK(r.worst == "0.z [1, 2]");
  }
}

TEST_CASE("gradient check: too many differences left out are no gradient that fails") {
  const gradient_check_result dead = check("3-1-1-1-2", "relu", 3);
  CHECK(dead.skipped == 3);
  CHECK(dead.differences_hold());
  CHECK(dead.floats_hold());
  CHECK_FALSE(dead.tells_enough());
  CHECK_FALSE(dead.holds());
}

TEST_CASE("gradient check: where the loss bends within a difference it tells nothing") {
  const gradient_check_result r = check("64-32-32r-10", "leaky-relu:100", 12, 1);
  CHECK(r.skipped > 0);
  CHECK(r.holds());
}
