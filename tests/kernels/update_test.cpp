// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <cmath>

#include <lanewise/update.hpp>

#include "../support/bits.hpp"
#include "../support/special_pairs.hpp"

namespace lanewise::test {
namespace {

TEST_CASE("update: sgd of special values rounds once, in every lane") {
  for (const float lr : special_floats)
    for_each_rotation([lr](const special_pairs& pairs) {
      std::array<float, special_pairs::size> w = pairs.b;
      sgd(lr, pairs.a, w);
      CHECK(difference(w, by_rule(pairs, [lr](float g, float b) { return std::fma(-lr, g, b); })) == "");
    });
}

TEST_CASE("update: sgd of random values rounds once") {
  random_source random(11);
  for (const values kind : finite_values)
    for (std::size_t n = 0; n <= 300; ++n) {
      std::vector<float> g(n), w(n), want(n);
      fill(random, kind, g);
      fill(random, kind, w);
      const float lr = random.uniform();
      for (std::size_t i = 0; i < n; ++i) want[i] = std::fma(-lr, g[i], w[i]);
      sgd(lr, g, w);
      INFO(name(kind), ", n ", n, ", lr ", lr);
      CHECK(difference(w, want) == "");
    }
}

}  // namespace
}  // namespace lanewise::test
