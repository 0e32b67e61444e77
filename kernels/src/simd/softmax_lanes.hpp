// SPDX-License-Identifier: MIT
// Softmax of as many rows of at most 16 classes as a register has lanes: row r in lane r. Its bits are those of
// softmax_gradient(), row by row, where each step waits for the one before it: of 64 rows of 10 one takes 24 ns on avx512 and
// avx2, here 8.8 and 13 (Emerald Rapids).
#pragma once

#include "softmax.hpp"

namespace lanewise::simd {
namespace {

// The first n <= 16 elements of a row in registers, -infinity in lanes beyond.
class group_lanes {
 public:
  explicit group_lanes(std::size_t n) noexcept : n_(n) {
    for (std::size_t v = 0; v < sum_of_groups::registers; ++v)
      lanes_[v] = first_lanes(n > v * width ? smaller(width, n - v * width) : 0);
  }
  std::size_t size() const noexcept { return n_; }
  vf load(const float* from, std::size_t v) const noexcept { return lanes_[v].load(from + v * width, lowest); }
  void load(const float* from, vf (&row)[sum_of_groups::registers]) const noexcept {
    for (std::size_t v = 0; v < sum_of_groups::registers; ++v) row[v] = load(from, v);
  }
  void store(float* to, std::size_t v, vf x) const noexcept { lanes_[v].store(to + v * width, x); }
  void store(float* to, const vf (&row)[sum_of_groups::registers]) const noexcept {
    for (std::size_t v = 0; v < sum_of_groups::registers; ++v) store(to, v, row[v]);
  }

 private:
  std::size_t n_;
  first_lanes lanes_[sum_of_groups::registers];
};

// `width` rows of up to 16 columns, a register for each column.
struct rows_in_lanes {
  vf column[sum_of_groups::size];

  void load(const group_lanes& lanes, const float* rows, std::size_t stride) noexcept {
    for (std::size_t v = 0; v * width < lanes.size(); ++v) {
      vf x[width];
#pragma GCC unroll 16
      for (std::size_t r = 0; r < width; ++r) x[r] = lanes.load(rows + r * stride, v);
      transpose(x);
#pragma GCC unroll 16
      for (std::size_t i = 0; i < width; ++i) column[v * width + i] = x[i];
    }
  }
  void store(const group_lanes& lanes, float* rows, std::size_t stride) const noexcept {
    for (std::size_t v = 0; v * width < lanes.size(); ++v) {
      vf x[width];
#pragma GCC unroll 16
      for (std::size_t i = 0; i < width; ++i) x[i] = column[v * width + i];
      transpose(x);
#pragma GCC unroll 16
      for (std::size_t r = 0; r < width; ++r) lanes.store(rows + r * stride, v, x[r]);
    }
  }

  vf largest(std::size_t classes) const noexcept {
    vf best = splat(lowest);
    for (std::size_t j = 0; j < classes; ++j) best = larger(column[j], best);
    return best;
  }

  // How many rows have the lowest of their largest elements, `best`, at their label.
  std::size_t correct(std::size_t classes, vf best, const std::int32_t* labels) const noexcept {
    vf position = splat(sum_of_groups::size);
    for (std::size_t j = classes; j-- > 0;) position = select(column[j] == best, splat(static_cast<float>(j)), position);
    float positions[width];
    simd::store(positions, position);
    std::size_t count = 0;
    for (std::size_t r = 0; r < width; ++r) count += positions[r] == static_cast<float>(labels[r]) ? 1 : 0;
    return count;
  }

  // The sums of the rows as sum_of_groups makes them.
  void sums(double (&sum)[width]) const noexcept {
    vd low[8], high[8];  // of the lower half of the rows, of the higher one
#pragma GCC unroll 8
    for (std::size_t l = 0; l < 8; ++l) {
      const vf pair = column[l] + column[l + 8];
      low[l] = widen_low(pair);
      high[l] = widen_high(pair);
    }
    const auto tree = [](const vd(&x)[8]) __attribute__((always_inline)) {
      return ((x[0] + x[4]) + (x[2] + x[6])) + ((x[1] + x[5]) + (x[3] + x[7]));
    };
    tree(low).store_unaligned(sum);
    tree(high).store_unaligned(sum + width / 2);
  }
};

// From logits z to dz = scale (softmax - onehot(label)) of `width` rows, in place or not; zeros in columns of `lanes` beyond the
// classes. The losses are added to `loss` one after the other; how many rows are right to `correct`, if that is asked for. Loops
// over doubles are such as compilers make vectors of. Not inlined: a single row shall not pay for its registers.
[[gnu::noinline]] inline void softmax_gradients(std::size_t classes, const group_lanes& lanes, const float* z, std::size_t ldz,
                                                const std::int32_t* labels, float scale, float* dz, std::size_t lddz,
                                                double& loss, std::size_t* correct) noexcept {
  rows_in_lanes rows;
  rows.load(lanes, z, ldz);
  const vf best = rows.largest(classes);
  if (correct != nullptr) *correct += rows.correct(classes, best, labels);
  for (std::size_t j = 0; j < classes; ++j) rows.column[j] = exp_of_logits(rows.column[j], best);
  for (std::size_t j = classes; j < sum_of_groups::size; ++j) rows.column[j] = zero();
  double sum[width], ratio[width], losses[width];
  float max[width], factor[width];
  rows.sums(sum);
  store(max, best);
  for (std::size_t r = 0; r < width; ++r) ratio[r] = static_cast<double>(scale) / sum[r];
  for (std::size_t r = 0; r < width; ++r) factor[r] = static_cast<float>(ratio[r]);
  for (vf& x : rows.column) x = x * load(factor);
  float z_label[width];  // before dz, which may be z, is written
  for (std::size_t r = 0; r < width; ++r) z_label[r] = z[r * ldz + static_cast<std::size_t>(labels[r])];
  for (std::size_t r = 0; r < width; ++r) losses[r] = softmax_sums{max[r], sum[r]}.loss(static_cast<double>(z_label[r]));
  for (const double one : losses) loss += one;
  rows.store(lanes, dz, lddz);
  for (std::size_t r = 0; r < width; ++r) dz[r * lddz + static_cast<std::size_t>(labels[r])] -= scale;
}

}  // namespace
}  // namespace lanewise::simd
