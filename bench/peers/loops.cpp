// SPDX-License-Identifier: MIT
// The loops that one writes when there is no library, left to the compiler: -O3 -ffast-math, gcc and clang, one ISA each.
#include <algorithm>
#include <cmath>
#include <limits>

#include "contender.hpp"

namespace lanewise::bench {
namespace {

#define RESTRICT __restrict__

void gemv(const problem& p) {
  const float* RESTRICT x = p.b;
  for (std::size_t i = 0; i < p.m; ++i) {
    const float* RESTRICT row = p.a + i * p.n;
    float sum = 0;
    for (std::size_t j = 0; j < p.n; ++j) sum += row[j] * x[j];
    p.c[i] = sum;
  }
}

// Four rows share the loads of x.
void gemv_4(const problem& p) {
  const float* RESTRICT x = p.b;
  std::size_t i = 0;
  for (; i + 4 <= p.m; i += 4) {
    const float* RESTRICT row = p.a + i * p.n;
    float s0 = 0, s1 = 0, s2 = 0, s3 = 0;
    for (std::size_t j = 0; j < p.n; ++j) {
      s0 += row[j] * x[j];
      s1 += row[p.n + j] * x[j];
      s2 += row[2 * p.n + j] * x[j];
      s3 += row[3 * p.n + j] * x[j];
    }
    p.c[i] = s0, p.c[i + 1] = s1, p.c[i + 2] = s2, p.c[i + 3] = s3;
  }
  for (; i < p.m; ++i) {
    float sum = 0;
    for (std::size_t j = 0; j < p.n; ++j) sum += p.a[i * p.n + j] * x[j];
    p.c[i] = sum;
  }
}

// `rows` rows a pass over y.
template <std::size_t rows> void gemv_t(const problem& p) {
  float* RESTRICT y = p.c;
  std::fill_n(y, p.n, 0.0f);
  std::size_t i = 0;
  for (; i + rows <= p.m; i += rows) {
    const float* RESTRICT a = p.a + i * p.n;
    for (std::size_t j = 0; j < p.n; ++j) {
      float sum = y[j];
      for (std::size_t r = 0; r < rows; ++r) sum += p.b[i + r] * a[r * p.n + j];
      y[j] = sum;
    }
  }
  for (; i < p.m; ++i)
    for (std::size_t j = 0; j < p.n; ++j) y[j] += p.b[i] * p.a[i * p.n + j];
}

void ger(problem& p) {
  const float* RESTRICT y = p.b;
  for (std::size_t i = 0; i < p.m; ++i) {
    float* RESTRICT row = p.c + i * p.n;
    const float factor = p.alpha * p.a[i];
    for (std::size_t j = 0; j < p.n; ++j) row[j] += factor * y[j];
  }
  p.alpha = -p.alpha;
}

// Rows of C in blocks of four, k innermost but one: the columns are the vectors.
template <bool a_transposed> void gemm_rows(const problem& p) {
  const std::size_t step_i = a_transposed ? 1 : p.k, step_k = a_transposed ? p.m : 1;
  std::size_t i = 0;
  for (; i < p.m; i += 4) {
    const std::size_t rows = std::min<std::size_t>(4, p.m - i);
    float* RESTRICT c = p.c + i * p.n;
    std::fill_n(c, rows * p.n, 0.0f);
    for (std::size_t q = 0; q < p.k; ++q) {
      const float* RESTRICT b = p.b + q * p.n;
      const float* RESTRICT a = p.a + i * step_i + q * step_k;
      if (rows == 4) {
        const float a0 = a[0], a1 = a[step_i], a2 = a[2 * step_i], a3 = a[3 * step_i];
        for (std::size_t j = 0; j < p.n; ++j) {
          c[j] += a0 * b[j];
          c[p.n + j] += a1 * b[j];
          c[2 * p.n + j] += a2 * b[j];
          c[3 * p.n + j] += a3 * b[j];
        }
      } else {
        for (std::size_t r = 0; r < rows; ++r)
          for (std::size_t j = 0; j < p.n; ++j) c[r * p.n + j] += a[r * step_i] * b[j];
      }
    }
  }
}

// nt: dot products, four columns share the loads of a row of A.
void gemm_dots(const problem& p) {
  for (std::size_t i = 0; i < p.m; ++i) {
    problem row = p;
    row.m = p.n, row.n = p.k, row.a = p.b, row.b = p.a + i * p.k, row.c = p.c + i * p.n;
    gemv_4(row);
  }
}

void softmax_cross_entropy(problem& p) {
  double loss = 0;
  for (std::size_t i = 0; i < p.m; ++i) {
    const float* RESTRICT z = p.a + i * p.n;
    float* RESTRICT d = p.c + i * p.n;
    const auto label = static_cast<std::size_t>(p.labels[i]);
    float top = z[0];
    for (std::size_t j = 1; j < p.n; ++j) top = std::max(top, z[j]);
    float sum = 0;
    for (std::size_t j = 0; j < p.n; ++j) {
      d[j] = std::exp(z[j] - top);
      sum += d[j];
    }
    const float factor = p.alpha / sum;
    for (std::size_t j = 0; j < p.n; ++j) d[j] *= factor;
    d[label] -= p.alpha;
    loss += std::log(sum) + (top - z[label]);
  }
  p.loss = loss;
}

void relu(const problem& p) {
  const float* RESTRICT a = p.a;
  float* RESTRICT c = p.c;
  for (std::size_t i = 0; i < p.n; ++i) c[i] = a[i] > 0 ? a[i] : 0;
}

template <auto function> void map(const problem& p) {
  const float* RESTRICT a = p.a;
  float* RESTRICT c = p.c;
  for (std::size_t i = 0; i < p.n; ++i) c[i] = function(a[i]);
}
float leaky_relu(float x) { return x > 0 ? x : 0.01f * x; }
float elu(float x) { return x > 0 ? x : std::exp(x) - 1; }
float elu_by_expm1(float x) { return x > 0 ? x : std::expm1(x); }
float gelu(float x) { return 0.5f * x * (1 + std::erf(x * 0.70710678f)); }
float gelu_tanh(float x) { return 0.5f * x * (1 + std::tanh(x * (0.79788456f + 0.035677408f * x * x))); }
float silu(float x) { return x / (1 + std::exp(-x)); }
float tanh(float x) { return std::tanh(x); }
float sigmoid(float x) { return 1 / (1 + std::exp(-x)); }

void add(const problem& p) {
  const float* RESTRICT a = p.a;
  const float* RESTRICT b = p.b;
  float* RESTRICT c = p.c;
  for (std::size_t i = 0; i < p.n; ++i) c[i] = a[i] + b[i];
}

void sgd(problem& p) {
  const float* RESTRICT a = p.a;
  float* RESTRICT c = p.c;
  const float alpha = p.alpha;
  for (std::size_t i = 0; i < p.n; ++i) c[i] -= alpha * a[i];
  p.alpha = -alpha;
}

void exp(const problem& p) {
  const float* RESTRICT a = p.a;
  float* RESTRICT c = p.c;
  for (std::size_t i = 0; i < p.n; ++i) c[i] = std::exp(a[i]);
}

// Optimisers: step(lr, g, w, first, second) is what one does to a weight and to the numbers that it keeps.
template <int states, class Step> void update(problem& p, const Step& step) {
  const float* RESTRICT g = p.a;
  float* RESTRICT w = p.c;
  float* RESTRICT first = p.c + p.n;
  float* RESTRICT second = p.c + 2 * p.n;
  const float lr = p.alpha;
  for (std::size_t i = 0; i < p.n; ++i) {
    float weight = w[i], a = states > 0 ? first[i] : 0, b = states > 1 ? second[i] : 0;
    step(lr, g[i], weight, a, b);
    w[i] = weight;
    if constexpr (states > 0) first[i] = a;
    if constexpr (states > 1) second[i] = b;
  }
  p.alpha = -lr;
}

void momentum(problem& p) {
  update<1>(p, [](float lr, float g, float& w, float& b, float&) {
    b = 0.9f * b + g;
    w -= lr * b;
  });
}

void nesterov(problem& p) {
  update<1>(p, [](float lr, float g, float& w, float& b, float&) {
    b = 0.9f * b + g;
    w -= lr * (g + 0.9f * b);
  });
}

void rmsprop(problem& p) {
  update<1>(p, [](float lr, float g, float& w, float& v, float&) {
    v = 0.99f * v + 0.01f * g * g;
    w -= lr * g / (std::sqrt(v) + 1e-8f);
  });
}

template <bool has_decay> void adam(problem& p) {
  const auto correction1 = static_cast<float>(1 / (1 - std::pow(0.9, 1000)));
  const auto correction2 = static_cast<float>(1 / (1 - std::pow(0.999, 1000)));
  update<2>(p, [=](float lr, float g, float& w, float& m, float& v) {
    m += 0.1f * (g - m);
    v = 0.999f * v + 0.001f * g * g;
    w = (has_decay ? 1 - lr * 0.01f : 1) * w - lr * correction1 * m / (std::sqrt(v * correction2) + 1e-8f);
  });
}

}  // namespace

std::vector<variant> variants(problem& p) {
  std::vector<variant> found;
  const auto offer = [&](const char* kernel, const char* name, auto* run) {
    if (p.kernel == kernel) found.push_back({name, [&p, run] { run(p); }});
  };
  offer("gemv", "rows-1", gemv);
  offer("gemv", "rows-4", gemv_4);
  offer("gemv_t", "rows-1", gemv_t<1>);
  offer("gemv_t", "rows-4", gemv_t<4>);
  offer("gemv_t", "rows-8", gemv_t<8>);
  offer("ger", "rows", ger);
  offer("gemm_nn", "rows-4", gemm_rows<false>);
  offer("gemm_tn", "rows-4", gemm_rows<true>);
  offer("gemm_nt", "dots-4", gemm_dots);
  offer("softmax_cross_entropy", "rows", softmax_cross_entropy);
  offer("relu", "loop", relu);
  offer("leaky-relu", "loop", map<leaky_relu>);
  offer("elu", "exp", map<elu>);
  offer("elu", "expm1", map<elu_by_expm1>);
  offer("gelu", "erf", map<gelu>);
  offer("gelu-tanh", "tanh", map<gelu_tanh>);
  offer("silu", "exp", map<silu>);
  offer("tanh", "loop", map<lanewise::bench::tanh>);
  offer("sigmoid", "exp", map<sigmoid>);
  offer("add", "loop", add);
  offer("sgd", "loop", sgd);
  offer("exp", "loop", exp);
  offer("update_sgd", "loop", sgd);
  offer("update_momentum", "loop", momentum);
  offer("update_nesterov", "loop", nesterov);
  offer("update_rmsprop", "loop", rmsprop);
  offer("update_adam", "loop", adam<false>);
  offer("update_adamw", "loop", adam<true>);
  return found;
}

std::string describe() { return __VERSION__; }

}  // namespace lanewise::bench
