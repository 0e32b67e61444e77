// SPDX-License-Identifier: MIT
#include "per_isa.hpp"
#include "simd/softmax_lanes.hpp"

namespace lanewise {

using namespace simd;

namespace {

// Lanes beyond the end of a row are -infinity: never the maximum, and their exponential is 0.
float row_max(std::size_t n, const float* z) noexcept {
  constexpr std::size_t chains = 4;  // a single one, of 1000 logits, takes 1.14 times as long on avx512, 1.17 on avx2
  vf best[chains];
  for (vf& b : best) b = splat(lowest);
  std::size_t i = 0;
  for (; i + chains * width <= n; i += chains * width)
#pragma GCC unroll 4
    for (std::size_t c = 0; c < chains; ++c) best[c] = larger(load(z + i + c * width), best[c]);
  for_each_register(n - i, [&](std::size_t j, auto lanes) { best[0] = larger(lanes.load(z + i + j, lowest), best[0]); });
  const vf all = larger(larger(best[0], best[1]), larger(best[2], best[3]));
  return tree_max(static_cast<vf::register_type>(all));
}

softmax_sums long_row(std::size_t n, const float* z, std::int32_t label, float scale, float* dz) noexcept {
  const float max = row_max(n, z);
  const vf offset = splat(max);
  sum_of_groups sums;
  std::size_t j = 0;
  vf e[sum_of_groups::registers];
  for (; j + sum_of_groups::size <= n; j += sum_of_groups::size) {
#pragma GCC unroll 4
    for (std::size_t v = 0; v < sum_of_groups::registers; ++v) {
      e[v] = simd::exp(load(z + j + v * width) - offset);
      store(dz + j + v * width, e[v]);
    }
    sums.add(e);
  }
  if (j < n) {
    for (std::size_t v = 0; v < sum_of_groups::registers; ++v, j += width) {
      e[v] = zero();
      if (j >= n) continue;
      const first_lanes lanes(smaller(width, n - j));  // others are -infinity, which is rare among the logits above
      e[v] = exp_of_logits(lanes.load(z + j, lowest), offset);
      lanes.store(dz + j, e[v]);
    }
    sums.add(e);
  }
  const double sum = sums.total();
  const vf factor = splat(static_cast<float>(static_cast<double>(scale) / sum));
  for_each_register<short_body>(n, [&](std::size_t i, auto lanes) { lanes.store(dz + i, lanes.load(dz + i) * factor); });
  dz[label] -= scale;
  return {max, sum};
}

// The same for one group: the row stays in registers.
softmax_sums short_row(const group_lanes& lanes, const float* z, std::int32_t label, float scale, float* dz) noexcept {
  vf row[sum_of_groups::registers];
  lanes.load(z, row);
  const softmax_sums sums = softmax_gradient(row, label, scale);
  lanes.store(dz, row);
  return sums;
}

// The loss of all rows, after `loss`; finish(z, label, scale, dz) does one.
template <class Finish>
double finish_rows(double loss, std::size_t rows, const float* logits, std::size_t ldl, const std::int32_t* labels, float scale,
                   float* dlogits, std::size_t ldd, const Finish& finish) noexcept {
  for (std::size_t i = 0; i < rows; ++i) {
    const float* z = logits + i * ldl;
    const double z_label = static_cast<double>(z[labels[i]]);  // before dlogits, which may be the logits, is written
    const softmax_sums row = finish(z, labels[i], scale, dlogits + i * ldd);
    loss += row.loss(z_label);
  }
  return loss;
}

// The position of the first NaN, or of the first largest element where there is none: group by group, the last one of which has
// `last` elements. Not inlined: clang would keep on the stack where sse2's tails jump to, and the lint of object code could not
// follow.
[[gnu::noinline]] std::int32_t row_argmax(std::size_t n, const float* x, const group_lanes& last) noexcept {
  vf group[sum_of_groups::registers];
  const auto better = [x](std::size_t a, std::size_t later) { return x[a] == x[a] && !(x[later] <= x[a]) ? later : a; };
  std::size_t best = 0, j = 0;
  for (; j + sum_of_groups::size < n; j += sum_of_groups::size) {
    for (std::size_t v = 0; v < sum_of_groups::registers; ++v) group[v] = load(x + j + v * width);
    best = better(best, j + position_of_largest(group));
  }
  last.load(x + j, group);
  return static_cast<std::int32_t>(better(best, j + position_of_largest(group)));
}

}  // namespace

template <class Isa>
double loss_kernels<Isa>::softmax_cross_entropy(std::size_t rows, std::size_t classes, const float* logits,
                                                std::size_t ldl, const std::int32_t* labels, float scale,
                                                float* dlogits, std::size_t ldd) noexcept {
  double loss = 0;
  if (classes > sum_of_groups::size)
    return finish_rows(loss, rows, logits, ldl, labels, scale, dlogits, ldd,
                       [&](auto... row) { return long_row(classes, row...); });
  const group_lanes lanes(classes);
  for (; rows >= width; rows -= width, logits += width * ldl, labels += width, dlogits += width * ldd)
    softmax_gradients(classes, lanes, logits, ldl, labels, scale, dlogits, ldd, loss, nullptr);
  return finish_rows(loss, rows, logits, ldl, labels, scale, dlogits, ldd, [&](auto... row) { return short_row(lanes, row...); });
}

template <class Isa>
void loss_kernels<Isa>::argmax(std::size_t rows, std::size_t cols, const float* a, std::size_t lda,
                               std::int32_t* out) noexcept {
  const group_lanes last((cols - 1) % sum_of_groups::size + 1);
  for (std::size_t i = 0; i < rows; ++i) out[i] = row_argmax(cols, a + i * lda, last);
}

template struct loss_kernels<this_isa>;

}  // namespace lanewise
