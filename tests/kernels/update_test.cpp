// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <cmath>

#include <lanewise/update.hpp>

#include "../../kernels/ref/update.hpp"
#include "../support/bits.hpp"
#include "../support/float_values.hpp"
#include "../support/special_pairs.hpp"
#include "update_steps.hpp"

namespace lanewise::test {
namespace {

TEST_CASE("update: sgd of special values rounds once, in every lane") {
  for (const float lr : special_floats)
    for_each_rotation([lr](const special_pairs& pairs) {
      std::array<float, special_pairs::size> w = pairs.b;
      sgd(lr, pairs.a, w);
      CHECK(difference(w, by_rule(pairs, [lr](float g, float b) { return std::fma(-lr, g, b); })) == "");
    });
}

TEST_CASE("update: sgd of random values rounds once") {
  random_source random(11);
  for (const values kind : finite_values)
    for (std::size_t n = 0; n <= 300; ++n) {
      std::vector<float> g(n), w(n), want(n);
      fill(random, kind, g);
      fill(random, kind, w);
      const float lr = random.uniform();
      for (std::size_t i = 0; i < n; ++i) want[i] = std::fma(-lr, g[i], w[i]);
      sgd(lr, g, w);
      INFO(name(kind), ", n ", n, ", lr ", lr);
      CHECK(difference(w, want) == "");
    }
}

// The reference run in float, weight by weight.
struct weights {
  std::vector<float> w, state;

  void update_one_by_one(const update_step& step, std::span<const float> g) {
    const std::size_t n = w.size(), states = traits(step.settings.which).states;
    std::vector<float> kept(states);
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t s = 0; s < states; ++s) kept[s] = state[s * n + i];
      ref::update(step, g[i], w[i], std::span(kept));
      for (std::size_t s = 0; s < states; ++s) state[s * n + i] = kept[s];
    }
  }
};

TEST_CASE("update: of random values the bits of the reference in float") {
  random_source random(12);
  for (const optimizer which : all_optimizers)
    for (const update_step& step : update_steps(which))
      for (const values kind : all_values)
        for (std::size_t n = 0; n <= 100; ++n) {
          std::vector<float> g(n);
          weights got{std::vector<float>(n), std::vector<float>(traits(which).states * n)};
          fill(random, kind, g);
          fill(random, kind, got.w);
          fill(random, kind, got.state);
          weights want = got;
          want.update_one_by_one(step, g);
          update(step, g, got.w, got.state);
          INFO(name(which), ", t ", step.t, ", ", name(kind), ", n ", n);
          CHECK(difference(got.w, want.w) == "");
          CHECK(difference(got.state, want.state) == "");
        }
}

TEST_CASE("update: of special values the bits of the reference in float, in every lane") {
  for (const optimizer which : all_optimizers)
    for (const update_step& step : update_steps(which))
      for_each_rotation([&](const special_pairs& pairs) {
        constexpr std::size_t n = special_pairs::size;
        weights got{{pairs.b.begin(), pairs.b.end()}, {}};
        for (std::size_t s = 0; s < traits(which).states * n; ++s)
          got.state.push_back(special_floats[(s * 7 + s / n) % special_floats.size()]);
        weights want = got;
        want.update_one_by_one(step, pairs.a);
        update(step, pairs.a, got.w, got.state);
        INFO(name(which), ", t ", step.t);
        CHECK(difference(got.w, want.w) == "");
        CHECK(difference(got.state, want.state) == "");
      });
}

TEST_CASE("update: by sgd without decay is sgd") {
  random_source random(13);
  std::vector<float> g(77), w(77);
  fill(random, values::uniform, g);
  fill(random, values::uniform, w);
  std::vector<float> same = w;
  sgd(0.01f, g, w);
  update({.settings = {.which = optimizer::sgd}, .lr = 0.01}, g, same, {});
  CHECK(difference(same, w) == "");
}

TEST_CASE("update: a weight that is zero and never had a gradient stays +0, as padding must") {
  for (const optimizer which : all_optimizers)
    for (update_step step : update_steps(which)) {
      const std::vector<float> zeros(40);
      std::vector<float> w(40), state(traits(which).states * 40);
      for (step.t = 1; step.t <= 5; ++step.t) update(step, zeros, w, state);
      INFO(name(which));
      CHECK(difference(w, zeros) == "");
    }
}

TEST_CASE("nrm2: small integers exactly, large and small floats without overflow, NaN and infinity") {
  for (std::size_t n = 0; n <= 200; ++n) {
    std::vector<float> x(n);
    double sum = 0;
    for (std::size_t i = 0; i < n; ++i) {
      x[i] = static_cast<float>(i % 17) - 8;
      sum += static_cast<double>(x[i] * x[i]);
    }
    CHECK(nrm2(x) == std::sqrt(sum));
  }
  CHECK(nrm2(std::array{3e38f, -3e38f}) == doctest::Approx(std::sqrt(2.0) * 3e38));
  CHECK(nrm2(std::array{0x1p-149f}) == 0x1p-149);
  for (std::size_t lane = 0; lane < 37; ++lane) {
    std::vector<float> x(37, 1.0f);
    x[lane] = -infinity;
    CHECK(nrm2(x) == HUGE_VAL);
    x[lane] = nan;
    CHECK(std::isnan(nrm2(x)));
  }
}

TEST_CASE("optimizers: names, and unknown ones") {
  constexpr std::array names{"sgd", "momentum", "nesterov", "rmsprop", "adam", "adamw"};
  REQUIRE(names.size() == all_optimizers.size());
  for (std::size_t i = 0; i < names.size(); ++i) {
    CHECK(name(all_optimizers[i]) == names[i]);
    CHECK(is_known(all_optimizers[i]));
  }
  CHECK_FALSE(is_known(static_cast<optimizer>(all_optimizers.size())));
  CHECK(name(static_cast<optimizer>(200)) == "unknown");
}

}  // namespace
}  // namespace lanewise::test
