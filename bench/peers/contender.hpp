// SPDX-License-Identifier: MIT
// A contender is a program that computes kernels for the comparison of bench/kernels.py: lanewise, a rival, or a loop that
// shows what the machine allows. Each contender defines the two
// functions below; contender.cpp does the rest, the same for all.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace lanewise::bench {

// One kernel at one shape. Matrices are row-major without gaps, aligned to 64 bytes.
//
//   kernel                  a            b           c
//   gemv     c = A b        A [m, n]     [n]         [m]
//   gemv_t   c = A^T b      A [m, n]     [m]         [n]
//   ger      C += alpha a b^T   [m]      [n]         C [m, n]    alpha changes its sign with each call
//   gemm_nn  C = A B        A [m, k]     B [k, n]    C [m, n]
//   gemm_nt  C = A B^T      A [m, k]     B [n, k]    C [m, n]
//   gemm_tn  C = A^T B      A [k, m]     B [k, n]    C [m, n]
//   softmax_cross_entropy   logits [m, n], labels [m]    C = alpha (softmax - onehot) [m, n]; loss = sum over rows
//   relu, exp               [n]                      [n]
//   leaky-relu, elu, gelu, gelu-tanh, silu, tanh, sigmoid    [n]    [n]      usual parameters
//   add      c = a + b      [n]          [n]         [n]
//   sgd      c -= alpha a   [n]                      [n]         alpha changes its sign with each call
//   update_NAME             [n] gradient             [m, n] weights, then the m - 1 arrays that the optimiser keeps;
//                           step 1000 at the rate alpha, which changes its sign, all other numbers at their defaults
struct problem {
  std::string kernel;
  std::size_t m = 1, n = 1, k = 1;
  const float* a = nullptr;
  const float* b = nullptr;
  float* c = nullptr;
  const std::int32_t* labels = nullptr;
  float alpha = 0;
  double loss = 0;
};

bool is_activation(std::string_view kernel);  // relu, leaky-relu, ...

// A way to compute it. Of several that give right results the fastest is timed.
struct variant {
  std::string name;
  std::function<void()> run;
};

// None if the contender has no such kernel. The problem outlives the variants.
std::vector<variant> variants(problem& p);

// One line: version, and what it was held to.
std::string describe();

}  // namespace lanewise::bench
