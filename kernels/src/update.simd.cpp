// SPDX-License-Identifier: MIT
#include "per_isa.hpp"
#include "simd/row_updates.hpp"
#include "simd/update_rules.hpp"

namespace lanewise {

using namespace simd;

template <class Isa>
void update_kernels<Isa>::sgd(std::size_t n, float lr, const float* g, float* w) noexcept {
  update_row(n, -lr, g, w);
}

template <class Isa>
void update_kernels<Isa>::update(const update_call& call) noexcept {
  with_rule(call, [&call]<class Rule>(const Rule rule) {
    // Copies: what is stored might be a part of the call.
    const std::size_t n = call.n;
    const float* const g = call.g;
    float* const w = call.w;
    float* const state = call.state;
    const vf scale = as_number(call.step.gradient_scale), decay = as_number(call.step.settings.weight_decay);
    struct numbers {
      vf w;
      vf kept[Rule::states == 0 ? 1 : Rule::states];  // there are no arrays of none
    };
    // With states more of them than that spill.
    constexpr std::size_t at_once = Rule::states == 0 ? short_body : Rule::states == 1 ? 4 : 1;
    map_registers<at_once>(
        n,
        [=](std::size_t i, auto lanes) {
          numbers x;
          for (std::size_t s = 0; s != Rule::states; ++s) x.kept[s] = lanes.load(state + s * n + i);
          const vf w_before = in_register(lanes.load(w + i));  // used twice
          const vf scaled = scale * lanes.load(g + i);
          x.w = rule(Rule::decoupled_decay ? scaled : fma(decay, w_before, scaled), w_before, x.kept);
          return x;
        },
        [=](std::size_t i, auto lanes, const numbers& x) {
          lanes.store(w + i, x.w);
          for (std::size_t s = 0; s != Rule::states; ++s) lanes.store(state + s * n + i, x.kept[s]);
        });
  });
}

// Squares of floats are exact in double.
template <class Isa>
double update_kernels<Isa>::sum_of_squares(std::size_t n, const float* x) noexcept {
  constexpr std::size_t group = 16, sums = group / vd::size;
  vd sum[sums] = {};
  const auto add = [](vd (&to)[sums], std::size_t v, vf values) {
    const vd low = widen_low(values), high = widen_high(values);
    to[2 * v] = to[2 * v] + low * low;
    to[2 * v + 1] = to[2 * v + 1] + high * high;
  };
  std::size_t i = 0;
  for (; i + group <= n; i += group)
#pragma GCC unroll 4
    for (std::size_t v = 0; v < group / width; ++v) add(sum, v, load(x + i + v * width));
  for (std::size_t v = 0; i < n; ++v, i += width) add(sum, v, first_lanes(smaller(width, n - i)).load(x + i));
  return tree_sum<sums>(sum);
}

template struct update_kernels<this_isa>;

}  // namespace lanewise
