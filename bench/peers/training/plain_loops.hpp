// SPDX-License-Identifier: MIT
// A layer as plain loops that the compiler vectorises: sizes fixed at compile time, W [out][in], rows of dead units
// (delta == 0) skipped in the update of a wide layer.
//
// Tried with gcc 12 and clang 14: one row a pass in the products (2.5 times slower: one chain of fma), 2, 4 and 16
// rows, tiles of rows by samples (2x4, 4x2, 4x4: no faster), [in][out] weights (gcc keeps the sums in memory: 3 to 10
// times slower); the gradient of a layer sample by sample, unit by unit, and four live samples a pass over blocks of inputs.
#pragma once

#include "weights.hpp"

namespace lanewise::bench {

// `rows` rows of z = W x in one pass: they share the loads of x and hide each other's latency.
template <int rows, int cols>
void multiply_rows(const float* __restrict w, const float* __restrict x, float* __restrict z) {
  float sum[rows] = {};
  for (int i = 0; i < cols; ++i)
    for (int r = 0; r < rows; ++r) sum[r] += w[r * cols + i] * x[i];
  for (int r = 0; r < rows; ++r) z[r] = sum[r];
}

// dx = W^T dz over `rows` rows, or dx += . With the rows unrolled the compiler vectorises the columns.
template <int rows, int cols, bool add>
void multiply_rows_transposed(const float* __restrict w, const float* __restrict dz, float* __restrict dx) {
  for (int i = 0; i < cols; ++i) {
    float sum = add ? dx[i] : 0;
#pragma GCC unroll 16
    for (int o = 0; o < rows; ++o) sum += w[o * cols + i] * dz[o];
    dx[i] = sum;
  }
}

// row += factor x. Without `omp simd` gcc unrolls a short row, vectorises the loop around it, and is 10 times slower.
template <int cols> void add_scaled(float* __restrict row, float factor, const float* __restrict x) {
#pragma omp simd
  for (int i = 0; i < cols; ++i) row[i] += factor * x[i];
}

// row += f0 x0 + f1 x1 + f2 x2 + f3 x3
template <int cols>
void add_four_scaled(float* __restrict row, const float* __restrict f, const float* __restrict x0,
                     const float* __restrict x1, const float* __restrict x2, const float* __restrict x3) {
  const float f0 = f[0], f1 = f[1], f2 = f[2], f3 = f[3];
#pragma omp simd
  for (int i = 0; i < cols; ++i) row[i] += (f0 * x0[i] + f1 * x1[i]) + (f2 * x2[i] + f3 * x3[i]);
}

template <int in, int out, int batch> class plain_layer {
 public:
  explicit plain_layer(const layer_values& start) : w_(start) {}
  void restart() { w_.restart(); }
  layer_values values() const { return w_.values(); }

  // z = x W^T: rows that an L1 cache holds stay there while the samples pass.
  void forward(const float* x, float* z) const {
    constexpr int together = out % 8 == 0 ? 8 : 5;
    for (int o = 0; o < out; o += together)
      for (int n = 0; n < batch; ++n) multiply_rows<together, in>(row(o), x + n * in, z + n * out + o);
  }

  // dx = dz W
  void backward(const float* dz, float* dx) const {
    constexpr int together = out < 16 ? out : 16;
    for (int o = 0; o < out; o += together)
      for (int n = 0; n < batch; ++n)
        if (o == 0)
          multiply_rows_transposed<together, in, false>(row(o), dz + n * out + o, dx + n * in);
        else
          multiply_rows_transposed<together, in, true>(row(o), dz + n * out + o, dx + n * in);
  }

  // W += dz^T x
  void update(const float* x, const float* dz) {
    if constexpr (batch > 1)
      update_of_many(x, dz);
    else if constexpr (in <= 32)  // a row costs less than a branch on whether it is dead
      for (int o = 0; o < out; ++o) add_scaled<in>(row(o), dz[o], x);
    else
      update_live_rows(x, dz);
  }

 private:
  float* row(int o) { return w_.data() + o * in; }
  const float* row(int o) const { return w_.data() + o * in; }

  void update_live_rows(const float* x, const float* dz) {
    int live[out], count = 0;
    for (int o = 0; o < out; ++o) {
      live[count] = o;
      count += dz[o] != 0;
    }
    for (int k = 0; k < count; ++k) add_scaled<in>(row(live[k]), dz[live[k]], x);
  }

  // The samples in which a unit is alive, filled up to a multiple of 4 with factors of 0.
  struct live_samples {
    int count;
    int sample[batch + 4];
    float dz[batch + 4];
  };

  static void find_live(const float* dz, int unit, live_samples& live) {
    int count = 0;
    for (int n = 0; n < batch; ++n) {
      live.sample[count] = n;
      live.dz[count] = dz[n * out + unit];
      count += dz[n * out + unit] != 0;
    }
    for (int k = count; k < count + 3; ++k) {
      live.sample[k] = 0;
      live.dz[k] = 0;
    }
    live.count = (count + 3) / 4 * 4;
  }

  void update_of_many(const float* x, const float* dz) {
    constexpr int block = in % 112 == 0 ? 112 : in < 128 ? in : 128;  // 64 samples of it are 28 KB: L1
    static_assert(in % block == 0);
    static live_samples live[out];
    for (int o = 0; o < out; ++o) find_live(dz, o, live[o]);
    for (int first = 0; first < in; first += block)
      for (int o = 0; o < out; ++o) {
        const auto inputs = [&](int k) { return x + live[o].sample[k] * in + first; };
        for (int k = 0; k < live[o].count; k += 4)
          add_four_scaled<block>(row(o) + first, live[o].dz + k, inputs(k), inputs(k + 1), inputs(k + 2), inputs(k + 3));
      }
  }

  weights<in, out, order::out_in> w_;
};

}  // namespace lanewise::bench
