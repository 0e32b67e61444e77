// SPDX-License-Identifier: MIT
// The fused step against the double reference and the layer-by-layer step.
#include <doctest/doctest.h>

#include <cmath>
#include <string>
#include <vector>

#include <lanewise/loss.hpp>
#include <lanewise/model/digits.hpp>
#include <lanewise/model/step.hpp>

#include "../support/bits.hpp"
#include "../support/isa.hpp"
#include "../support/tally.hpp"
#include "fused_nets.hpp"

namespace lanewise::test {
namespace {

TEST_CASE("fused_mlp: every step of a short run is that of the double reference, and of the layer-by-layer path") {
  for (const char* layers : fused_nets) {
    CAPTURE(layers);
    mlp net = initialised(layers, 3), layered = net.clone();
    fused_mlp fused = fused_view(net);
    workspace ws(layered, 1);
    const std::size_t inputs = net.inputs();
    owned_pixel_list now(inputs), next(inputs);
    random_stream random(5, stream::init);
    std::vector<std::uint8_t> image = image_of(inputs, 0, random);
    fused.list_pixels(image, now.list);
    std::vector<std::uint32_t> index(pixel_list_size(inputs));
    std::vector<float> value(index.size());
    constexpr float lr = 0.03125f;
    for (std::size_t step = 0; step < 25; ++step) {
      CAPTURE(step);
      const auto label = static_cast<std::int32_t>(random.below(static_cast<std::uint32_t>(net.classes())));
      const reference_net before(net);
      reference_net gradient = before, expected = before;
      gradient.fill(0);
      before.add_gradient(as_input(image), label, 1, gradient);
      add_scaled(expected, -static_cast<double>(lr), gradient);
      const double loss = before.loss(as_input(image), label);

      std::ranges::copy(net.parameters(), layered.parameters().begin());
      const std::array<std::uint32_t, 2> starts{0, static_cast<std::uint32_t>(nonzero_pixels(image, index, value))};
      const double layered_loss =
          sgd_step(layered, ws, sparse_rows{inputs, starts, index, value}, {&label, 1}, lr);
      const std::vector<std::uint8_t> next_image = image_of(inputs, step + 1, random);
      const fused_mlp::result got = fused.sgd_step(now.list, label, lr, next_image, next.list);

      CHECK(std::abs(got.loss - loss) <= 1e-5 * (1 + loss));
      CHECK(std::abs(got.loss - layered_loss) <= 1e-5 * (1 + loss));
      reference_net after(net), after_layered(layered);
      const double bound = step_bound(net, 1, lr, gradient, expected);
      CHECK(largest_difference(after, expected) <= bound);
      CHECK(largest_difference(after, after_layered) <= 2 * bound);
      std::swap(now, next);
      image = next_image;
      count("fused steps against the double reference", 1);
    }
  }
}

// The parameters after some steps.
std::vector<float> trained(const char* layers) {
  mlp net = initialised(layers, 12);
  fused_mlp fused = fused_view(net);
  owned_pixel_list now(net.inputs()), next(net.inputs());
  random_stream random(13, stream::init);
  fused.list_pixels(image_of(net.inputs(), 0, random), now.list);
  for (std::size_t step = 0; step < 12; ++step) {
    const auto label = static_cast<std::int32_t>(random.below(static_cast<std::uint32_t>(net.classes())));
    fused.sgd_step(now.list, label, 0.03125f, image_of(net.inputs(), step + 1, random), next.list);
    std::swap(now, next);
  }
  return {net.parameters().begin(), net.parameters().end()};
}

// Golden weights show it of programs, which on Zen 4 never take the step of avx512 on a net 16 wide.
TEST_CASE("fused_mlp: the step has the same bits on every instruction set, in whole registers and in halves") {
  const restore_isa restore;
  for (const char* layers : fused_nets) {
    CAPTURE(layers);
    REQUIRE(select_isa(usable_isas().back()) == isa_selection::ok);
    const std::vector<float> want = trained(layers);
    for (const std::string_view isa : usable_isas()) {
      CAPTURE(isa);
      REQUIRE(select_isa(isa) == isa_selection::ok);
      CHECK(difference(trained(layers), want) == "");
      const with_halves halves;
      CHECK(difference(trained(layers), want) == "");
    }
  }
}

TEST_CASE("fused_mlp: forward gives the logits that a step has its loss from") {
  for (const char* layers : fused_nets) {
    CAPTURE(layers);
    mlp net = initialised(layers, 9);
    fused_mlp fused = fused_view(net);
    owned_pixel_list list(net.inputs()), none(net.inputs());
    std::vector<float> logits(net.classes()), gradient(net.classes());
    random_stream random(11, stream::init);
    for (std::size_t turn = 0; turn < 10; ++turn) {
      fused.list_pixels(image_of(net.inputs(), turn, random), list.list);
      fused.forward(list.list, logits);
      const auto label = static_cast<std::int32_t>(random.below(static_cast<std::uint32_t>(net.classes())));
      const double loss = softmax_cross_entropy({logits.data(), 1, logits.size()}, {&label, 1}, 1,
                                                {gradient.data(), 1, gradient.size()});
      CHECK(loss == fused.sgd_step(list.list, label, 0.0625f, {}, none.list).loss);
    }
  }
}

TEST_CASE("fused_mlp: after 1,000 steps no weight is further than 2e-6 from those of the double run") {
  const dataset data = make_digits({.train = 1001, .test = 0}).train;
  mlp net(parse_layers("784-16-16r-10"));
  xavier_uniform(net, 1);
  reference_net reference(net), gradient = reference;
  fused_mlp fused = fused_view(net);
  owned_pixel_list lists[2] = {owned_pixel_list(784), owned_pixel_list(784)};
  fused.list_pixels(data.image(0), lists[0].list);
  constexpr float lr = 0.005f;
  for (std::size_t s = 0; s < 1000; ++s) {
    gradient.fill(0);
    reference.add_gradient(as_input(data.image(s)), data.label(s), 1, gradient);
    add_scaled(reference, -static_cast<double>(lr), gradient);
    fused.sgd_step(lists[s % 2].list, data.label(s), lr, data.image(s + 1), lists[(s + 1) % 2].list);
  }
  reference_net got(net);
  const double difference = largest_difference(got, reference);
  CAPTURE(difference);
  CHECK(difference <= 2e-6);
}

TEST_CASE("fused_mlp: says whether the lowest of the largest logits is the label's") {
  mlp net(parse_layers("8-16-4"));
  for (const std::size_t o : {1u, 2u}) net.bias(1)[o] = 0.5f;
  owned_pixel_list list(8), next(8);
  for (std::int32_t label = 0; label < 4; ++label) {
    fused_mlp fused = fused_view(net);
    CHECK(fused.sgd_step(list.list, label, 0, {}, next.list).correct == (label == 1));
  }
}

}  // namespace
}  // namespace lanewise::test
