// SPDX-License-Identifier: MIT
#include "per_isa.hpp"
#include "simd/loop.hpp"
#include "simd/math.hpp"

namespace lanewise {

using namespace simd;

namespace {

constexpr float lowest = -__builtin_inff();

// Lanes beyond the end of a row are -infinity: never the maximum, and their exponential is 0.
float row_max(std::size_t n, const float* z) noexcept {
  vf best = splat(lowest);
  for_each_register(n, [&](std::size_t j, auto lanes) { best = larger(lanes.load(z + j, lowest), best); });
  return tree_max(static_cast<vf::register_type>(best));
}

// A sum in double over 16 virtual lanes (element mod 16), added by a tree 8-4-2-1. In double no rounding shows in the
// float quotients, however many classes there are: so a row's gradients add up to 0.
struct wide_sum {
  static constexpr std::size_t lanes = 16;
  static constexpr std::size_t registers = lanes / vd::size;
  vd part[registers] = {};

  void add(std::size_t v, vf x) noexcept {  // x holds the lanes from v * width on
    part[2 * v] += widen_low(x);
    part[2 * v + 1] += widen_high(x);
  }
};

// dz_j = exp(z_j - max) for all j; returns their sum. Registers in groups of 16 lanes, so that each has its own sum.
double exponentials(std::size_t n, const float* z, float max, float* dz) noexcept {
  wide_sum sum;
  const vf offset = splat(max);
  for (std::size_t group = 0; group < n; group += wide_sum::lanes) {
    for (std::size_t v = 0; v < wide_sum::lanes / width; ++v) {
      const std::size_t j = group + v * width;
      const auto body = [&](auto lanes) {
        const vf e = simd::exp(lanes.load(z + j, lowest) - offset);
        lanes.store(dz + j, e);
        sum.add(v, e);
      };
      if (j + width <= n)
        body(whole{});
      else if (j < n)
        body(first_lanes(n - j));
    }
  }
  return tree_sum<wide_sum::registers>(sum.part);
}

// dz_j = scale (dz_j / sum - [j == label]). Indices are exact in float up to 2^24.
void finish_gradient(std::size_t n, float sum, std::int32_t label, float scale, float* dz) noexcept {
  alignas(64) static constexpr float counting[16] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  const vf first = vf::load_aligned(counting);
  for_each_register(n, [&](std::size_t j, auto lanes) {
    const mask is_label = first == splat(static_cast<float>(label - static_cast<std::int32_t>(j)));
    const vf p = divide(lanes.load(dz + j), splat(sum));
    lanes.store(dz + j, splat(scale) * (p - select(is_label, splat(1.0f), zero())));
  });
}

// Position of the first NaN, or of the first largest element where there is none.
std::int32_t row_argmax(std::size_t n, const float* x) noexcept {
  std::size_t best = 0;
  for (std::size_t j = 0; j < n; ++j) {
    if (x[j] != x[j]) return static_cast<std::int32_t>(j);
    if (x[j] > x[best]) best = j;
  }
  return static_cast<std::int32_t>(best);
}

}  // namespace

template <class Isa>
double loss_kernels<Isa>::softmax_cross_entropy(std::size_t rows, std::size_t classes, const float* logits,
                                                std::size_t ldl, const std::int32_t* labels, float scale,
                                                float* dlogits, std::size_t ldd) noexcept {
  double loss = 0;
  for (std::size_t i = 0; i < rows; ++i) {
    const float* z = logits + i * ldl;
    float* dz = dlogits + i * ldd;
    const double z_label = static_cast<double>(z[labels[i]]);  // before dz, which may be z, is written
    const float max = row_max(classes, z);
    const double sum = exponentials(classes, z, max, dz);
    finish_gradient(classes, static_cast<float>(sum), labels[i], scale, dz);
    loss += simd::log(sum) + (static_cast<double>(max) - z_label);
  }
  return loss;
}

template <class Isa>
void loss_kernels<Isa>::argmax(std::size_t rows, std::size_t cols, const float* a, std::size_t lda,
                               std::int32_t* out) noexcept {
  for (std::size_t i = 0; i < rows; ++i) out[i] = row_argmax(cols, a + i * lda);
}

template struct loss_kernels<this_isa>;

}  // namespace lanewise
