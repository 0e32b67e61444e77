// SPDX-License-Identifier: MIT
#include <lanewise/model/optimizer.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <new>
#include <numeric>
#include <stdexcept>
#include <vector>

#include <lanewise/model/batch_input.hpp>
#include <lanewise/model/init.hpp>
#include <lanewise/model/step.hpp>
#include <lanewise/model/train.hpp>
#include <lanewise/model/training_path.hpp>
#include <lanewise/model/training_steps.hpp>

#include "../support/contract_death.hpp"
#include "../support/shuffled_batches.hpp"
#include "../support/small_data.hpp"

using namespace lanewise;
using namespace lanewise::test;

namespace {

mlp fresh(const char* layers) {
  mlp net(parse_layers(layers));
  initialize(net, initializer::he_uniform, 1);
  return net;
}

bool equal(std::span<const float> a, std::span<const float> b) { return std::ranges::equal(a, b); }

update_options with(optimizer which) { return {.optimizer = default_settings(which)}; }

}  // namespace

TEST_CASE("parameter_update: steps are counted from 1, the state is kept") {
  const std::vector<float> g{0.5f, -2.0f, 0.0f, 1e-3f};
  for (const optimizer which : all_optimizers) {
    CAPTURE(name(which));
    std::vector<float> w{1, 2, 3, 4}, by_hand = w, state(traits(which).states * 4);
    parameter_update update(with(which), 4);
    for (std::uint64_t t = 1; t <= 3; ++t) {
      update(g, w, 0.01);
      lanewise::update({.settings = default_settings(which), .lr = 0.01, .t = t}, g, by_hand, state);
      CHECK(equal(w, by_hand));
    }
  }
}

TEST_CASE("parameter_update: clips the whole gradient to its norm, and shorter ones not at all") {
  const std::vector<float> g{3, 4};  // norm 5
  for (const double clip : {5.1, 5.0, 2.5, 1e-3}) {
    CAPTURE(clip);
    std::vector<float> w{0, 0};
    parameter_update update({.clip_norm = clip}, 2);
    update(g, w, 1);
    const double scale = std::min(1.0, clip / (5 + 1e-6));
    CHECK(w[0] == doctest::Approx(-3 * scale).epsilon(1e-6));
    CHECK(w[1] == doctest::Approx(-4 * scale).epsilon(1e-6));
    CHECK((w[0] == -3) == (clip == 5.1));
  }
}

TEST_CASE("optimizer: refuses numbers that no training can have") {
  constexpr double none = std::numeric_limits<double>::quiet_NaN(), inf = std::numeric_limits<double>::infinity();
  const auto refused = [](const update_options& update) {
    CHECK_THROWS_AS(require_usable(update), std::invalid_argument);
  };
  for (const double bad : {none, inf, -0.1}) {
    refused({.optimizer = {.weight_decay = bad}});
    refused({.clip_norm = bad});
    refused({.optimizer = {.eps = bad}});
  }
  for (const double bad : {none, inf, -0.1, 1.0}) {
    refused({.optimizer = {.momentum = bad}});
    refused({.optimizer = {.beta1 = bad}});
    refused({.optimizer = {.beta2 = bad}});
    refused({.optimizer = {.alpha = bad}});
  }
  for (const double bad : {0.0, 1e-60, 1.1}) refused({.optimizer = {.eps = bad}});
  refused({.optimizer = {.which = static_cast<optimizer>(all_optimizers.size())}});
  for (const optimizer which : all_optimizers) CHECK_NOTHROW(require_usable(with(which)));
  CHECK_THROWS_AS(parameter_update(with(optimizer::adam), SIZE_MAX / 2 + 1), std::bad_alloc);

  mlp net = fresh("16-3");
  const dataset data = small_data(10, 4, 3, 1);
  CHECK_THROWS_AS(train(net, data, nullptr, {.update = {.clip_norm = -1}}), std::invalid_argument);
  CHECK_THROWS_AS(train(net, data, nullptr, {.schedule = {.step_factor = 2}}), std::invalid_argument);
}

TEST_CASE("choose_training_path: only plain SGD is fused, the others skip zero pixels forward all the same") {
  const dataset sparse = small_data(100, 28, 16, 1), dense = small_data(100, 28, 10, 1);
  const std::vector<layer> layers = parse_layers("784-16-16r-16");
  CHECK(choose_training_path(layers, sparse, 1) == training_path::fused);
  for (const optimizer which : all_optimizers) {
    const bool is_plain = which == optimizer::sgd;
    CHECK(choose_training_path(layers, sparse, 1, with(which)) ==
          (is_plain ? training_path::fused : training_path::nonzero));
    CHECK(choose_training_path(layers, dense, 1, with(which)) == training_path::dense);
  }
  CHECK(choose_training_path(layers, sparse, 1, {.optimizer = {.weight_decay = 0.1}}) == training_path::nonzero);
  CHECK(choose_training_path(layers, sparse, 1, {.clip_norm = 1}) == training_path::nonzero);
  // Larger batches go through wider layers as matrix products.
  const std::vector<layer> wider = parse_layers("784-32-16");
  CHECK(choose_training_path(layers, sparse, 1000) == training_path::fused);
  CHECK(choose_training_path(wider, sparse, 8) == training_path::fused);
  CHECK(choose_training_path(wider, sparse, 9) == training_path::nonzero);
  CHECK(why_not_fused(layers, 1000, {}) == fused_obstacle::none);
  CHECK(why_not_fused(layers, 1, with(optimizer::adam)) == fused_obstacle::optimizer);
  CHECK(why_not_fused(wider, 9, {}) == fused_obstacle::batch);
  for (const char* text : {"784-20-10", "784-16-17", "784-10"})
    CHECK(why_not_fused(parse_layers(text), 1, {}) == fused_obstacle::shape);
  for (const activation act : {activation::tanh, activation::identity})
    CHECK(why_not_fused(with_hidden_activation(layers, act), 1, {}) == fused_obstacle::activation);
  const death d = die([&] {
    mlp net = fresh("784-16-16r-16");
    make_training_steps(training_path::fused, net, sparse, 1, {.clip_norm = 1});
  });
  CHECK(d.text == "lanewise: contract violated: make_training_steps: the fused path is for plain SGD only\n");
}

TEST_CASE("backward: of sparse rows the gradient of the same rows dense; nothing is left of the one before") {
  const dataset data = small_data(9, 28, 16, 1);
  const mlp net = fresh("784-20-16-16r-16");
  for (const std::size_t batch : {1u, 9u}) {
    std::vector<std::uint32_t> indices(batch);
    std::iota(indices.begin(), indices.end(), 0u);
    std::vector<std::int32_t> labels(batch);
    workspace sparse(net, batch), dense(net, batch);
    std::ranges::fill(sparse.gradients(), std::numeric_limits<float>::quiet_NaN());
    std::vector<double> losses;
    for (const training_path path : {training_path::dense, training_path::nonzero}) {
      batch_input input(path, data.inputs(), batch);
      input.gather(data, indices, labels);
      losses.push_back(input.backward(net, path == training_path::dense ? dense : sparse, labels));
    }
    CHECK(losses[0] == doctest::Approx(losses[1]).epsilon(1e-6));
    float most = 0;
    for (const float g : dense.gradients()) most = std::max(most, std::abs(g));
    for (std::size_t i = 0; i < dense.gradients().size(); ++i)
      REQUIRE(std::abs(sparse.gradients()[i] - dense.gradients()[i]) <= 1e-5f * most);
  }
}

TEST_CASE("train: with every optimiser is backward and a parameter_update a step, with the rate of the schedule") {
  const dataset data = small_data(25, 4, 3, 1);
  for (const optimizer which : all_optimizers)
    for (const double clip : {0.0, 0.5}) {
      CAPTURE(name(which));
      const train_options options{.epochs = 2, .batch = 4, .lr = 0.01, .schedule = {schedule_shape::cosine},
                                  .update = {.optimizer = {.which = which, .weight_decay = 0.1}, .clip_norm = clip},
                                  .seed = 6};
      mlp net = fresh("16-5-3"), by_hand = net.clone();
      CHECK(train(net, data, nullptr, options).end == train_end::finished);

      workspace ws(by_hand, 4);
      parameter_update update(options.update, by_hand.parameters().size());
      std::size_t step = 0;
      for_each_batch(data, 6, 2, 4, [&](matrix_view<const float> x, std::span<const std::int32_t> y) {
        backward(by_hand, ws, x, y);
        const double lr = learning_rate(options.schedule, options.lr, step++, {7, 2});
        update(ws.gradients(), by_hand.parameters(), static_cast<double>(static_cast<float>(lr)));
      });
      CHECK(equal(net.parameters(), by_hand.parameters()));
    }
}

TEST_CASE("train: every optimiser learns, on both paths, and leaves the padding zero") {
  for (const std::size_t classes : {10u, 16u}) {  // 26 % and 20 % of the pixels are not zero
    const dataset data = small_data(400, 28, classes, 1), held_out = small_data(100, 28, classes, 2);
    for (const optimizer which : all_optimizers) {
      CAPTURE(classes);
      CAPTURE(name(which));
      mlp net = fresh(classes == 10 ? "784-20-20r-10" : "784-20-20r-16");
      const double lr = which == optimizer::sgd ? 0.05 : which == optimizer::rmsprop ? 0.001 : 0.005;
      const train_result result =
          train(net, data, &held_out, {.epochs = 8, .batch = 10, .lr = lr, .update = with(which)});
      CHECK(result.end == train_end::finished);
      CHECK(result.epochs.back().test_accuracy > 0.9);
      for (std::size_t l = 0; l < 2; ++l)
        for (std::size_t o = 20; o < 32; ++o) {
          REQUIRE(net.bias(l)[o] == 0);
          for (std::size_t i = 0; i < net.layers()[l].in; ++i) REQUIRE(net.weights(l)(i, o) == 0);
        }
    }
  }
}

TEST_CASE("train: weight decay moves the weights of pixels that are always zero") {
  const dataset data = small_data(50, 28, 16, 1);
  std::vector<std::uint8_t> images, labels;
  for (std::size_t i = 0; i < data.size(); ++i) {
    images.insert(images.end(), data.image(i).begin(), data.image(i).end());
    images[i * 784 + 5] = 0;
    labels.push_back(static_cast<std::uint8_t>(data.label(i)));
  }
  const dataset without("no pixel 5", 28, 28, 16, images, labels);
  for (const optimizer which : {optimizer::sgd, optimizer::adamw}) {
    mlp net = fresh("784-16-16r-16");
    const float before = net.weights(0)(5, 3);
    train(net, without, nullptr, {.epochs = 1, .lr = 0.01, .schedule = {schedule_shape::constant},
                                  .update = {.optimizer = {.which = which, .weight_decay = 0.5}}});
    CHECK(net.weights(0)(5, 3) == doctest::Approx(static_cast<double>(before) * std::pow(1 - 0.005, 50)).epsilon(1e-4));
  }
}
