// SPDX-License-Identifier: MIT
// Every pair of special floats in every lane of every register, in whole registers and in tails.
#pragma once

#include <array>
#include <cstddef>

#include "random.hpp"

namespace lanewise::test {

struct special_pairs {
  static constexpr std::size_t kinds = special_floats.size();
  static constexpr std::size_t size = kinds * kinds + 19;

  std::array<float, size> a;
  std::array<float, size> b;
};

// Calls body(pairs) 64 times; from call to call each pair moves on by one element.
template <class Body>
void for_each_rotation(const Body& body) {
  special_pairs pairs;
  for (std::size_t rotation = 0; rotation < 64; ++rotation) {
    for (std::size_t i = 0; i < special_pairs::size; ++i) {
      const std::size_t pair = (i + rotation) % (special_pairs::kinds * special_pairs::kinds);
      pairs.a[i] = special_floats[pair % special_pairs::kinds];
      pairs.b[i] = special_floats[pair / special_pairs::kinds];
    }
    body(pairs);
  }
}

// rule(a_i, b_i) for every i: what a kernel must give, bit for bit.
template <class Rule>
std::array<float, special_pairs::size> by_rule(const special_pairs& pairs, const Rule& rule) {
  std::array<float, special_pairs::size> expected;
  for (std::size_t i = 0; i < special_pairs::size; ++i) expected[i] = rule(pairs.a[i], pairs.b[i]);
  return expected;
}

}  // namespace lanewise::test
