// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include <lanewise/loss.hpp>

#include "../support/bits.hpp"
#include "../support/error_bound.hpp"
#include "../support/float_values.hpp"
#include "../support/random.hpp"
#include "../support/tally.hpp"
#include "loss_calls.hpp"

namespace lanewise::test {
namespace {

struct row_result {
  double loss = 0;
  std::vector<float> dlogits;
};

row_result softmax_row(const std::vector<float>& z, std::size_t label, float scale) {
  row_result r{0, std::vector<float>(z.size(), nan)};
  const std::array labels{static_cast<std::int32_t>(label)};
  r.loss = softmax_cross_entropy({z.data(), 1, z.size()}, labels, scale, {r.dlogits.data(), 1, z.size()});
  count("softmax rows against the contract", 1);
  return r;
}

std::vector<float> random_logits(random_source& random, values kind, float scale, std::size_t classes) {
  std::vector<float> z(classes);
  fill(random, kind, z);
  for (float& x : z) x *= scale;
  return z;
}

// Everything loss.hpp says of a row without NaN and +inf.
void check_row(const std::vector<float>& z, std::size_t label, float scale) {
  const row_result got = softmax_row(z, label, scale);
  const std::array labels{static_cast<std::int32_t>(label)};
  const expectation want = softmax_expectation({z.data(), 1, z.size()}, labels, scale);
  bound_check gradients, loss;
  for (std::size_t j = 0; j < z.size(); ++j) gradients.add(got.dlogits[j], want.want[j], want.tolerance[j]);
  loss.add(got.loss, want.result, want.result_tolerance);
  const double sum = std::accumulate(got.dlogits.begin(), got.dlogits.end(), 0.0);
  INFO(z.size(), " classes, label ", label, ", scale ", scale, ", largest logit ",
       *std::max_element(z.begin(), z.end()));
  INFO("gradient ", gradients.describe_worst());
  INFO("loss ", loss.describe_worst());
  CHECK(gradients.worst() <= 1);
  CHECK(loss.worst() <= 1);
  CHECK(std::abs(sum) <= 4 * 0x1p-23 * std::abs(scale));
  const bool all_finite = std::all_of(z.begin(), z.end(), [](float x) { return std::isfinite(x); });
  if (all_finite) CHECK(std::isfinite(got.loss));
}

TEST_CASE("loss: softmax cross-entropy keeps its bounds, 1..40 classes, every label") {
  random_source random(1604);
  for (std::size_t classes = 1; classes <= 40; ++classes)
    for (std::size_t label = 0; label < classes; ++label)
      for (const float scale : {1.0f, 1.0f / 64, -2.5f}) {
        check_row(random_logits(random, values::uniform, 1, classes), label, scale);
        check_row(random_logits(random, values::uniform, 30, classes), label, scale);
        check_row(random_logits(random, values::log_uniform, 1, classes), label, scale);
        check_row(random_logits(random, values::small_integers, 1, classes), label, scale);
      }
}

TEST_CASE("loss: softmax cross-entropy keeps its bounds, 1000 classes") {
  random_source random(1000);
  for (int round = 0; round < 200; ++round)
    for (const float scale : {0.0f, 1.0f, 20.0f, 100.0f})
      check_row(random_logits(random, values::uniform, scale, 1000), random.below(1000), 1);
}

TEST_CASE("loss: equal logits, whatever they are, give equal probabilities") {
  for (const float z : {0.0f, -0.0f, 1.0f, -100.0f, 1e38f, -1e38f, largest, -largest, 0x1p-149f})
    for (const std::size_t classes : {1u, 2u, 3u, 7u, 10u, 16u, 17u, 33u, 1000u}) {
      check_row(std::vector<float>(classes, z), classes / 2, 1);
      const row_result r = softmax_row(std::vector<float>(classes, z), 0, 1);
      for (std::size_t j = 2; j < classes; ++j) CHECK(r.dlogits[j] == r.dlogits[1]);
    }
}

TEST_CASE("loss: one class has probability 1 and loss 0") {
  for (const float z : {0.0f, 3.0f, -1e38f, 1e38f, largest}) {
    const row_result r = softmax_row({z}, 0, 1);
    CHECK(r.loss == 0);
    CHECK(r.dlogits[0] == 0);
  }
}

// Every exponential is 1, so the sum is exact, and what is left of the loss is its logarithm.
TEST_CASE("loss: of equal logits is the logarithm of the number of classes, to 1e-13") {
  for (std::size_t classes = 1; classes <= 1500; ++classes) {
    const row_result r = softmax_row(std::vector<float>(classes, 0.25f), 0, 1);
    INFO(classes, " classes");
    CHECK(std::abs(r.loss - std::log(static_cast<double>(classes))) <= 1e-13);
  }
}

TEST_CASE("loss: huge logits give a finite loss and gradients, in every position") {
  for (const float huge : {1e38f, -1e38f, largest, -largest, 1e5f, -1e5f})
    for (std::size_t classes = 2; classes <= 40; ++classes)
      for (std::size_t at = 0; at < classes; ++at) {
        std::vector<float> z(classes, 0.5f);
        z[at] = huge;
        check_row(z, at, 1);
        check_row(z, (at + 1) % classes, 1);
        z[(at + 1) % classes] = -huge;
        check_row(z, at, 1);
      }
}

TEST_CASE("loss: -inf is a class of probability 0, in every position") {
  for (std::size_t classes = 2; classes <= 40; ++classes)
    for (std::size_t at = 0; at < classes; ++at) {
      std::vector<float> z(classes, 0.5f);
      z[at] = -infinity;
      const std::size_t other = (at + 1) % classes;
      const row_result r = softmax_row(z, other, 1);
      CHECK(r.dlogits[at] == 0);
      CHECK(std::isfinite(r.loss));
      check_row(z, other, 1);
      const row_result labelled = softmax_row(z, at, 1);  // the loss of the impossible
      CHECK(labelled.loss == static_cast<double>(infinity));
      CHECK(labelled.dlogits[at] == -1);
    }
}

TEST_CASE("loss: NaN and +inf make a row's loss and gradients NaN, in every position, and no other row's") {
  random_source random(3);
  for (const float bad : {nan, -nan, infinity})
    for (std::size_t classes = 1; classes <= 40; ++classes)
      for (std::size_t at = 0; at < classes; ++at) {
        const std::vector<float> good = random_logits(random, values::uniform, 3, classes);
        std::vector<float> z = good;
        z[at] = bad;
        for (const std::size_t label : {at, (at + 1) % classes}) {
          const row_result r = softmax_row(z, label, 1);
          INFO(bad, " at ", at, " of ", classes, ", label ", label);
          CHECK(std::isnan(r.loss));
          CHECK(std::all_of(r.dlogits.begin(), r.dlogits.end(), [](float x) { return std::isnan(x); }));
        }
        constexpr std::size_t count = 20, where = 7;  // more rows than any register has lanes
        std::vector<float> rows;
        for (std::size_t i = 0; i < count; ++i) {
          const std::vector<float>& row = i == where ? z : good;
          rows.insert(rows.end(), row.begin(), row.end());
        }
        const std::array<std::int32_t, count> labels{};
        std::vector<float> dlogits(rows.size());
        softmax_cross_entropy({rows.data(), count, classes}, labels, 1, {dlogits.data(), count, classes});
        const std::vector<float> alone = softmax_row(good, 0, 1).dlogits;
        for (std::size_t i = 0; i < count; ++i) {
          const auto row = std::span(dlogits).subspan(i * classes, classes);
          if (i == where)
            CHECK(std::all_of(row.begin(), row.end(), [](float x) { return std::isnan(x); }));
          else
            CHECK(difference(row, std::span(alone)) == "");
        }
      }
}

TEST_CASE("loss: a batch is its rows, and its loss their sum in order; also in place and with gaps between rows") {
  random_source random(40);
  for (std::size_t rows = 0; rows <= 40; ++rows)
    for (const std::size_t classes : {1u, 2u, 10u, 16u, 17u, 35u}) {
      const std::size_t stride = classes + rows % 4;
      // Where logits lie far apart, a sum of doubles tells its order.
      std::vector<float> z = random_logits(random, values::uniform, rows % 2 == 0 ? 5 : 30, rows * stride);
      std::vector<std::int32_t> labels(rows);
      std::vector<float> dlogits(rows * stride, 7.0f), want = dlogits;
      double loss = 0;
      for (std::size_t i = 0; i < rows; ++i) {
        labels[i] = static_cast<std::int32_t>(random.below(classes));
        const auto first = z.begin() + static_cast<std::ptrdiff_t>(i * stride);
        const row_result r = softmax_row({first, first + static_cast<std::ptrdiff_t>(classes)},
                                         static_cast<std::size_t>(labels[i]), 0.5f);
        loss += r.loss;
        std::copy(r.dlogits.begin(), r.dlogits.end(), want.begin() + static_cast<std::ptrdiff_t>(i * stride));
      }
      INFO(rows, " x ", classes);
      const matrix_view<float> logits(z.data(), rows, classes, stride);
      CHECK(softmax_cross_entropy(logits, labels, 0.5f, {dlogits.data(), rows, classes, stride}) == loss);
      CHECK(difference(dlogits, want) == "");
      CHECK(softmax_cross_entropy(logits, labels, 0.5f, logits) == loss);
      for (std::size_t i = 0; i < rows; ++i)
        CHECK(difference(logits.row(i), std::span(want).subspan(i * stride, classes)) == "");
    }
}

std::int32_t argmax_of(const std::vector<float>& row) {
  std::array<std::int32_t, 1> out{-1};
  argmax({row.data(), 1, row.size()}, out);
  return out[0];
}

TEST_CASE("argmax: the lowest of equal maxima, in every pair of positions") {
  for (std::size_t n = 1; n <= 70; ++n)
    for (std::size_t first = 0; first < n; ++first) {
      std::vector<float> row(n, -1.0f);
      row[first] = 2.0f;
      CHECK(argmax_of(row) == static_cast<std::int32_t>(first));
      for (std::size_t second = first; second < n; ++second) {
        row[second] = 2.0f;
        CHECK(argmax_of(row) == static_cast<std::int32_t>(first));
      }
    }
}

TEST_CASE("argmax: NaN counts as the maximum, the first one wins, in every position") {
  for (const float n_a_n : {nan, -nan})
    for (std::size_t n = 1; n <= 70; ++n)
      for (std::size_t at = 0; at < n; ++at) {
        std::vector<float> row(n, infinity);
        row[at] = n_a_n;
        CHECK(argmax_of(row) == static_cast<std::int32_t>(at));
        row[n - 1] = nan;
        CHECK(argmax_of(row) == static_cast<std::int32_t>(at));
      }
}

TEST_CASE("argmax: -0 equals +0, and a row of -inf has its first as the maximum") {
  CHECK(argmax_of({-0.0f, 0.0f, -0.0f}) == 0);
  CHECK(argmax_of({-1.0f, -0.0f, 0.0f}) == 1);
  for (std::size_t n = 1; n <= 40; ++n) {
    CHECK(argmax_of(std::vector<float>(n, -infinity)) == 0);
    CHECK(argmax_of(std::vector<float>(n, -largest)) == 0);
    std::vector<float> row(n, -infinity);
    row[n - 1] = -largest;
    CHECK(argmax_of(row) == static_cast<std::int32_t>(n - 1));
  }
}

TEST_CASE("softmax_cross_entropy: no rows have the loss 0, with classes and without") {
  for (const std::size_t classes : {0u, 1u, 10u})
    CHECK(softmax_cross_entropy(matrix_view<const float>(nullptr, 0, classes), {}, 1, {nullptr, 0, classes}) == 0);
}

}  // namespace
}  // namespace lanewise::test
