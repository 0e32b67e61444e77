// SPDX-License-Identifier: MIT
// Every activation, forward and backward.
#include "bench.hpp"

namespace lanewise::bench {
namespace {

template <std::size_t index> work forward_row(benchmark::State& state) {
  constexpr activation act = all_activations[index];
  const std::size_t n = size_arg(state, 0);
  const aligned_buffer<float> x = random_values(n);
  aligned_buffer<float> y(n);
  measure(state, [&] { activate(act, x.span(), y.span()); });
  return {.bytes = float_bytes(2 * n), .elements = static_cast<double>(n)};
}

template <std::size_t index> work backward_row(benchmark::State& state) {
  constexpr activation act = all_activations[index];
  const std::size_t n = size_arg(state, 0);
  const aligned_buffer<float> x = random_values(n), dy = random_values(n);
  aligned_buffer<float> dx(n);
  measure(state, [&] { activate_backward(act, x.span(), dy.span(), dx.span()); });
  return {.bytes = float_bytes(3 * n), .elements = static_cast<double>(n)};
}

template <std::size_t... index> void register_all(std::index_sequence<index...>) {
  const auto both = [](std::string_view act, row_body forward, row_body backward) {
    register_rows({std::string(act), {"n"}, vector_sizes(), forward});
    register_rows({std::string(act) + "_backward", {"n"}, vector_sizes(), backward});
  };
  (both(name(all_activations[index]), forward_row<index>, backward_row<index>), ...);
}

}  // namespace

void register_activation_rows() { register_all(std::make_index_sequence<all_activations.size()>{}); }

}  // namespace lanewise::bench
