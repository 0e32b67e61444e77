// SPDX-License-Identifier: MIT
#include "bench.hpp"

namespace lanewise::bench {
namespace {

work sgd_row(benchmark::State& state) {
  const std::size_t n = size_arg(state, 0);
  const aligned_buffer<float> g = random_values(n);
  aligned_buffer<float> w = random_values(n);
  float lr = 0x1p-10f;  // its sign changes, so that w stays where it is
  measure(state, [&] { sgd(lr = -lr, g.span(), w.span()); });
  return {.flops = static_cast<double>(2 * n), .bytes = float_bytes(3 * n), .elements = static_cast<double>(n)};
}

}  // namespace

void register_update_rows() { register_rows({"sgd", {"n"}, vector_sizes(), sgd_row}); }

}  // namespace lanewise::bench
