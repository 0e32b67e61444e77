// SPDX-License-Identifier: MIT
#include <lanewise/model/rng.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>
#include <vector>

using namespace lanewise;

// From the known-answer file of Random123, the reference implementation.
TEST_CASE("philox4x32_10: known answers") {
  CHECK(philox4x32_10({0, 0, 0, 0}, {0, 0}) == philox_block{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
  CHECK(philox4x32_10({0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}, {0xffffffff, 0xffffffff}) ==
        philox_block{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
  CHECK(philox4x32_10({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}) ==
        philox_block{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});
}

TEST_CASE("random_stream: seed, stream, epoch and position make the number") {
  const auto first = [](std::uint64_t seed, stream which, std::uint32_t epoch, std::uint64_t skip) {
    random_stream random(seed, which, epoch);
    random.skip_to(skip);
    return random.next();
  };
  const std::uint32_t base = first(1, stream::init, 0, 0);
  CHECK(base == philox4x32_10({0, 0, 0, 0}, {1, 0})[0]);
  CHECK(first(1, stream::shuffle, 0, 0) == philox4x32_10({0, 0, 0, 1}, {1, 0})[0]);
  CHECK(first(1, stream::init, 7, 0) == philox4x32_10({0, 0, 7, 0}, {1, 0})[0]);
  CHECK(first((std::uint64_t{5} << 32) + 1, stream::init, 0, 0) == philox4x32_10({0, 0, 0, 0}, {1, 5})[0]);
  CHECK(first(1, stream::init, 0, (std::uint64_t{1} << 34) + 3) == philox4x32_10({0, 1, 0, 0}, {1, 0})[3]);
}

TEST_CASE("random_stream: skipping and drawing give the same numbers") {
  random_stream drawn(3, stream::shuffle, 2);
  for (std::uint64_t i = 0; i < 23; ++i) {
    random_stream skipped(3, stream::shuffle, 2);
    skipped.skip_to(i);
    CHECK(skipped.next() == drawn.next());
  }
}

TEST_CASE("random_stream: below is in range and even") {
  random_stream random(1, stream::shuffle);
  CHECK(random.below(1) == 0);
  std::vector<int> counts(7);
  for (int i = 0; i < 70'000; ++i) ++counts.at(random.below(7));
  for (const int c : counts) CHECK(std::abs(c - 10'000) < 500);  // five standard deviations
  for (int i = 0; i < 1000; ++i) CHECK(random.below(0xffffffff) < 0xffffffff);
}

TEST_CASE("random_stream: uniform is in [0, 1) with the right mean") {
  random_stream random(9, stream::init);
  double sum = 0;
  for (int i = 0; i < 100'000; ++i) {
    const float u = random.uniform();
    REQUIRE(u >= 0);
    REQUIRE(u < 1);
    sum += static_cast<double>(u);
  }
  CHECK(sum / 100'000 == doctest::Approx(0.5).epsilon(0.01));
}

// The distribution function by erfc. An error of x shows in p multiplied by x, at the most by 40 in the tails.
TEST_CASE("normal_quantile: what the distribution function takes back") {
  const auto probability_below = [](double x) { return std::erfc(-x / std::sqrt(2.0)) / 2; };
  double worst = 0;
  const auto check = [&](double p) {
    const auto x = static_cast<double>(normal_quantile(p));
    const double density = std::exp(-x * x / 2) / std::sqrt(2 * std::acos(-1.0));
    const double error = (probability_below(x) - p) / density;  // of x, to first order
    worst = std::max(worst, std::abs(error) / std::max(std::abs(x), 0x1p-126));
    REQUIRE(normal_quantile(1 - p) == doctest::Approx(-x).epsilon(1e-6));
  };
  for (double p = 0x1p-33; p < 0.5; p *= 1.001) check(p);
  for (int i = 1; i < 10'000; ++i) check(i / 10'000.0 + 1e-9);
  CHECK(worst < 5e-7);
  CHECK(normal_quantile(0.5) == 0);
  CHECK(normal_quantile(0x1p-33) > -6.4f);
  CHECK(normal_quantile(1 - 0x1p-33) < 6.4f);
}

TEST_CASE("random_stream: normal is the quantile of the same bits, and these are the bits on every machine") {
  random_stream bits(4, stream::init), normals(4, stream::init);
  for (int i = 0; i < 1000; ++i)
    REQUIRE(normals.normal() == normal_quantile((static_cast<double>(bits.next()) + 0.5) / 4294967296.0));
  random_stream random(1, stream::init);
  std::uint32_t hash = 0;
  for (int i = 0; i < 10'000; ++i) hash = hash * 31 + std::bit_cast<std::uint32_t>(random.normal());
  CHECK(hash == 2626849483u);
}

TEST_CASE("shuffle: a permutation, each position reached by each element equally often") {
  std::vector<std::vector<int>> counts(5, std::vector<int>(5));
  for (std::uint32_t epoch = 0; epoch < 10'000; ++epoch) {
    std::vector<std::uint32_t> order(5);
    std::iota(order.begin(), order.end(), 0u);
    random_stream random(1, stream::shuffle, epoch);
    shuffle(order, random);
    for (std::size_t i = 0; i < 5; ++i) ++counts[i].at(order[i]);
    std::sort(order.begin(), order.end());
    for (std::uint32_t i = 0; i < 5; ++i) REQUIRE(order[i] == i);
  }
  for (const auto& row : counts)
    for (const int c : row) CHECK(std::abs(c - 2'000) < 200);
}

TEST_CASE("shuffle: nothing and one element") {
  random_stream random(1, stream::shuffle);
  std::vector<std::uint32_t> none, one{42};
  shuffle(none, random);
  shuffle(one, random);
  CHECK(one[0] == 42);
}
