// SPDX-License-Identifier: MIT
// What the fused step leaves alone: padding, other memory, everything where a loss is not finite or a rule is broken.
#include <doctest/doctest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <string>

#include "../support/at_end.hpp"
#include "../support/contract_death.hpp"
#include "fused_nets.hpp"

namespace lanewise::test {
namespace {

TEST_CASE("fused_mlp: padding stays zero, and so do the weights of inputs that never are listed") {
  mlp net = initialised("20-16-16r-5", 2);
  const mlp before = net.clone();
  fused_mlp fused = fused_view(net);
  owned_pixel_list list(20), next(20);
  std::vector<std::uint8_t> image(20);
  image[4] = image[17] = 255;
  fused.list_pixels(image, list.list);
  for (std::int32_t step = 0; step < 20; ++step) fused.sgd_step(list.list, step % 5, 0.1f, {}, next.list);
  for (std::size_t i = 0; i < 20; ++i)
    for (std::size_t o = 0; o < 16; ++o)
      if (i != 4 && i != 17) CHECK(net.weights(0)(i, o) == before.weights(0)(i, o));
  for (std::size_t o = 5; o < 16; ++o) {
    CHECK(net.bias(2)[o] == 0);
    for (std::size_t i = 0; i < 16; ++i) CHECK(net.weights(2)(i, o) == 0);
  }
}

TEST_CASE("fused_mlp: a loss that is not finite changes nothing; weights of zero pixels may be anything") {
  const float none = std::numeric_limits<float>::quiet_NaN(), infinity = std::numeric_limits<float>::infinity();
  std::vector<std::uint8_t> image(20), other(20, 9);
  image[3] = 77;
  for (const float bad : {none, infinity, -infinity}) {
    mlp net = initialised("20-32-32r-5", 2);
    owned_pixel_list list(20), next(20);
    fused_view(net).list_pixels(image, list.list);
    net.weights(0)(7, 30) = bad;
    CHECK(std::isfinite(fused_view(net).sgd_step(list.list, 1, 0.1f, {}, next.list).loss));
    net.bias(2)[4] = bad == -infinity ? infinity : bad;
    const mlp before = net.clone();
    CHECK_FALSE(std::isfinite(fused_view(net).sgd_step(list.list, 1, 0.1f, other, next.list).loss));
    CHECK(std::memcmp(net.parameters().data(), before.parameters().data(), net.parameters().size_bytes()) == 0);
    CHECK(next.list.count == 20);
  }
}

TEST_CASE("fused_mlp: where all units are dead only the last bias learns") {
  mlp net = initialised("20-16-16-5", 2);
  for (std::size_t l = 0; l < 2; ++l) std::ranges::fill(net.bias(l), -100.0f);
  const mlp before = net.clone();
  owned_pixel_list list(20), next(20);
  const std::vector<std::uint8_t> image(20, 255);
  fused_view(net).list_pixels(image, list.list);
  fused_view(net).sgd_step(list.list, 2, 0.1f, {}, next.list);
  for (std::size_t l = 0; l < 3; ++l)
    for (std::size_t i = 0; i < net.layers()[l].in; ++i)
      for (std::size_t o = 0; o < 16; ++o) CHECK(net.weights(l)(i, o) == before.weights(l)(i, o));
  for (std::size_t o = 0; o < 5; ++o) CHECK((net.bias(2)[o] > before.bias(2)[o]) == (o == 2));
}

// ---- guard pages -------------------------------------------------------------------------------------------------------

TEST_CASE("fused_mlp: touches its parameters, lists and images only") {
  for (const char* layers : fused_nets) {
    CAPTURE(layers);
    mlp plain = initialised(layers, 4);
    const std::size_t inputs = plain.inputs(), list_size = fused_mlp::list_size(inputs);
    std::vector<at_end<float>> memory;
    std::vector<fused_layer_views> views;
    for (std::size_t l = 0; l < plain.layers().size(); ++l) {
      const matrix_view<float> w = plain.weights(l);
      memory.emplace_back(w.rows() * w.cols());
      std::copy_n(w.data(), w.rows() * w.cols(), memory.back().span().begin());
      const matrix_view<float> guarded(memory.back().span().data(), w.rows(), w.cols());
      memory.emplace_back(plain.bias(l).size());
      std::ranges::copy(plain.bias(l), memory.back().span().begin());
      views.push_back({guarded, memory.back().span(), plain.layers()[l].residual});
    }
    fused_mlp fused(views, plain.classes()), expected = fused_view(plain);
    at_end<std::uint32_t> offset[2] = {at_end<std::uint32_t>(list_size), at_end<std::uint32_t>(list_size)};
    memory.emplace_back(list_size);
    memory.emplace_back(list_size);
    pixel_list lists[2];
    for (std::size_t i = 0; i < 2; ++i) lists[i] = {offset[i].span(), memory[memory.size() - 2 + i].span(), 0};
    owned_pixel_list plain_lists[2] = {owned_pixel_list(inputs), owned_pixel_list(inputs)};
    at_end<std::uint8_t> image(inputs), later(inputs);
    std::ranges::fill(later.span(), std::uint8_t{255});
    at_end<float> logits(plain.classes());
    random_stream random(6, stream::init);
    for (std::size_t step = 0; step < 12; ++step) {
      std::ranges::copy(image_of(inputs, step, random), image.span().begin());
      const auto label = static_cast<std::int32_t>(random.below(static_cast<std::uint32_t>(plain.classes())));
      fused.forward(lists[step % 2], logits.span());
      CHECK(logits.before_is_intact());
      const fused_mlp::result got = fused.sgd_step(lists[step % 2], label, 0.1f, image.span(), lists[(step + 1) % 2],
                                                  later.span());
      const fused_mlp::result want = expected.sgd_step(plain_lists[step % 2].list, label, 0.1f, image.span(),
                                                       plain_lists[(step + 1) % 2].list);
      REQUIRE(got.loss == want.loss);
      REQUIRE(got.correct == want.correct);
      REQUIRE(lists[(step + 1) % 2].count == plain_lists[(step + 1) % 2].list.count);
    }
    for (std::size_t l = 0; l < views.size(); ++l) {
      const matrix_view<float> w = plain.weights(l);
      CHECK(std::memcmp(views[l].weights.data(), w.data(), w.rows() * w.cols() * sizeof(float)) == 0);
      CHECK(std::ranges::equal(views[l].bias, plain.bias(l)));
    }
    for (const at_end<float>& block : memory) CHECK(block.before_is_intact());
    for (const at_end<std::uint32_t>& block : offset) CHECK(block.before_is_intact());
    CHECK(image.before_is_intact());
  }
}

TEST_CASE("fused_mlp: what does not fit goes to the contract handler") {
  mlp net = initialised("20-16-16r-5", 1);
  const auto violates = [](const std::string& rule, const auto& call) {
    const death d = die(call);
    CHECK(d.aborted);
    CHECK(d.text.find("lanewise: contract violated: fused_mlp: " + rule) == 0);
  };
  const auto with = [&](auto change) {
    return [&net, change] {
      std::vector<fused_layer_views> layers;
      for (std::size_t l = 0; l < 3; ++l) layers.push_back({net.weights(l), net.bias(l), net.layers()[l].residual});
      std::size_t classes = 5;
      change(layers, classes);
      fused_mlp(layers, classes);
    };
  };
  violates("must have 2", with([](auto& layers, auto&) { layers.resize(1); }));
  violates("classes must be", with([](auto&, auto& classes) { classes = 17; }));
  violates("classes must be", with([](auto&, auto& classes) { classes = 0; }));
  violates("a layer's width", with([](auto& layers, auto&) { layers[1].weights = layers[1].weights.first_cols(8); }));
  violates("a layer's in", with([](auto& layers, auto&) { layers[1].weights = layers[1].weights.first_rows(8); }));
  violates("weights must be without gaps", with([](auto& layers, auto&) {
             layers[0].weights = matrix_view<float>(layers[0].weights.data(), 10, 16, 32);
           }));
  violates("bias.size()", with([](auto& layers, auto&) { layers[0].bias = layers[0].bias.first(15); }));
  violates("the first layer must have", with([](auto& layers, auto&) {
             layers[0].weights = matrix_view<float>(layers[0].weights.data(), (std::size_t{1} << 28) + 1, 16);
           }));
  violates("a residual", with([](auto& layers, auto&) { layers[0].residual = true; }));
  violates("a residual", with([](auto& layers, auto&) { layers[2].residual = true; }));

  fused_mlp fused = fused_view(net);
  owned_pixel_list list(20), next(20);
  const std::vector<std::uint8_t> image(20), short_image(19);
  for (const std::int32_t label : {-1, 5})
    violates("label", [&] { fused.sgd_step(list.list, label, 0.1f, image, next.list); });
  violates("next_image", [&] { fused.sgd_step(list.list, 0, 0.1f, short_image, next.list); });
  violates("x.count", [&] { fused.sgd_step({list.list.offset, list.list.value, 33}, 0, 0.1f, image, next.list); });
  violates("image must have", [&] { fused.list_pixels(short_image, next.list); });
  violates("later_image", [&] { fused.list_pixels(image, next.list, short_image); });
  violates("later_image", [&] { fused.sgd_step(list.list, 0, 0.1f, image, next.list, short_image); });
  pixel_list small{next.list.offset.first(fused_mlp::list_size(20) - 1), next.list.value, 0};
  violates("a list must have room", [&] { fused.list_pixels(image, small); });
  std::vector<float> logits(6);
  violates("logits.size()", [&] { fused.forward(list.list, logits); });
  violates("x.count", [&] { fused.forward({list.list.offset, list.list.value, 33}, std::span(logits).first(5)); });
  violates("a list must have room", [&] { fused.sgd_step(list.list, 0, 0.1f, image, small); });
}

}  // namespace
}  // namespace lanewise::test
