// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include <lanewise/gemv.hpp>

#include "../support/bits.hpp"
#include "../support/float_values.hpp"
#include "../support/random.hpp"
#include "../support/tally.hpp"

namespace lanewise::test {
namespace {

std::vector<float> random_floats(random_source& random, values kind, std::size_t n) {
  std::vector<float> x(n);
  fill(random, kind, x);
  return x;
}

// 32 virtual lanes, lane = column mod 32, each a chain of fma; a tree 16-8-4-2-1. A sum that is zero is +0.
float dot_as_documented(std::span<const float> a, std::span<const float> x) {
  std::array<float, 32> lanes{};
  for (std::size_t j = 0; j < a.size(); ++j) lanes[j % 32] = std::fma(a[j], x[j], lanes[j % 32]);
  for (std::size_t half = 16; half > 0; half /= 2)
    for (std::size_t l = 0; l < half; ++l) lanes[l] += lanes[l + half];
  return lanes[0] + 0.0f;
}

// Rows in groups of 8: a chain of fma in each, and the groups are added in order.
float column_as_documented(matrix_view<const float> a, std::span<const float> x, std::size_t j) {
  float sum = 0;
  for (std::size_t first = 0; first < a.rows(); first += 8) {
    float group = 0;
    for (std::size_t i = first; i < std::min(first + 8, a.rows()); ++i) group = std::fma(x[i], a(i, j), group);
    sum += group;
  }
  return sum;
}

void check_gemv_bits(matrix_view<const float> a, std::span<const float> x) {
  std::vector<float> plain(a.rows(), nan), y(a.rows(), nan), want(a.rows());
  gemv(a, x, plain);
  gemv(a, x, y, 0);
  for (std::size_t i = 0; i < a.rows(); ++i) want[i] = dot_as_documented(a.row(i), x);
  INFO("gemv ", a.rows(), " x ", a.cols());
  CHECK(difference(plain, want) == "");
  CHECK(difference(y, want) == "");
}

void check_gemv_t_bits(matrix_view<const float> a, std::span<const float> x) {
  std::vector<float> plain(a.cols(), nan), y(a.cols(), nan), want(a.cols());
  gemv_t(a, x, plain);
  gemv_t(a, x, y, 0);
  for (std::size_t j = 0; j < a.cols(); ++j) want[j] = column_as_documented(a, x, j);
  INFO("gemv_t ", a.rows(), " x ", a.cols());
  CHECK(difference(plain, want) == "");
  CHECK(difference(y, want) == "");
}

TEST_CASE("gemv: sums in the documented order, bit for bit") {
  random_source random(16842);
  for (std::size_t round = 0; round < 2000; ++round) {
    const std::size_t m = random.size_up_to(100);
    const std::size_t n = random.size_up_to(round % 50 == 0 ? 3000 : 300);
    const values kind = all_values[round % all_values.size()];
    INFO("values: ", name(kind));
    const std::vector<float> a = random_floats(random, kind, m * n);
    const std::vector<float> x = random_floats(random, kind, std::max(m, n));
    check_gemv_bits({a.data(), m, n}, std::span(x).first(n));
    check_gemv_t_bits({a.data(), m, n}, std::span(x).first(m));
  }
}

// Beyond an L2: rows one by one, or, long ones, as many as share the loads of x. The last group of them is incomplete.
TEST_CASE("gemv: sums in the documented order where A is more than an L2 holds") {
  random_source random(16843);
  for (const auto& [m, n] : {std::pair<std::size_t, std::size_t>{67, 4093}, {71, 4093}, {15, 20011}, {9, 30011}}) {
    const std::vector<float> a = random_floats(random, values::uniform, m * n), x = random_floats(random, values::uniform, n);
    check_gemv_bits({a.data(), m, n}, x);
  }
}

TEST_CASE("gemv: ger rounds alpha x once and then adds with one rounding, bit for bit") {
  random_source random(84);
  for (std::size_t round = 0; round < 2000; ++round) {
    const std::size_t m = random.size_up_to(60);
    const std::size_t n = random.size_up_to(200);
    const values kind = all_values[round % all_values.size()];
    std::vector<float> a = random_floats(random, kind, m * n);
    const std::vector<float> x = random_floats(random, kind, m), y = random_floats(random, kind, n);
    const float alpha = draw(random, values::uniform);
    std::vector<float> want = a;
    for (std::size_t i = 0; i < m; ++i)
      for (std::size_t j = 0; j < n; ++j) want[i * n + j] = std::fma(alpha * x[i], y[j], a[i * n + j]);
    ger(alpha, x, y, {a.data(), m, n});
    INFO(m, " x ", n, ", values: ", name(kind));
    CHECK(difference(a, want) == "");
  }
}

TEST_CASE("gemv: ger beyond the cache gives the same bits, and leaves groups of zero factors alone, too") {
  constexpr std::size_t m = 21, n = 400029;  // more than 32 MB, an incomplete group, and a tail on every ISA
  random_source random(85);
  std::vector<float> a = random_floats(random, values::uniform, m * n), x = random_floats(random, values::uniform, m);
  std::vector<float> y = random_floats(random, values::uniform, n);
  for (std::size_t i = 8; i < 16; ++i) x[i] = i % 2 == 0 ? 0.0f : -0.0f;
  y[n / 2] = std::numeric_limits<float>::infinity();
  std::vector<float> want = a;
  for (std::size_t i = 0; i < m; ++i)
    for (std::size_t j = 0; j < n && x[i] != 0; ++j) want[i * n + j] = std::fma(-0.7f * x[i], y[j], a[i * n + j]);
  ger(-0.7f, x, y, {a.data(), m, n});
  CHECK(difference(a, want) == "");
}

TEST_CASE("gemv: ger leaves groups of 8 rows with zero factors alone, and no others") {
  constexpr float inf = std::numeric_limits<float>::infinity();
  for (const std::size_t n : {1u, 8u, 16u, 17u, 40u}) {
    for (std::size_t nonzero = 0; nonzero < 19; ++nonzero) {
      std::vector<float> x(19, -0.0f), a(19 * n, -0.0f);
      const std::vector<float> y(n, inf);
      x[nonzero] = 2;
      ger(1, x, y, {a.data(), 19, n});
      for (std::size_t i = 0; i < 19; ++i) {
        const bool touched = i / 8 == nonzero / 8 || i >= 16;  // the last, partial group is never left out
        for (std::size_t j = 0; j < n; ++j) {
          if (i == nonzero)
            CHECK(a[i * n + j] == inf);
          else if (touched)
            CHECK(std::isnan(a[i * n + j]));
          else
            CHECK(bits_of(a[i * n + j]) == bits_of(-0.0f));  // 0 x inf is a NaN with a sign, too
        }
      }
    }
  }
}

// Sums of products of small integers are exact in every order.
TEST_CASE("gemv: exact on small integers, every m 1..33, n 1..129") {
  random_source random(33129);
  const std::vector<float> a = random_floats(random, values::small_integers, 33 * 129);
  const std::vector<float> x = random_floats(random, values::small_integers, 129);
  const std::vector<float> y = random_floats(random, values::small_integers, 129);
  const matrix_view<const float> all(a.data(), 33, 129);
  std::uint64_t calls = 0;
  for (std::size_t m = 1; m <= 33; ++m)
    for (std::size_t n = 1; n <= 129; ++n) {
      const auto part = all.first_rows(m).first_cols(n);
      std::vector<float> dots(y.begin(), y.begin() + static_cast<std::ptrdiff_t>(m)), want_dots(m);
      std::vector<float> sums(y.begin(), y.begin() + static_cast<std::ptrdiff_t>(n)), want_sums(n);
      for (std::size_t i = 0; i < m; ++i) want_dots[i] = 3 * y[i];
      for (std::size_t j = 0; j < n; ++j) want_sums[j] = 3 * y[j];
      for (std::size_t i = 0; i < m; ++i)
        for (std::size_t j = 0; j < n; ++j) {
          want_dots[i] += part(i, j) * x[j];
          want_sums[j] += part(i, j) * x[i];
        }
      gemv(part, std::span(x).first(n), dots, 3.0f);
      gemv_t(part, std::span(x).first(m), sums, 3.0f);
      INFO(m, " x ", n);
      CHECK(difference(dots, want_dots) == "");
      CHECK(difference(sums, want_sums) == "");
      calls += 2;
    }
  count("products of small integers, exact to the bit", calls);
}

TEST_CASE("gemv: beta 0 never reads y") {
  random_source random(5);
  for (const std::size_t m : {1u, 2u, 3u, 5u, 8u, 17u, 50u})
    for (const std::size_t n : {1u, 3u, 4u, 9u, 16u, 31u, 33u, 40u, 70u}) {
      const std::vector<float> a = random_floats(random, values::uniform, m * n);
      const std::vector<float> x = random_floats(random, values::uniform, std::max(m, n));
      check_gemv_bits({a.data(), m, n}, std::span(x).first(n));  // both fill y with NaN before the call
      check_gemv_t_bits({a.data(), m, n}, std::span(x).first(m));
    }
}

TEST_CASE("gemv: special values in every position, of the matrix and of the vector") {
  constexpr std::size_t few = 5;
  random_source random(64);
  for (const float special : special_floats)
    for (const std::size_t many : {1u, 7u, 32u, 41u, 70u})
      for (std::size_t at = 0; at < many; ++at) {
        std::vector<float> a = random_floats(random, values::uniform, few * many);
        std::vector<float> x = random_floats(random, values::uniform, many);
        const matrix_view<const float> wide(a.data(), few, many), tall(a.data(), many, few);
        INFO(special, " at ", at);
        a[random.below(few) * many + at] = special;
        check_gemv_bits(wide, x);
        check_gemv_t_bits(tall, x);
        x[at] = special;
        check_gemv_bits(wide, x);
        check_gemv_t_bits(tall, x);
      }
}

TEST_CASE("gemv: a sum that is zero is +0, also where every product underflows from below") {
  for (std::size_t n = 0; n <= 100; ++n) {
    const std::vector<float> a(3 * n, -0x1p-100f), x(n, 0x1p-100f);
    std::vector<float> y(3, nan);
    gemv({a.data(), 3, n}, x, y);
    INFO("n ", n);
    CHECK(difference(y, std::vector<float>(3, 0.0f)) == "");
  }
}

TEST_CASE("gemv: a product over nothing is 0") {
  std::vector<float> y{nan, nan, nan};
  gemv({nullptr, 3, 0}, {}, y);
  CHECK(difference(y, std::vector<float>{0, 0, 0}) == "");
  y.assign(3, nan);
  gemv_t({nullptr, 0, 3}, {}, y);
  CHECK(difference(y, std::vector<float>{0, 0, 0}) == "");

  const std::vector<float> bias{1, -2, 3};
  y = {1, 1, 1};
  gemv({nullptr, 3, 0}, {}, y, 2.0f, {.bias = bias, .act = activation::relu});
  CHECK(difference(y, std::vector<float>{3, 0, 5}) == "");
  y = {1, 1, 1};
  gemv_t({nullptr, 0, 3}, {}, y, 2.0f, {.bias = bias, .act = activation::relu});
  CHECK(difference(y, std::vector<float>{3, 0, 5}) == "");
  gemv({nullptr, 0, 0}, {}, {});
  gemv_t({nullptr, 0, 0}, {}, {});
  ger(1.0f, {}, {}, {nullptr, 0, 0});
  ger(1.0f, {}, std::vector<float>(200, 1.0f), {nullptr, 0, 200});
}

}  // namespace
}  // namespace lanewise::test
