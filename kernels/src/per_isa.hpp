// SPDX-License-Identifier: MIT
// THE SEAM between code that is compiled once (NAME.cpp) and code that is compiled once per ISA (NAME.simd.cpp).
// One struct template per family; the .simd.cpp defines its members and instantiates it for its own ISA. Raw pointers,
// sizes and enums only: nothing here may bring an inline function of std into an ISA's objects. Shapes are checked before.
#pragma once

#include <cstddef>
#include <cstdint>

#include <lanewise/activation.hpp>
#include <lanewise/fused_layer.hpp>
#include <lanewise/update.hpp>

namespace lanewise {

// lanewise::epilogue as raw pointers; nullptr where a part is absent.
struct raw_epilogue {
  const float* bias;
  const float* residual;
  std::size_t residual_stride;
  activation act;
};

template <class Isa>
struct activation_kernels {
  static void forward(activation act, std::size_t n, const float* x, float* y) noexcept;
  static void backward(activation act, std::size_t n, const float* x, const float* dy, float* dx) noexcept;
};

template <class Isa>
struct elementwise_kernels {
  static void add(std::size_t n, const float* a, const float* b, float* out) noexcept;
  static void add_relu(std::size_t n, const float* z, const float* r, float* out) noexcept;
  static void add_relu_backward(std::size_t n, const float* z, const float* dout, float* dz, float* dr) noexcept;
  static void axpy(std::size_t n, float alpha, const float* x, float* y) noexcept;
  static void column_sums(std::size_t m, std::size_t n, const float* a, std::size_t lda, float beta, float* y) noexcept;
};

// The pixels of an image that are not zero: their positions << shift, and their values.
struct pixels_call {
  std::size_t n;
  const std::uint8_t* bytes;
  const std::uint8_t* later;  // n bytes to fetch into the caches meanwhile; `bytes` where there are none
  unsigned shift;
  std::uint32_t* position;
  float* value;
  std::uint64_t* bits;  // one for each byte, in words; nullptr where nobody asks for them
  bool has_vbmi2;
};

struct fused_net {
  const fused_layer* layers;
  std::size_t count, classes;
};

// Can be read up to a whole number of pixel_list_block.
struct listed_pixels {
  std::size_t count;
  const std::uint32_t* offset;
  const float* value;
};

struct fused_call {
  fused_net net;
  listed_pixels x;
  std::int32_t label;
  float scale;  // of the gradient: -lr
  pixels_call next;
  std::size_t (*list)(const pixels_call& call) noexcept;  // the active ISA's, which the step need not be of
  std::size_t* next_count;
};

struct fused_batch_call {
  fused_net net;
  std::size_t samples;
  const listed_pixels* x;
  const std::int32_t* labels;
  float scale;  // of the gradients: -lr / samples
  float* vectors;
  std::size_t stride;  // from one sample's vectors to the next one's
};

struct fused_result {
  double loss;  // the sum over the samples
  std::size_t correct;
};

template <class Isa>
struct fused_mlp_kernels {
  static std::size_t list(const pixels_call& call) noexcept;
  static void forward(const fused_net& net, const listed_pixels& x, float* y) noexcept;
  static fused_result step(const fused_call& call) noexcept;
  static fused_result batch_step(const fused_batch_call& call) noexcept;
};

struct gemv_call {
  std::size_t m, n;
  const float* a;
  std::size_t lda;
  const float* x;
  float beta;
  float* y;
  raw_epilogue epilogue;
};

template <class Isa>
struct gemv_kernels {
  static void n(const gemv_call& call) noexcept;
  static void t(const gemv_call& call) noexcept;
  // Without beta and epilogue. Arguments in registers: a call that has to be stored first costs as much as a small product.
  static void plain_n(std::size_t m, std::size_t n, const float* a, std::size_t lda, const float* x, float* y) noexcept;
  static void plain_t(std::size_t m, std::size_t n, const float* a, std::size_t lda, const float* x, float* y) noexcept;
  static void ger(std::size_t m, std::size_t n, float alpha, const float* x, const float* y, float* a,
                  std::size_t lda) noexcept;
};

struct gemm_call {
  std::size_t m, n, k;
  const float* a;
  std::size_t lda;
  const float* b;
  std::size_t ldb;
  float* c;
  std::size_t ldc;
  float beta;
  raw_epilogue epilogue;
  std::byte* scratch;
  std::size_t scratch_bytes;
};

template <class Isa>
struct gemm_kernels {
  static void nn(const gemm_call& call) noexcept;
  static void nt(const gemm_call& call) noexcept;
  static void tn(const gemm_call& call) noexcept;
  // Without beta and epilogue, as gemv's: fewer stores before a small product.
  static void plain_nn(std::size_t m, std::size_t n, std::size_t k, const float* a, std::size_t lda, const float* b,
                       std::size_t ldb, float* c, std::size_t ldc, std::byte* scratch, std::size_t scratch_bytes) noexcept;
  static void plain_nt(std::size_t m, std::size_t n, std::size_t k, const float* a, std::size_t lda, const float* b,
                       std::size_t ldb, float* c, std::size_t ldc, std::byte* scratch, std::size_t scratch_bytes) noexcept;
  static void plain_tn(std::size_t m, std::size_t n, std::size_t k, const float* a, std::size_t lda, const float* b,
                       std::size_t ldb, float* c, std::size_t ldc, std::byte* scratch, std::size_t scratch_bytes) noexcept;
  static std::size_t scratch_bytes(std::size_t m, std::size_t n, std::size_t k) noexcept;
};

template <class Isa>
struct loss_kernels {
  static double softmax_cross_entropy(std::size_t rows, std::size_t classes, const float* logits, std::size_t ldl,
                                      const std::int32_t* labels, float scale, float* dlogits,
                                      std::size_t ldd) noexcept;
  static void argmax(std::size_t rows, std::size_t cols, const float* a, std::size_t lda, std::int32_t* out) noexcept;
};

template <class Isa>
struct math_kernels {
  static void exp(std::size_t n, const float* x, float* y) noexcept;
  static void log(std::size_t n, const float* x, float* y) noexcept;
};

// lanewise::sparse_rows as raw pointers.
struct raw_sparse_rows {
  std::size_t rows, cols;
  const std::uint32_t* starts;
  const std::uint32_t* index;
  const float* value;
  const std::uint64_t* bits;  // may be null
};

constexpr std::size_t least_columns_of_rows_of_c = 64;  // least_columns_for_bits of lanewise/sparse_rows.hpp

struct spmm_call {
  raw_sparse_rows a;
  std::size_t n;
  const float* b;
  std::size_t ldb;
  float* c;
  std::size_t ldc;
  raw_epilogue epilogue;
};

template <class Isa>
struct sparse_rows_kernels {
  static bool all_below(std::uint32_t limit, std::size_t n, const std::uint32_t* index) noexcept;
  static std::size_t nonzero_pixels(const pixels_call& call) noexcept;
  static void nn(const spmm_call& call) noexcept;
  static void tn(const spmm_call& call) noexcept;
};

struct update_call {
  const update_step& step;  // the caller's, not a copy
  double bias1, bias2;  // 1 - beta^t
  std::size_t n;
  const float* g;
  float* w;
  float* state;
};

template <class Isa>
struct update_kernels {
  static void sgd(std::size_t n, float lr, const float* g, float* w) noexcept;
  static void update(const update_call& call) noexcept;
  static double sum_of_squares(std::size_t n, const float* x) noexcept;
};

}  // namespace lanewise
