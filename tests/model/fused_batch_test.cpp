// SPDX-License-Identifier: MIT
// The fused step on a batch against the double reference and the step of one sample, and what it leaves alone.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <numeric>
#include <string>
#include <vector>

#include <lanewise/model/digits.hpp>

#include "../support/at_end.hpp"
#include "../support/contract_death.hpp"
#include "../support/tally.hpp"
#include "fused_nets.hpp"

namespace lanewise::test {
namespace {

// Images with their lists and labels.
struct samples {
  std::vector<std::vector<std::uint8_t>> images;
  std::vector<owned_pixel_list> memory;
  std::vector<pixel_list> lists;
  std::vector<std::int32_t> labels;

  samples(mlp& net, std::size_t count, random_stream& random) {
    for (std::size_t i = 0; i < count; ++i) {
      images.push_back(image_of(net.inputs(), i + random.below(5), random));
      memory.emplace_back(net.inputs());
      fused_view(net).list_pixels(images.back(), memory.back().list);
      lists.push_back(memory.back().list);
      labels.push_back(static_cast<std::int32_t>(random.below(static_cast<std::uint32_t>(net.classes()))));
    }
  }
};

fused_mlp::result batch_step(mlp& net, const samples& of, float lr) {
  fused_mlp fused = fused_view(net);
  std::vector<std::byte> scratch(fused.scratch_bytes(of.lists.size()));
  return fused.sgd_step(of.lists, of.labels, lr, scratch);
}

bool equal_bits(mlp& a, mlp& b) {
  return std::memcmp(a.parameters().data(), b.parameters().data(), a.parameters().size_bytes()) == 0;
}

TEST_CASE("fused_mlp: a batch of one gives the bits of the step of one sample, a batch of none changes nothing") {
  for (const char* layers : fused_nets) {
    CAPTURE(layers);
    mlp net = initialised(layers, 3), single = net.clone();
    random_stream random(7, stream::init);
    for (std::size_t step = 0; step < 10; ++step) {
      const samples one(net, 1, random);
      owned_pixel_list none(net.inputs());
      const fused_mlp::result got = batch_step(net, one, 0.05f);
      const fused_mlp::result want = fused_view(single).sgd_step(one.lists[0], one.labels[0], 0.05f, {}, none.list);
      CHECK(got.loss == want.loss);
      CHECK(got.correct == want.correct);
      REQUIRE(equal_bits(net, single));
    }
    const fused_mlp::result nothing = batch_step(net, samples(net, 0, random), 0.05f);
    CHECK(nothing.loss == 0);
    CHECK(nothing.correct == 0);
    CHECK(equal_bits(net, single));
  }
}

TEST_CASE("fused_mlp: every step on a batch is that of the double reference") {
  for (const char* layers : fused_nets) {
    CAPTURE(layers);
    mlp net = initialised(layers, 4);
    random_stream random(8, stream::init);
    constexpr float lr = 0.0625f;
    for (const std::size_t batch : {2u, 3u, 8u, 21u}) {
      CAPTURE(batch);
      const samples of(net, batch, random);
      const reference_net before(net);
      reference_net gradient = before, expected = before;
      gradient.fill(0);
      double loss = 0;
      for (std::size_t i = 0; i < batch; ++i) {
        before.add_gradient(as_input(of.images[i]), of.labels[i], 1 / static_cast<double>(batch), gradient);
        loss += before.loss(as_input(of.images[i]), of.labels[i]);
      }
      add_scaled(expected, -static_cast<double>(lr), gradient);

      std::size_t correct = 0;  // which the step of one sample tells
      for (std::size_t i = 0; i < batch; ++i) {
        mlp copy = net.clone();
        owned_pixel_list none(net.inputs());
        correct += fused_view(copy).sgd_step(of.lists[i], of.labels[i], lr, {}, none.list).correct;
      }
      const fused_mlp::result got = batch_step(net, of, lr);
      CHECK(std::abs(got.loss - loss) <= 1e-5 * (static_cast<double>(batch) + loss));
      CHECK(got.correct == correct);
      reference_net after(net);
      CHECK(largest_difference(after, expected) <= step_bound(net, batch, lr, gradient, expected));
      count("fused steps on batches against the double reference", 1);
    }
  }
}

TEST_CASE("fused_mlp: of a batch, too, the lowest of the largest logits counts") {
  mlp net(parse_layers("8-16-4"));
  for (const std::size_t o : {1u, 2u}) net.bias(1)[o] = 0.5f;
  random_stream random(10, stream::init);
  for (const std::size_t batch : {1u, 4u, 8u, 15u, 16u, 40u}) {
    CAPTURE(batch);
    const samples of(net, batch, random);
    const auto of_label_1 = static_cast<std::size_t>(std::ranges::count(of.labels, 1));
    CHECK(batch_step(net, of, 0).correct == of_label_1);
  }
}

TEST_CASE("fused_mlp: batches of a run, the last one shorter, stay with the layer-by-layer path") {
  const dataset data = make_digits({.train = 200, .test = 0}).train;
  std::vector<std::uint32_t> order(data.size());
  std::iota(order.begin(), order.end(), 0u);
  for (const char* layers : {"784-16-16r-10", "784-64-32-10"}) {
    CAPTURE(layers);
    mlp fused_net = initialised(layers, 5), layered_net = fused_net.clone();
    const auto fused = make_training_steps(training_path::fused, fused_net, data, 48);
    const auto layered = make_training_steps(training_path::nonzero, layered_net, data, 48);
    for (std::size_t first = 0; first < order.size(); first += 48) {
      const std::size_t batch = std::min<std::size_t>(48, order.size() - first);
      const training_steps::outcome got = fused->run(order, first, batch, 0.1f), want = layered->run(order, first, batch, 0.1f);
      CHECK(std::abs(got.loss - want.loss) <= 1e-5 * want.loss);
      CHECK(got.correct == want.correct);
    }
    reference_net a(fused_net), b(layered_net);
    CHECK(largest_difference(a, b) <= 1e-6);
  }
}

TEST_CASE("fused_mlp: one loss of a batch that is not finite changes nothing") {
  for (const float bad : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    mlp net = initialised("20-16-16r-5", 2);
    random_stream random(9, stream::init);
    samples of(net, 20, random);
    of.images[3].assign(20, 0);
    of.images[3][19] = 255;
    for (std::size_t i = 0; i < 20; ++i) {
      if (i != 3) of.images[i][19] = 0;
      fused_view(net).list_pixels(of.images[i], of.memory[i].list);
      of.lists[i] = of.memory[i].list;
    }
    std::ranges::fill(net.weights(0).row(19), bad);
    mlp before = net.clone();
    CHECK_FALSE(std::isfinite(batch_step(net, of, 0.1f).loss));
    CHECK(equal_bits(net, before));
    of.lists.erase(of.lists.begin() + 3);
    of.labels.erase(of.labels.begin() + 3);
    CHECK(std::isfinite(batch_step(net, of, 0.1f).loss));
    CHECK_FALSE(equal_bits(net, before));
  }
}

TEST_CASE("fused_mlp: a batch needs scratch_bytes() and no more, of any alignment") {
  for (const char* layers : fused_nets) {
    CAPTURE(layers);
    mlp net = initialised(layers, 6), expected = net.clone();
    random_stream random(10, stream::init);
    for (const std::size_t batch : {1u, 5u, 16u}) {
      const samples of(net, batch, random);
      for (const std::size_t shift : {0u, 1u, 63u}) {
        const std::size_t bytes = fused_view(net).scratch_bytes(batch);
        const at_end<std::byte> scratch(bytes + shift);
        fused_view(net).sgd_step(of.lists, of.labels, 0.05f, scratch.span().first(bytes));
        batch_step(expected, of, 0.05f);
        CHECK(scratch.before_is_intact());
        REQUIRE(equal_bits(net, expected));
      }
    }
  }
  mlp net = initialised("20-16-16r-5", 1);
  CHECK(fused_view(net).scratch_bytes(SIZE_MAX / 100) == SIZE_MAX);
}

TEST_CASE("fused_mlp: a batch that does not fit goes to the contract handler") {
  mlp net = initialised("20-16-16r-5", 1);
  fused_mlp fused = fused_view(net);
  random_stream random(11, stream::init);
  samples of(net, 4, random);
  std::vector<std::byte> scratch(fused.scratch_bytes(4));
  const auto violates = [&](const std::string& rule, std::span<const pixel_list> x, std::span<const std::int32_t> labels,
                            std::span<std::byte> memory) {
    const death d = die([&] { fused.sgd_step(x, labels, 0.1f, memory); });
    CHECK(d.aborted);
    CHECK(d.text.find("lanewise: contract violated: fused_mlp: " + rule) == 0);
  };
  violates("labels.size()", of.lists, std::span(of.labels).first(3), scratch);
  violates("scratch must have", of.lists, of.labels, std::span(scratch).first(scratch.size() - 1));
  for (const std::int32_t label : {-1, 5}) {
    std::vector<std::int32_t> labels = of.labels;
    labels[2] = label;
    violates("label must be", of.lists, labels, scratch);
  }
  const dataset data = make_digits({.train = 9, .test = 0}).train;
  mlp small = initialised("784-16-10", 1);
  const auto steps = make_training_steps(training_path::fused, small, data, 8);
  std::vector<std::uint32_t> order(9);
  CHECK(die([&] { steps->run(order, 0, 9, 0.1f); }).text.find("training_steps::run: batch must be") != std::string::npos);
  of.lists[1].count = 25;
  of.lists[1].offset = of.lists[1].offset.first(50);
  violates("x.count", of.lists, of.labels, scratch);
}

}  // namespace
}  // namespace lanewise::test
