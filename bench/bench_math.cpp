// SPDX-License-Identifier: MIT
#include "bench.hpp"

namespace lanewise::bench {
namespace {

work exp_row(benchmark::State& state) {
  const std::size_t n = size_arg(state, 0);
  const aligned_buffer<float> x = random_values(n, -80, 80);
  aligned_buffer<float> y(n);
  measure(state, [&] { exp(x.span(), y.span()); });
  return {.bytes = float_bytes(2 * n), .elements = static_cast<double>(n)};
}

work log_row(benchmark::State& state) {
  const std::size_t n = size_arg(state, 0);
  const aligned_buffer<float> x = random_values(n, 0, 1000);
  aligned_buffer<float> y(n);
  measure(state, [&] { log(x.span(), y.span()); });
  return {.bytes = float_bytes(2 * n), .elements = static_cast<double>(n)};
}

}  // namespace

void register_math_rows() {
  register_rows({"exp", {"n"}, vector_sizes(), exp_row});
  register_rows({"log", {"n"}, vector_sizes(), log_row});
}

}  // namespace lanewise::bench
