// SPDX-License-Identifier: MIT
#include "bench.hpp"

namespace lanewise::bench {
namespace {

work add_row(benchmark::State& state) {
  const std::size_t n = size_arg(state, 0);
  const aligned_buffer<float> a = random_values(n), b = random_values(n);
  aligned_buffer<float> out(n);
  measure(state, [&] { add(a.span(), b.span(), out.span()); });
  return {.flops = static_cast<double>(n), .bytes = float_bytes(3 * n), .elements = static_cast<double>(n)};
}

work add_relu_row(benchmark::State& state) {
  const std::size_t n = size_arg(state, 0);
  const aligned_buffer<float> z = random_values(n), r = random_values(n);
  aligned_buffer<float> out(n);
  measure(state, [&] { add_relu(z.span(), r.span(), out.span()); });
  return {.flops = static_cast<double>(n), .bytes = float_bytes(3 * n), .elements = static_cast<double>(n)};
}

work add_relu_backward_row(benchmark::State& state) {
  const std::size_t n = size_arg(state, 0);
  const aligned_buffer<float> z = random_values(n), dout = random_values(n);
  aligned_buffer<float> dz(n), dr(n);
  measure(state, [&] { add_relu_backward(z.span(), dout.span(), dz.span(), dr.span()); });
  return {.bytes = float_bytes(4 * n), .elements = static_cast<double>(n)};
}

work axpy_row(benchmark::State& state) {
  const std::size_t n = size_arg(state, 0);
  const aligned_buffer<float> x = random_values(n);
  aligned_buffer<float> y = random_values(n);
  float alpha = 0x1p-10f;  // its sign changes, so that y stays where it is
  measure(state, [&] { axpy(alpha = -alpha, x.span(), y.span()); });
  return {.flops = static_cast<double>(2 * n), .bytes = float_bytes(3 * n), .elements = static_cast<double>(n)};
}

work column_sums_row(benchmark::State& state) {
  const std::size_t m = size_arg(state, 0), n = size_arg(state, 1);
  const random_matrix a(m, n);
  aligned_buffer<float> y(n);
  measure(state, [&] { column_sums(a, y.span()); });
  return {.flops = static_cast<double>(m * n), .bytes = float_bytes(m * n, n), .elements = static_cast<double>(m * n)};
}

}  // namespace

void register_elementwise_rows() {
  register_rows({"add", {"n"}, vector_sizes(), add_row});
  register_rows({"add_relu", {"n"}, vector_sizes(), add_relu_row});
  register_rows({"add_relu_backward", {"n"}, vector_sizes(), add_relu_backward_row});
  register_rows({"axpy", {"n"}, vector_sizes(), axpy_row});
  register_rows(
      {"column_sums", {"m", "n"}, {{64, 16}, {64, 128}, {256, 16}, {256, 128}, {1024, 1024}}, column_sums_row});
}

}  // namespace lanewise::bench
