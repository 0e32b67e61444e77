// SPDX-License-Identifier: MIT
// Gradient check in two figures (the double gradient against central differences, the float one against the double one),
// and the SGD step against both.
#include <lanewise/model/step.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <new>
#include <string>
#include <vector>

#include <lanewise/model/gradient_check.hpp>
#include <lanewise/model/init.hpp>
#include <lanewise/model/rng.hpp>
#include <lanewise/update.hpp>

#include "../../model/src/reference_net.hpp"
#include "../support/contract_death.hpp"
#include "../support/isa.hpp"
#include "../support/tally.hpp"

using namespace lanewise;
using namespace lanewise::test;

namespace {

struct problem {
  mlp net;
  std::vector<float> x;  // [batch][inputs]
  std::vector<std::int32_t> labels;

  std::size_t batch() const { return labels.size(); }
  matrix_view<const float> view() const { return {x.data(), batch(), net.inputs()}; }
  vec sample(std::size_t i) const {
    return {x.begin() + static_cast<std::ptrdiff_t>(i * net.inputs()),
            x.begin() + static_cast<std::ptrdiff_t>((i + 1) * net.inputs())};
  }
};

problem make_problem(const char* layers, std::size_t batch, std::uint64_t seed,
                     activation act = activation::relu) {
  problem p{mlp(parse_layers(layers, act)), {}, {}};
  xavier_uniform(p.net, seed);
  random_stream random(seed + 1000, stream::init);
  for (std::size_t l = 0; l < p.net.layers().size(); ++l)
    for (std::size_t o = 0; o < p.net.layers()[l].out; ++o) p.net.bias(l)[o] = random.uniform() - 0.5f;
  for (std::size_t i = 0; i < batch * p.net.inputs(); ++i) p.x.push_back(random.below(3) == 0 ? random.uniform() : 0);
  for (std::size_t i = 0; i < batch; ++i)
    p.labels.push_back(static_cast<std::int32_t>(random.below(static_cast<std::uint32_t>(p.net.classes()))));
  return p;
}

reference_net mean_gradient(const problem& p) {
  const reference_net net(p.net);
  reference_net gradient = net;
  gradient.fill(0);
  for (std::size_t i = 0; i < p.batch(); ++i)
    net.add_gradient(p.sample(i), p.labels[i], 1.0 / static_cast<double>(p.batch()), gradient);
  return gradient;
}

double mean_loss(const reference_net& net, const problem& p) {
  double sum = 0;
  for (std::size_t i = 0; i < p.batch(); ++i) sum += net.loss(p.sample(i), p.labels[i]);
  return sum / static_cast<double>(p.batch());
}

constexpr const char* tiny_nets[] = {"5-4", "6-5-3", "7-4-4r-3", "9-16-16r-10", "4-4r-3", "20-17-33-33r-11"};

// |float - double| relative to the largest gradient of the layer. A chain of K terms has error gamma_K of the sum of
// magnitudes; over forward and backward the lengths add up, and the sums of magnitudes are within `spread` of the results.
void check_float_gradient(problem& p, std::span<const float> block) {
  reference_net expected = mean_gradient(p);
  reference_net got(p.net, block);
  std::size_t terms = p.batch();
  for (const layer& l : p.net.layers()) terms += l.in + l.out;
  constexpr double spread = 8;
  for (std::size_t l = 0; l < got.layers.size(); ++l) {
    double most = 0;
    for (const double v : expected.layers[l].w) most = std::max(most, std::abs(v));
    for (const double v : expected.layers[l].b) most = std::max(most, std::abs(v));
    const double bound = spread * static_cast<double>(terms) * 0x1p-24 * most;
    for (std::size_t i = 0; i < got.layers[l].w.size(); ++i)
      REQUIRE(std::abs(got.layers[l].w[i] - expected.layers[l].w[i]) <= bound);
    for (std::size_t i = 0; i < got.layers[l].b.size(); ++i)
      REQUIRE(std::abs(got.layers[l].b[i] - expected.layers[l].b[i]) <= bound);
  }
}

}  // namespace

TEST_CASE("gradient check, first figure: double gradient against central differences <= 1e-6") {
  for (const activation act : all_activations)
    for (const char* layers : tiny_nets)
      for (std::uint64_t seed = 1; seed <= 3; seed += emulated_step(1, 3)) {
        const gradient_check_result r = check_gradient(make_problem(layers, 1, seed, act).net, {.batch = 2, .seed = seed});
        INFO(name(act), " ", layers, ", seed ", seed, ": ", r.difference_error, " at ", r.difference_worst, ", ",
             r.float_error, " at ", r.float_worst, ", ", r.skipped, " of ", r.checked, " skipped");
        CHECK(r.checked == r.parameters);
        CHECK(r.holds());
        CHECK(r.difference_error > 0);
        CHECK(r.float_error > 0);
        count("parameters checked by central differences", r.checked - r.skipped);
      }
}

TEST_CASE("gradient check: of many parameters some are drawn, the same for the same seed") {
  const mlp net = make_problem("784-16-16r-10", 1, 1).net.clone();
  const auto run = [&](std::uint64_t seed) { return check_gradient(net, {.batch = 1, .seed = seed, .all_up_to = 99, .drawn = 99}); };
  const gradient_check_result one = run(1), again = run(1), other = run(2);
  CHECK(one.parameters == 13002);
  CHECK(one.checked == 99);
  CHECK(one.holds());
  CHECK(one.difference_error == again.difference_error);
  CHECK(one.difference_error != other.difference_error);
  CHECK_THROWS_AS(check_gradient(net, {.batch = 0}), std::invalid_argument);
}

TEST_CASE("gradient check, second figure: float backward against the double gradient") {
  for (const activation act : all_activations)
    for (const char* layers : tiny_nets)
      for (const std::size_t batch : {1u, 2u, 7u, 33u}) {
        CAPTURE(name(act));
        CAPTURE(layers);
        CAPTURE(batch);
        problem p = make_problem(layers, batch, 3, act);
        workspace ws(p.net, batch);
        const double loss = backward(p.net, ws, p.view(), p.labels);
        CHECK(loss / static_cast<double>(batch) == doctest::Approx(mean_loss(reference_net(p.net), p)).epsilon(1e-5));
        check_float_gradient(p, ws.gradients());
      }
}

TEST_CASE("step: the real net, batch 1 and 64") {
  for (const std::size_t batch : {1u, 64u}) {
    problem p = make_problem("784-16-16r-10", batch, 2);
    workspace ws(p.net, batch);
    backward(p.net, ws, p.view(), p.labels);
    check_float_gradient(p, ws.gradients());
  }
}

// Some rows of such weights are updated before others are used for the gradient of the layer's input.
TEST_CASE("step: large weights, whose rows are used and updated some at a time") {
  for (const char* layers : {"12-700-300-5", "12-420-420r-5"})
    for (const std::size_t batch : {1u, 3u, 32u, 33u}) {
      CAPTURE(layers);
      CAPTURE(batch);
      problem p = make_problem(layers, batch, 5);
      mlp updated = p.net.clone();
      workspace ws(p.net, batch);
      const double loss = backward(p.net, ws, p.view(), p.labels);
      check_float_gradient(p, ws.gradients());
      CHECK(sgd_step(updated, ws, p.view(), p.labels, 1) == loss);
      for (std::size_t i = 0; i < updated.parameters().size(); ++i)
        ws.gradients()[i] = p.net.parameters()[i] - updated.parameters()[i];
      check_float_gradient(p, ws.gradients());
    }
}

TEST_CASE("sgd_step: equals backward and sgd up to rounding; a workspace may be larger than the batch") {
  for (const char* layers : tiny_nets)
    for (const std::size_t batch : {1u, 5u, 64u}) {
      CAPTURE(layers);
      CAPTURE(batch);
      problem p = make_problem(layers, batch, 4);
      mlp two_pass = p.net.clone();
      workspace ws(p.net, 64), other(p.net, batch);
      const double loss = backward(two_pass, ws, p.view(), p.labels);
      sgd(0.125f, ws.gradients(), two_pass.parameters());
      CHECK(sgd_step(p.net, other, p.view(), p.labels, 0.125f) == loss);
      for (std::size_t i = 0; i < p.net.parameters().size(); ++i)
        REQUIRE(p.net.parameters()[i] ==
                doctest::Approx(two_pass.parameters()[i]).epsilon(static_cast<double>(batch + 4) * 0x1p-22));
    }
}

TEST_CASE("step: padding stays zero, also where act(0) is not") {
  for (const char* layers : {"7-5-5r-3", "7-256-256r-3"})  // the latter in rows of 272
    for (const activation act : all_activations) {
      CAPTURE(layers);
      CAPTURE(name(act));
      problem p = make_problem(layers, 6, 1, act);
      workspace ws(p.net, 6);
      for (int i = 0; i < 20; ++i) sgd_step(p.net, ws, p.view(), p.labels, 0.1f);
      for (std::size_t l = 0; l < p.net.layers().size(); ++l) {
        const std::size_t out = p.net.layers()[l].out;
        REQUIRE(mlp::padded_width(out) > out);
        for (std::size_t o = out; o < mlp::padded_width(out); ++o) {
          CHECK(p.net.bias(l)[o] == 0);
          for (std::size_t i = 0; i < p.net.layers()[l].in; ++i) CHECK(p.net.weights(l)(i, o) == 0);
        }
      }
    }
}

TEST_CASE("sgd_step: a loss that is not finite changes nothing") {
  for (const std::size_t batch : {1u, 4u}) {
    problem p = make_problem("7-5-5r-3", batch, 1);
    p.net.bias(0)[2] = std::numeric_limits<float>::infinity();
    const mlp before = p.net.clone();
    workspace ws(p.net, batch);
    CHECK_FALSE(std::isfinite(sgd_step(p.net, ws, p.view(), p.labels, 0.1f)));
    for (std::size_t i = 0; i < before.parameters().size(); ++i)
      CHECK(p.net.parameters()[i] == before.parameters()[i]);
  }
}

TEST_CASE("forward: what else is in the batch changes no bit of a sample") {
  problem p = make_problem("30-20-20r-4", 9, 6);
  workspace together(p.net, 9), pairs(p.net, 2);
  const matrix_view<const float> all = forward(p.net, together, p.view());
  for (std::size_t i = 0; i + 1 < 9; ++i) {
    const matrix_view<const float> two = forward(p.net, pairs, {p.x.data() + i * 30, 2, 30});
    for (std::size_t j = 0; j < 4; ++j) CHECK(two(0, j) == all(i, j));
  }
}

TEST_CASE("workspace: sizes beyond any memory are bad_alloc, not a small buffer") {
  const mlp net(parse_layers("784-16-16r-10"));
  for (const std::size_t max_batch : {SIZE_MAX, SIZE_MAX / 16 + 1, (SIZE_MAX / 16 + 1) / 3, SIZE_MAX / 64 + 1})
    CHECK_THROWS_AS(workspace(net, max_batch), std::bad_alloc);
}

TEST_CASE("step: what does not fit goes to the contract handler before anything is touched") {
  problem p = make_problem("7-5-5r-3", 4, 1);
  workspace ws(p.net, 4), small(p.net, 3), other(mlp(parse_layers("7-5-3")), 4), wide(mlp(parse_layers("7-17-17r-3")), 4);
  const std::vector<std::int32_t> three(3), five(5), many(1000);
  const auto check = [](const std::string& rule, const auto& call) {
    const death d = die(call);
    CHECK(d.aborted);
    CHECK(d.text == "lanewise: contract violated: " + rule + "\n");
  };
  check("forward: x.rows() must be at most ws.max_batch()", [&] { forward(p.net, small, p.view()); });
  check("forward: x.rows() must be at most ws.max_batch()", [&] { backward(p.net, small, p.view(), p.labels); });
  for (workspace* another : {&other, &wide})
    check("forward: the workspace must be one for nets with these layers",
          [&] { sgd_step(p.net, *another, p.view(), p.labels, 0.1f); });
  check("forward: x must have net.inputs() columns", [&] { forward(p.net, ws, p.view().first_cols(6)); });
  check("forward: x must have net.inputs() columns", [&] { forward(p.net, ws, {p.x.data(), 3, 8}); });
  for (const auto& labels : {three, five, many}) {
    check("backward: labels.size() must equal x.rows()", [&] { backward(p.net, ws, p.view(), labels); });
    check("sgd_step: labels.size() must equal x.rows()", [&] { sgd_step(p.net, ws, p.view(), labels, 0.1f); });
  }
}

TEST_CASE("step: a batch of none has no loss and changes no parameter") {
  problem p = make_problem("7-5-5r-3", 0, 1);
  const mlp before = p.net.clone();
  workspace ws(p.net, 4);
  CHECK(backward(p.net, ws, p.view(), p.labels) == 0);
  CHECK(all_finite(ws.gradients()));
  CHECK(sgd_step(p.net, ws, p.view(), p.labels, 0.1f) == 0);
  CHECK(std::equal(before.parameters().begin(), before.parameters().end(), p.net.parameters().begin()));
}
