// SPDX-License-Identifier: MIT
// The sums of a softmax row, and a row of at most 16 classes in registers.
#pragma once

#include "loop.hpp"
#include "math.hpp"

namespace lanewise::simd {
namespace {

constexpr float lowest = -__builtin_inff();

// A row goes in groups of 16 elements. Elements l and l + 8 of a group are added in float, then in double in 8 virtual
// lanes, by a tree 4-2-1: with so little rounding before the end a row's gradients add up to 0 however many classes there are.
struct sum_of_groups {
  static constexpr std::size_t size = 16;
  static constexpr std::size_t registers = size / width;
  vd part[8 / vd::size] = {};

  void add(const vf (&e)[registers]) noexcept { add_halves(e, part); }
  double total() const noexcept { return tree_sum<8 / vd::size>(part); }
};

struct softmax_sums {
  float max;
  double sum;  // of exp(z_j - max)

  double loss(double z_label) const noexcept { return simd::log(sum) + (static_cast<double>(max) - z_label); }
};

alignas(64) constexpr float lane_numbers[16] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};

// exp(z - max), of -infinity 0. Not exp(-infinity), an underflow, which takes half as long again, on Intel 90 ns a row.
inline vf exp_of_logits(vf z, vf max) noexcept {
  const mask is_none = z == splat(lowest);
  return zero_where(is_none, simd::exp(zero_where(is_none, z - max)));
}

// If one is NaN, any element or NaN.
inline float largest_of(const vf (&group)[sum_of_groups::registers]) noexcept {
  vf best = splat(lowest);
  for (const vf& x : group) best = larger(x, best);
  return tree_max(static_cast<vf::register_type>(best));
}

// From logits, in lanes beyond the classes -infinity, to scale (softmax - onehot(label)).
inline softmax_sums softmax_gradient(vf (&row)[sum_of_groups::registers], std::int32_t label, float scale) noexcept {
  const float max = largest_of(row);
#pragma GCC unroll 4
  for (std::size_t v = 0; v < sum_of_groups::registers; ++v) row[v] = exp_of_logits(row[v], splat(max));
  sum_of_groups sums;
  sums.add(row);
  const double sum = sums.total();
  const vf factor = splat(static_cast<float>(static_cast<double>(scale) / sum));
  const vf position = splat(static_cast<float>(label));
  for (std::size_t v = 0; v < sum_of_groups::registers; ++v)
    row[v] = row[v] * factor - keep_where(load(lane_numbers + v * width) == position, splat(scale));
  return {max, sum};
}

// The lowest lane that holds the largest logit, which `max` is; 16 where that is NaN.
inline float position_of(float max, const vf (&row)[sum_of_groups::registers]) noexcept {
  vf from_end[sum_of_groups::registers];
  for (std::size_t v = 0; v < sum_of_groups::registers; ++v)
    from_end[v] = keep_where(row[v] == splat(max), splat(16.0f) - load(lane_numbers + v * width));
  return 16.0f - largest_of(from_end);
}

// The position of the first NaN of a group, or of its first largest element where there is none.
inline std::size_t position_of_largest(const vf (&x)[sum_of_groups::registers]) noexcept {
  const float max = largest_of(x);
  vf from_end[sum_of_groups::registers];  // NaN, if there is one, comes before all others, whatever `max` is then
  for (std::size_t v = 0; v < sum_of_groups::registers; ++v) {
    const vf lane = load(lane_numbers + v * width);
    from_end[v] = larger(keep_where(x[v] == splat(max), splat(16.0f) - lane), zero_where(x[v] == x[v], splat(32.0f) - lane));
  }
  const float found = largest_of(from_end);
  return static_cast<std::size_t>(found > 16 ? 32 - found : 16 - found);
}

}  // namespace
}  // namespace lanewise::simd
