// SPDX-License-Identifier: MIT
#include <lanewise/model/split.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <numeric>
#include <stdexcept>
#include <vector>

#include <lanewise/model/rng.hpp>

namespace lanewise::test {
namespace {

// Image i is the one pixel i, of class i % 10.
dataset numbered(std::size_t count) {
  std::vector<std::uint8_t> pixels(count), labels(count);
  for (std::size_t i = 0; i < count; ++i) {
    pixels[i] = static_cast<std::uint8_t>(i);
    labels[i] = static_cast<std::uint8_t>(i % 10);
  }
  return {"numbered", 1, 1, 10, pixels, labels};
}

std::vector<std::uint32_t> numbers_in(const dataset& data) {
  std::vector<std::uint32_t> numbers;
  for (std::size_t i = 0; i < data.size(); ++i) {
    numbers.push_back(data.image(i)[0]);
    CHECK(data.label(i) == static_cast<std::int32_t>(numbers.back() % 10));
  }
  return numbers;
}

TEST_CASE("split_validation: what the header says, every image in one part") {
  for (const std::size_t count : {1u, 40u, 199u}) {
    const train_and_validation parts = split_validation(numbered(200), count, 7);
    std::vector<std::uint32_t> drawn(200);
    std::iota(drawn.begin(), drawn.end(), 0u);
    random_stream random(7, stream::validation);
    shuffle(drawn, random);
    drawn.resize(count);
    std::sort(drawn.begin(), drawn.end());
    CHECK(numbers_in(parts.validation) == drawn);

    std::vector<std::uint32_t> all = numbers_in(parts.train), both;
    CHECK(std::is_sorted(all.begin(), all.end()));
    std::merge(all.begin(), all.end(), drawn.begin(), drawn.end(), std::back_inserter(both));
    std::vector<std::uint32_t> expected(200);
    std::iota(expected.begin(), expected.end(), 0u);
    CHECK(both == expected);
  }
}

TEST_CASE("split_validation: the seed alone decides") {
  const dataset data = numbered(200);
  const auto drawn = [&](std::uint64_t seed) { return numbers_in(split_validation(data, 50, seed).validation); };
  CHECK(drawn(1) == drawn(1));
  CHECK(drawn(1) != drawn(2));
}

TEST_CASE("split_validation: refuses to leave a part empty") {
  for (const std::size_t count : {0u, 200u, 201u})
    CHECK_THROWS_AS(split_validation(numbered(200), count, 1), std::invalid_argument);
}

}  // namespace
}  // namespace lanewise::test
