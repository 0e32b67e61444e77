// SPDX-License-Identifier: MIT
// The three products of a dense layer on a batch: forward (nn), gradient of the input (nt) and of the weights (tn).
#include "bench.hpp"

namespace lanewise::bench {
namespace {

struct layer_shape {
  std::size_t in, out, batch;

  explicit layer_shape(const benchmark::State& state)
      : in(size_arg(state, 0)), out(size_arg(state, 1)), batch(size_arg(state, 2)) {}

  work one_product() const {
    return {.flops = 2.0 * static_cast<double>(in * out * batch),
            .bytes = float_bytes(in * out, batch * out, batch * in)};
  }
};

// Z [batch, out] = X [batch, in] W [in, out]
work gemm_nn_row(benchmark::State& state) {
  const layer_shape s(state);
  const random_matrix x(s.batch, s.in), w(s.in, s.out);
  random_matrix z(s.batch, s.out);
  aligned_buffer<std::byte> scratch(gemm_scratch_bytes(s.batch, s.out, s.in));
  measure(state, [&] { gemm_nn(x, w, z, 0, {}, scratch.span()); });
  return s.one_product();
}

// dX [batch, in] = dZ [batch, out] W^T
work gemm_nt_row(benchmark::State& state) {
  const layer_shape s(state);
  const random_matrix dz(s.batch, s.out), w(s.in, s.out);
  random_matrix dx(s.batch, s.in);
  aligned_buffer<std::byte> scratch(gemm_scratch_bytes(s.batch, s.in, s.out));
  measure(state, [&] { gemm_nt(dz, w, dx, 0, {}, scratch.span()); });
  return s.one_product();
}

// dW [in, out] = X^T dZ
work gemm_tn_row(benchmark::State& state) {
  const layer_shape s(state);
  const random_matrix x(s.batch, s.in), dz(s.batch, s.out);
  random_matrix dw(s.in, s.out);
  aligned_buffer<std::byte> scratch(gemm_scratch_bytes(s.in, s.out, s.batch));
  measure(state, [&] { gemm_tn(x, dz, dw, 0, {}, scratch.span()); });
  return s.one_product();
}

std::vector<std::vector<std::int64_t>> layers_and_batches() {
  std::vector<std::vector<std::int64_t>> shapes;
  for (const auto& [in, out] : {std::pair{784, 16}, {16, 16}, {16, 10}, {784, 128}})
    for (const int batch : {8, 64, 256}) shapes.push_back({in, out, batch});
  return shapes;
}

}  // namespace

void register_gemm_rows() {
  const std::vector<std::vector<std::int64_t>> shapes = layers_and_batches();
  register_rows({"gemm_nn", {"in", "out", "batch"}, shapes, gemm_nn_row});
  register_rows({"gemm_nt", {"in", "out", "batch"}, shapes, gemm_nt_row});
  register_rows({"gemm_tn", {"in", "out", "batch"}, shapes, gemm_tn_row});
}

}  // namespace lanewise::bench
