// SPDX-License-Identifier: MIT
// Matrix times vector in both directions and the rank-1 update; A is m x n.
#include "bench.hpp"

namespace lanewise::bench {
namespace {

work gemv_row(benchmark::State& state) {
  const std::size_t m = size_arg(state, 0), n = size_arg(state, 1);
  const random_matrix a(m, n);
  const aligned_buffer<float> x = random_values(n);
  aligned_buffer<float> y(m);
  measure(state, [&] { gemv(a, x.span(), y.span()); });
  return {.flops = 2.0 * static_cast<double>(m * n), .bytes = float_bytes(m * n, n, m)};
}

template <class Function> work call_row(benchmark::State& state, Function called) {
  const random_matrix a(1, size_arg(state, 0));
  const aligned_buffer<float> x = random_values(size_arg(state, 0));
  measure(state, [&] { called(matrix_view<const float>(a).first_rows(0), x.span(), {}); });
  return {};
}

using plain_gemv = void (*)(const matrix_view<const float>&, std::span<const float>, std::span<float>) noexcept;

// A product of no rows: what a call of a kernel costs beside its work. Checks of shapes, the way to the active ISA, and the
// choice of the code for a shape.
work kernel_call_row(benchmark::State& state) { return call_row(state, static_cast<plain_gemv>(&gemv)); }

// What of it a call of any function costs. volatile: it shall not be inlined.
work empty_call_row(benchmark::State& state) {
  static const volatile plain_gemv nothing = [](const matrix_view<const float>&, std::span<const float>,
                                                std::span<float>) noexcept {};
  return call_row(state, nothing);
}

work gemv_t_row(benchmark::State& state) {
  const std::size_t m = size_arg(state, 0), n = size_arg(state, 1);
  const random_matrix a(m, n);
  const aligned_buffer<float> x = random_values(m);
  aligned_buffer<float> y(n);
  measure(state, [&] { gemv_t(a, x.span(), y.span()); });
  return {.flops = 2.0 * static_cast<double>(m * n), .bytes = float_bytes(m * n, n, m)};
}

work ger_row(benchmark::State& state) {
  const std::size_t m = size_arg(state, 0), n = size_arg(state, 1);
  random_matrix a(m, n);
  const aligned_buffer<float> x = random_values(m), y = random_values(n);
  float alpha = 0x1p-10f;  // its sign changes, so that A stays where it is
  measure(state, [&] { ger(alpha = -alpha, x.span(), y.span(), a); });
  return {.flops = 2.0 * static_cast<double>(m * n), .bytes = float_bytes(2 * m * n, m, n)};
}

// The seed's matrices as [out][in], its first as the model stores it ([in][out]), and larger ones: in L2, and beyond.
const std::vector<std::vector<std::int64_t>> shapes{{16, 784},  {16, 16},   {10, 16},    {784, 16},
                                                    {128, 784}, {512, 512}, {1024, 1024}};

}  // namespace

void register_gemv_rows() {
  register_rows({"gemv", {"m", "n"}, shapes, gemv_row});
  register_rows({"call", {"n"}, {{16}}, kernel_call_row});
  register_rows({"empty_call", {"n"}, {{16}}, empty_call_row});
  register_rows({"gemv_t", {"m", "n"}, shapes, gemv_t_row});
  register_rows({"ger", {"m", "n"}, shapes, ger_row});
}

}  // namespace lanewise::bench
