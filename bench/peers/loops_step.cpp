// SPDX-License-Identifier: MIT
// The training step as plain loops that the compiler vectorises: sizes fixed at compile time, rows of dead units
// (delta == 0) skipped in the updates. Dense in the pixels, as lanewise's step is.
//
// Tried with gcc 12 and clang 14: one row a pass in the products (2.5 times slower: one chain of fma), 2, 4 and 16
// rows, tiles of rows by samples (2x4, 4x2, 4x4: no faster), [in][out] weights (gcc keeps the sums in memory: 3 to 10
// times slower); the gradient of W0 sample by sample, unit by unit, and four live samples a pass over blocks of pixels.
#include "loops_step.hpp"

#include <math.h>

#ifndef LANEWISE_LOOPS
#error "LANEWISE_LOOPS must name the namespace of this ISA"
#endif

namespace lanewise::bench::LANEWISE_LOOPS {
namespace {

constexpr int I = loops_inputs, H = loops_hidden, C = loops_classes;

// `rows` rows of z = W x + b in one pass: they share the loads of x and hide each other's latency.
template <int rows, int cols>
void multiply_rows(const float (*__restrict w)[cols], const float* __restrict b, const float* __restrict x,
                   float* __restrict z) {
  float sum[rows] = {};
  for (int i = 0; i < cols; ++i)
    for (int r = 0; r < rows; ++r) sum[r] += w[r][i] * x[i];
  for (int r = 0; r < rows; ++r) z[r] = sum[r] + b[r];
}

// z = W x + b
template <int rows, int cols> void multiply(const float (&w)[rows][cols], const float* b, const float* x, float* z) {
  constexpr int together = rows % 8 == 0 ? 8 : 5;
  for (int o = 0; o < rows; o += together) multiply_rows<together>(w + o, b + o, x, z + o);
}

// dx = W^T dz. With the rows unrolled the compiler vectorises the columns.
template <int rows, int cols>
void multiply_transposed(const float (&w)[rows][cols], const float* __restrict dz, float* __restrict dx) {
  for (int i = 0; i < cols; ++i) {
    float sum = 0;
#pragma GCC unroll 16
    for (int o = 0; o < rows; ++o) sum += w[o][i] * dz[o];
    dx[i] = sum;
  }
}

// row += factor x. Without `omp simd` gcc unrolls a short row, vectorises the loop around it, and is 10 times slower.
template <int cols> void add_scaled(float* __restrict row, float factor, const float* __restrict x) {
#pragma omp simd
  for (int i = 0; i < cols; ++i) row[i] += factor * x[i];
}

// W += dz x^T, b += dz. Small layers: a row costs less than a branch on whether it is dead.
template <int rows, int cols>
void add_outer(float (&w)[rows][cols], float* __restrict b, const float* __restrict dz, const float* __restrict x) {
  for (int o = 0; o < rows; ++o) add_scaled<cols>(w[o], dz[o], x);
  for (int o = 0; o < rows; ++o) b[o] += dz[o];
}

// ---- one sample from z0 to dz0 --------------------------------------------------------------------------------------

struct sample_state {
  float a0[H], z1[H], a1[H], z2[C], dz2[C], da1[H], dz1[H], dz0[H];
};

double softmax_cross_entropy(const float* z, std::int32_t label, float scale, float* dz) {
  float top = z[0];
  for (int j = 1; j < C; ++j) top = z[j] > top ? z[j] : top;
  float sum = 0;
  for (int j = 0; j < C; ++j) dz[j] = expf(z[j] - top);
  for (int j = 0; j < C; ++j) sum += dz[j];
  const float factor = scale / sum;
  for (int j = 0; j < C; ++j) dz[j] *= factor;
  dz[label] -= scale;
  return static_cast<double>(logf(sum) + (top - z[label]));
}

double small_layers(const loops_small_parameters& net, const float* z0, std::int32_t label, float scale,
                    sample_state& s) {
  for (int o = 0; o < H; ++o) s.a0[o] = z0[o] > 0 ? z0[o] : 0;
  multiply(net.w1, net.b1, s.a0, s.z1);
  for (int o = 0; o < H; ++o) s.a1[o] = s.a0[o] + (s.z1[o] > 0 ? s.z1[o] : 0);
  multiply(net.w2, net.b2, s.a1, s.z2);
  const double loss = softmax_cross_entropy(s.z2, label, scale, s.dz2);
  multiply_transposed(net.w2, s.dz2, s.da1);
  for (int o = 0; o < H; ++o) s.dz1[o] = s.z1[o] > 0 ? s.da1[o] : 0;
  float da0[H];
  multiply_transposed(net.w1, s.dz1, da0);
  for (int o = 0; o < H; ++o) s.dz0[o] = z0[o] > 0 ? da0[o] + s.da1[o] : 0;
  return loss;
}

// The gradient was scaled in dz2, so that what is added here is the update itself.
void add_small_update(loops_small_parameters& p, const sample_state& s) {
  add_outer(p.w2, p.b2, s.dz2, s.a1);
  add_outer(p.w1, p.b1, s.dz1, s.a0);
  for (int o = 0; o < H; ++o) p.b0[o] += s.dz0[o];
}

// ---- the update of W0 over a batch ----------------------------------------------------------------------------------

constexpr int block = 112;  // pixels: 64 samples of a block are 28 KB, which an L1 cache holds

// The samples in which a unit is alive, filled up to a multiple of 4 with factors of 0.
struct live_samples {
  int count;
  int sample[loops_max_batch + 4];
  float dz[loops_max_batch + 4];
};

void find_live(const float (*dz0)[H], int batch, int unit, live_samples& live) {
  int count = 0;
  for (int n = 0; n < batch; ++n) {
    live.sample[count] = n;
    live.dz[count] = dz0[n][unit];
    count += dz0[n][unit] != 0;
  }
  for (int k = count; k < count + 3; ++k) {
    live.sample[k] = 0;
    live.dz[k] = 0;
  }
  live.count = (count + 3) / 4 * 4;
}

void add_four_scaled(float* __restrict row, const float* __restrict f, const float* __restrict x0,
                     const float* __restrict x1, const float* __restrict x2, const float* __restrict x3) {
  const float f0 = f[0], f1 = f[1], f2 = f[2], f3 = f[3];
#pragma omp simd
  for (int i = 0; i < block; ++i) row[i] += (f0 * x0[i] + f1 * x1[i]) + (f2 * x2[i] + f3 * x3[i]);
}

void update_w0(float (&w)[H][I], const float* x, const float (*dz0)[H], int batch) {
  static_assert(I % block == 0);
  live_samples live[H];
  for (int o = 0; o < H; ++o) find_live(dz0, batch, o, live[o]);
  for (int first = 0; first < I; first += block) {
    for (int o = 0; o < H; ++o) {
      const auto pixels = [&](int k) { return x + live[o].sample[k] * I + first; };
      for (int k = 0; k < live[o].count; k += 4)
        add_four_scaled(w[o] + first, live[o].dz + k, pixels(k), pixels(k + 1), pixels(k + 2), pixels(k + 3));
    }
  }
}

// ---- the step -------------------------------------------------------------------------------------------------------

double step_of_one(loops_parameters& net, const float* x, std::int32_t label, float lr) {
  float z0[H];
  multiply(net.w0, net.small.b0, x, z0);
  sample_state s;
  const double loss = small_layers(net.small, z0, label, -lr, s);
  add_small_update(net.small, s);
  int live[H], count = 0;
  for (int o = 0; o < H; ++o) {
    live[count] = o;
    count += s.dz0[o] != 0;
  }
  for (int k = 0; k < count; ++k) add_scaled<I>(net.w0[live[k]], s.dz0[live[k]], x);
  return loss;
}

double step_of_many(loops_parameters& net, loops_workspace& ws, const float* x, const std::int32_t* labels, int batch,
                    float lr) {
  for (int o = 0; o < H; o += 8)  // 8 rows of W0 are 25 KB, which an L1 cache holds while the samples pass
    for (int n = 0; n < batch; ++n) multiply_rows<8>(net.w0 + o, net.small.b0 + o, x + n * I, ws.z0[n] + o);
  ws.update = {};
  double loss = 0;
  for (int n = 0; n < batch; ++n) {
    sample_state s;
    loss += small_layers(net.small, ws.z0[n], labels[n], -lr / static_cast<float>(batch), s);
    add_small_update(ws.update, s);
    for (int o = 0; o < H; ++o) ws.dz0[n][o] = s.dz0[o];
  }
  update_w0(net.w0, x, ws.dz0, batch);
  auto* parameters = reinterpret_cast<float*>(&net.small);
  const auto* update = reinterpret_cast<const float*>(&ws.update);
  for (std::size_t i = 0; i < sizeof ws.update / sizeof(float); ++i) parameters[i] += update[i];
  return loss;
}

}  // namespace

loops_step_function step;
double step(loops_parameters& net, loops_workspace& ws, const float* x, const std::int32_t* labels, std::size_t batch,
            float lr) noexcept {
  if (batch == 1) return step_of_one(net, x, labels[0], lr);
  return step_of_many(net, ws, x, labels, static_cast<int>(batch), lr);
}

}  // namespace lanewise::bench::LANEWISE_LOOPS
