// SPDX-License-Identifier: MIT
#include <lanewise/model/evaluate.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <stdexcept>

#include <lanewise/model/digits.hpp>
#include <lanewise/model/init.hpp>
#include <lanewise/model/training_path.hpp>

#include "../../model/src/reference_net.hpp"
#include "../support/small_data.hpp"

using namespace lanewise;
using namespace lanewise::test;

namespace {

mlp fresh(const char* layers) {
  mlp net(parse_layers(layers));
  xavier_uniform(net, 1);
  return net;
}

}  // namespace

TEST_CASE("evaluate: counts, loss and confusion agree; refuses what does not fit") {
  const dataset data = small_data(250, 4, 3, 1);  // more than two blocks of samples
  const mlp net = fresh("16-5-3");
  const evaluation e = evaluate(net, data);
  CHECK(e.samples == 250);
  std::uint64_t all = 0, diagonal = 0;
  for (std::size_t c = 0; c < 9; ++c) all += e.confusion[c];
  for (std::size_t c = 0; c < 3; ++c) diagonal += e.confusion[c * 3 + c];
  CHECK(all == 250);
  CHECK(diagonal == e.correct);
  CHECK(e.loss > 0);
  CHECK_THROWS_AS(evaluate(fresh("15-3"), data), std::invalid_argument);
  CHECK_THROWS_AS(evaluate(fresh("16-2"), data), std::invalid_argument);
  CHECK_THROWS_AS(evaluate(fresh("16-257"), data), std::invalid_argument);
  CHECK(evaluate(fresh("16-256"), data).confusion.size() == 256 * 256);
}

TEST_CASE("evaluate, predict: every path has the loss of the double reference, and the same classes") {
  struct {
    const char* layers;
    dataset data;
    training_path path;
  } const runs[] = {{"784-16-16r-10", make_digits({.train = 200, .test = 0}).train, training_path::fused},
                    {"784-20-10", make_digits({.train = 200, .test = 0}).train, training_path::nonzero},
                    {"64-16-4", small_data(200, 8, 4, 1), training_path::dense}};
  for (const auto& run : runs) {
    CAPTURE(run.layers);
    const dataset& data = run.data;
    const mlp net = fresh(run.layers);
    REQUIRE(choose_training_path(net.layers(), data, 1) == run.path);
    const evaluation e = evaluate(net, data);
    const reference_net reference(net);
    double loss = 0;
    for (std::size_t i = 0; i < data.size(); ++i) loss += reference.loss(as_input(data.image(i)), data.label(i));
    CHECK(std::abs(e.loss - loss / 200) <= 1e-6 * (1 + e.loss));

    std::vector<std::int32_t> predicted(data.size());
    predict(net, data, predicted);
    std::vector<std::uint64_t> confusion(e.confusion.size());
    for (std::size_t i = 0; i < data.size(); ++i)
      ++confusion[static_cast<std::size_t>(data.label(i)) * e.classes + static_cast<std::size_t>(predicted[i])];
    CHECK(confusion == e.confusion);

    std::vector<std::int32_t> first(100, -1);
    predict(net, data, first);
    CHECK(std::equal(first.begin(), first.end(), predicted.begin()));
    predicted.resize(201);
    CHECK_THROWS_AS(predict(net, data, predicted), std::invalid_argument);
    CHECK_THROWS_AS(predict(fresh("15-3"), data, first), std::invalid_argument);
  }
}
