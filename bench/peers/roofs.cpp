// SPDX-License-Identifier: MIT
// What the machine allows: for matrix products as many fma as they have, in registers; for the others loops that read and
// write as many bytes as the kernel must, in operands of the same sizes. "read", "write", "update" and "fma" of n floats
// (n fma) are the roofs of the roofline. Results mean nothing. Compiled for one ISA, plain vector types of the compiler.
#include <cstring>

#include "contender.hpp"

namespace lanewise::bench {
namespace {

#if defined(__AVX512F__)
constexpr std::size_t bytes = 64;
#elif defined(__AVX2__)
constexpr std::size_t bytes = 32;
#else
constexpr std::size_t bytes = 16;
#endif
constexpr std::size_t width = bytes / sizeof(float);
typedef float vector __attribute__((vector_size(bytes), aligned(4), may_alias));

volatile float sink;

void keep(vector x) { sink = x[0]; }

// Loads are what counts: the cheapest operation that needs them, in enough independent chains.
void read(const float* from, std::size_t n) {
  constexpr std::size_t chains = 8;
  vector sum[chains] = {};
  std::size_t i = 0;
  for (; i + chains * width <= n; i += chains * width)
#pragma GCC unroll 8
    for (std::size_t v = 0; v < chains; ++v) sum[v] += *reinterpret_cast<const vector*>(from + i + v * width);
  for (; i + width <= n; i += width) sum[0] += *reinterpret_cast<const vector*>(from + i);
  for (std::size_t v = 1; v < chains; ++v) sum[0] += sum[v];
  keep(sum[0]);
}

void write(float* to, std::size_t n) {
  const vector x = {};
#pragma GCC unroll 8
  for (std::size_t i = 0; i + width <= n; i += width) *reinterpret_cast<vector*>(to + i) = x;
}

// to = from + 1
void map(const float* from, float* to, std::size_t n) {
#pragma GCC unroll 8
  for (std::size_t i = 0; i + width <= n; i += width)
    *reinterpret_cast<vector*>(to + i) = *reinterpret_cast<const vector*>(from + i) + 1;
}

// to = a + b
void map(const float* a, const float* b, float* to, std::size_t n) {
#pragma GCC unroll 8
  for (std::size_t i = 0; i + width <= n; i += width)
    *reinterpret_cast<vector*>(to + i) =
        *reinterpret_cast<const vector*>(a + i) + *reinterpret_cast<const vector*>(b + i);
}

// to[r] += from in `rows` rows of n
template <std::size_t rows>
void update(const float* from, float* to, std::size_t n) {
  for (std::size_t i = 0; i + width <= n; i += width)
    for (std::size_t r = 0; r < rows; ++r)
      *reinterpret_cast<vector*>(to + r * n + i) += *reinterpret_cast<const vector*>(from + i);
}

// n * width products and sums, as fused as the ISA can.
void fma(std::size_t n, float factor) {
  constexpr std::size_t chains = 12;
  vector sum[chains];
  for (std::size_t c = 0; c < chains; ++c) sum[c] = vector{} + static_cast<float>(c);  // equal chains would become one
  const vector x = vector{} + factor, y = vector{} + 0.5f;
  for (std::size_t i = 0; i < n; i += chains)
#pragma GCC unroll 12
    for (std::size_t c = 0; c < chains; ++c) sum[c] = sum[c] * x + y;
  for (std::size_t c = 1; c < chains; ++c) sum[0] += sum[c];
  keep(sum[0]);
}

// Not a roof, but quiet_cpu.py's probe: sums that 40 stores wait for, more than half of a store queue. Where a thread of another
// machine is on the same core the queue is shared, and this takes twice as long.
void stores_behind_sums(float* to) {
  const float factor = sink;
  for (int repeat = 0; repeat < 200; ++repeat) {
    float x = factor;
#pragma GCC unroll 16
    for (int i = 0; i < 16; ++i) {
      x = x * factor + 0.5f;
      asm volatile("" : "+x"(x));  // else the compiler sums up by itself
    }
#pragma GCC unroll 40
    for (int i = 0; i < 40; ++i) *static_cast<volatile float*>(to + 16 * i) = x;
  }
}

}  // namespace

std::vector<variant> variants(problem& p) {
  const std::size_t mn = p.m * p.n;
  const auto only = [](const char* name, std::function<void()> run) {
    return std::vector<variant>{{name, std::move(run)}};
  };
  if (p.kernel.starts_with("gemm")) return only("fma", [=] { fma(mn * p.k / width, sink); });
  if (p.kernel == "fma") return only("fma", [=] { fma(p.n / width, sink); });
  if (p.kernel == "gemv" || p.kernel == "gemv_t") return only("read", [=] { read(p.a, mn); });
  if (p.kernel == "read") return only("read", [=] { read(p.a, p.n); });
  if (p.kernel == "write") return only("write", [=] { write(p.c, p.n); });
  if (p.kernel == "ger") return only("update", [=] { map(p.c, p.c, mn); });
  if (p.kernel == "stores-behind-sums") return only("stores-behind-sums", [=] { stores_behind_sums(p.c); });
  if (p.kernel == "update") return only("update", [=] { map(p.c, p.c, p.n); });
  if (p.kernel == "softmax_cross_entropy") return only("read+write", [=] { map(p.a, p.c, mn); });
  if (p.kernel == "exp" || is_activation(p.kernel)) return only("read+write", [=] { map(p.a, p.c, p.n); });
  if (p.kernel == "add") return only("2 read+write", [=] { map(p.a, p.b, p.c, p.n); });
  if (p.kernel == "sgd") return only("read+update", [=] { map(p.a, p.c, p.c, p.n); });
  if (p.kernel.starts_with("update_")) {
    constexpr void (*loops[])(const float*, float*, std::size_t) = {update<1>, update<2>, update<3>};
    return only("read+updates", [=] { loops[p.m - 1](p.a, p.c, p.n); });
  }
  return {};
}

std::string describe() { return __VERSION__; }

}  // namespace lanewise::bench
