// SPDX-License-Identifier: MIT
#include <lanewise/model/train.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cfenv>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <stdexcept>
#include <thread>

#include <lanewise/model/data_files.hpp>
#include <lanewise/model/evaluate.hpp>
#include <lanewise/model/init.hpp>
#include <lanewise/model/step.hpp>

#include "../support/shuffled_batches.hpp"
#include "../support/small_data.hpp"

using namespace lanewise;
using namespace lanewise::test;

namespace {

mlp fresh(const char* layers, std::uint64_t seed = 1) {
  mlp net(parse_layers(layers));
  xavier_uniform(net, seed);
  return net;
}

bool equal_parameters(const mlp& a, const mlp& b) {
  return std::equal(a.parameters().begin(), a.parameters().end(), b.parameters().begin(), b.parameters().end());
}

}  // namespace

TEST_CASE("train: learns a small data set, with batch 1 and batch 8") {
  const dataset data = small_data(600, 8, 4, 1), held_out = small_data(200, 8, 4, 2);
  for (const std::size_t batch : {1u, 8u}) {
    mlp net = fresh("64-16-16r-4");
    const train_result result =
        train(net, data, &held_out, {.epochs = 5, .batch = batch, .lr = 0.02 * static_cast<double>(batch)});
    CHECK(result.end == train_end::finished);
    REQUIRE(result.epochs.size() == 5);
    CHECK(result.epochs.back().test_accuracy > 0.95);
    CHECK(result.epochs.back().train_loss < result.epochs.front().train_loss);
    CHECK(result.epochs.back().test_accuracy == evaluate(net, held_out).accuracy());
    CHECK(result.epochs.back().test_loss == evaluate(net, held_out).loss);
  }
}

TEST_CASE("train: is the loop the header describes") {
  const dataset data = small_data(25, 4, 3, 1);
  const train_options options{.epochs = 2, .batch = 4, .lr = 0.5, .seed = 6};
  mlp net = fresh("16-5-3"), by_hand = net.clone();
  train(net, data, nullptr, options);

  workspace ws(by_hand, 4);
  std::size_t step = 0;
  for_each_batch(data, 6, 2, 4, [&](matrix_view<const float> x, std::span<const std::int32_t> labels) {
    const double lr = 0.5 * (1 - static_cast<double>(step++) / 14.0);
    sgd_step(by_hand, ws, x, labels, static_cast<float>(lr));
  });
  CHECK(equal_parameters(net, by_hand));
}

TEST_CASE("train: the same seed gives the same bits, another seed others") {
  const dataset data = small_data(50, 4, 3, 1);
  const auto trained = [&](std::uint64_t seed) {
    mlp net = fresh("16-6-3");
    train(net, data, nullptr, {.epochs = 2, .seed = seed});
    return net;
  };
  CHECK(equal_parameters(trained(1), trained(1)));
  CHECK_FALSE(equal_parameters(trained(1), trained(2)));
}

TEST_CASE("train: reports learning rate, loss and accuracy of the epoch") {
  const dataset data = small_data(10, 4, 3, 1);
  mlp net = fresh("16-3");
  std::vector<epoch_report> seen;
  const train_observer observer{.on_epoch = [&](const epoch_report& r) { seen.push_back(r); }};
  const train_options options{.epochs = 2, .lr = 1.0, .schedule = {schedule_shape::linear}};
  const train_result result = train(net, data, nullptr, options, observer);
  REQUIRE(seen.size() == 2);
  CHECK(result.epochs.size() == 2);
  CHECK(seen[0].epoch == 1);
  CHECK(seen[0].lr == doctest::Approx(1.0 - 9.0 / 20));
  CHECK(seen[1].lr == doctest::Approx(1.0 - 19.0 / 20));
  CHECK(std::fmod(seen[0].train_accuracy * 10, 1.0) == doctest::Approx(0).epsilon(1e-9));
  CHECK(seen[0].microseconds_per_sample == doctest::Approx(seen[0].seconds * 1e5));
  CHECK(seen[0].test_accuracy == 0);
}

TEST_CASE("train: an observer that returns false stops it; an epoch that was finished is reported") {
  const dataset data = small_data(100, 4, 3, 1);
  mlp net = fresh("16-3");
  const train_observer observer{.on_progress = [](const progress& p) { return p.epoch < 2 || p.sample < p.samples; }};
  const train_result result = train(net, data, nullptr, {.epochs = 5}, observer);
  CHECK(result.end == train_end::stopped);
  CHECK(result.epochs.size() == 2);
}

TEST_CASE("train: who stops it after the last step of the last epoch has a run that is finished") {
  const dataset data = small_data(100, 4, 3, 1);
  mlp net = fresh("16-3"), whole = net.clone();
  std::size_t reports = 0;
  const train_observer observer{.on_progress = [](const progress& p) { return p.epoch < p.epochs || p.sample < p.samples; },
                                .on_epoch = [&](const epoch_report&) { ++reports; }};
  const train_result result = train(net, data, nullptr, {.epochs = 3}, observer);
  CHECK(result.end == train_end::finished);
  CHECK(result.epochs.size() == 3);
  CHECK(reports == 3);
  train(whole, data, nullptr, {.epochs = 3});
  CHECK(equal_parameters(net, whole));
}

TEST_CASE("train: until ends it after that epoch and leaves the schedule as it was") {
  const dataset data = small_data(100, 4, 3, 1);
  mlp net = fresh("16-3"), whole = fresh("16-3");
  std::vector<std::size_t> asked;
  const train_observer observer{.until = [&](const epoch_report& r) {
    asked.push_back(r.epoch);
    return r.epoch == 2;
  }};
  const train_result result = train(net, data, nullptr, {.epochs = 5}, observer);
  CHECK(result.end == train_end::reached);
  CHECK(result.epochs.size() == 2);
  CHECK(asked == std::vector<std::size_t>{1, 2});

  const train_observer stopped_there{.on_progress = [](const progress& p) { return p.epoch < 2 || p.sample < p.samples; },
                                     .until = [](const epoch_report& r) { return r.epoch == 2; }};
  CHECK(train(whole, data, nullptr, {.epochs = 5}, stopped_there).end == train_end::stopped);
  CHECK(equal_parameters(net, whole));
}

TEST_CASE("train: divergence stops before the update and says where") {
  const dataset data = small_data(100, 4, 3, 1);
  for (const std::size_t batch : {1u, 10u}) {
    mlp net = fresh("16-8-3");
    const train_result result = train(net, data, nullptr, {.epochs = 3, .batch = batch, .lr = 1e30});
    CHECK(result.end == train_end::diverged);
    CHECK(result.diverged_epoch == 1);
    CHECK(result.diverged_step > 1);
    CHECK(result.epochs.empty());
  }
}

TEST_CASE("train: a finite loss whose step was too long for a float is found at the end of the epoch") {
  const dataset data = small_data(10, 4, 3, 1);
  mlp net(parse_layers("16-8-3"));
  for (float& b : net.bias(0).first(8)) b = 1e6f;
  const train_result result = train(net, data, nullptr, {.epochs = 3, .batch = 10, .lr = 3e38});
  CHECK(result.end == train_end::diverged);
  CHECK(result.diverged_epoch == 1);
  CHECK(result.diverged_step == 1);  // the only one
  CHECK(result.epochs.empty());
  CHECK_FALSE(all_finite(net.parameters()));
}

TEST_CASE("train: parameters that are not finite are found at a stop within an epoch") {
  const dataset data = small_data(10, 4, 3, 1);
  mlp net = fresh("16-8-3");
  const train_observer observer{.on_progress = [](const progress& p) { return p.epoch < 2; },
                                .on_epoch = [&](const epoch_report&) {
                                  net.bias(0)[2] = -std::numeric_limits<float>::infinity();  // its unit is dead
                                  std::this_thread::sleep_for(std::chrono::milliseconds(150));
                                }};
  const train_result result = train(net, data, nullptr, {.epochs = 3}, observer);
  CHECK(result.end == train_end::diverged);
  CHECK(result.diverged_epoch == 2);
  CHECK(result.diverged_step == 1);
  CHECK(result.epochs.size() == 1);
}

TEST_CASE("train: a batch larger than the set is the whole set") {
  const dataset data = small_data(7, 4, 3, 1);
  mlp net = fresh("16-3"), same = fresh("16-3");
  train(net, data, nullptr, {.epochs = 2, .batch = 1000});
  train(same, data, nullptr, {.epochs = 2, .batch = 7});
  CHECK(equal_parameters(net, same));
}

TEST_CASE("train: refuses what does not fit") {
  const dataset data = small_data(10, 4, 3, 1);
  mlp net = fresh("16-3"), wide = fresh("17-3"), few = fresh("16-2"), many = fresh("16-257");
  CHECK_THROWS_AS(train(wide, data, nullptr, {}), std::invalid_argument);
  CHECK_THROWS_AS(train(few, data, nullptr, {}), std::invalid_argument);
  CHECK_THROWS_AS(train(many, data, nullptr, {}), std::invalid_argument);
  CHECK_THROWS_AS(train(net, dataset(), nullptr, {}), std::invalid_argument);
  CHECK_THROWS_AS(train(net, data, nullptr, {.epochs = 0}), std::invalid_argument);
  CHECK_THROWS_AS(train(net, data, nullptr, {.batch = 0}), std::invalid_argument);
  for (const double lr : {0.0, -1.0, std::nan(""), HUGE_VAL, 1.01 * std::numeric_limits<float>::max(), 1e-46})
    CHECK_THROWS_AS(train(net, data, nullptr, {.lr = lr}), std::invalid_argument);
}

TEST_CASE("train: refuses a floating-point environment in which bits are not promised") {
  const dataset data = small_data(10, 4, 3, 1);
  mlp net = fresh("16-3");
  std::fesetround(FE_UPWARD);
  CHECK_THROWS_AS(train(net, data, nullptr, {.epochs = 1}), std::runtime_error);
  std::fesetround(FE_TONEAREST);
  CHECK_NOTHROW(train(net, data, nullptr, {.epochs = 1}));
}

TEST_CASE("train: one epoch of real MNIST reaches 93 %") {
  const char* directory = std::getenv("LANEWISE_DATA");
  if (directory == nullptr) {
    MESSAGE("SKIP: LANEWISE_DATA is not set");
    return;
  }
  const train_and_test mnist = load_data_files(directory);
  mlp net = fresh("784-16-16r-10");
  const train_result result = train(net, mnist.train, &mnist.test, {.epochs = 1});
  CHECK(result.epochs.at(0).test_accuracy > 0.93);
}
