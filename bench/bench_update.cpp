// SPDX-License-Identifier: MIT
#include <string>
#include <utility>

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

template <optimizer which> work update_row(benchmark::State& state) {
  const std::size_t n = size_arg(state, 0), states = traits(which).states;
  const aligned_buffer<float> g = random_values(n);
  aligned_buffer<float> w = random_values(n), kept = random_values(states * n, 0, 1);
  update_step step{.settings = default_settings(which), .lr = 0x1p-10, .t = 1000};
  measure(state, [&] {
    step.lr = -step.lr;
    update(step, g.span(), w.span(), kept.span());
  });
  return {.bytes = float_bytes((3 + 2 * states) * n), .elements = static_cast<double>(n)};
}

work nrm2_row(benchmark::State& state) {
  const std::size_t n = size_arg(state, 0);
  const aligned_buffer<float> x = random_values(n);
  measure(state, [&] { benchmark::DoNotOptimize(nrm2(x.span())); });
  return {.flops = static_cast<double>(2 * n), .bytes = float_bytes(n), .elements = static_cast<double>(n)};
}

}  // namespace

void register_update_rows() {
  std::vector<std::vector<std::int64_t>> sizes = vector_sizes();
  sizes.push_back({1 << 24});
  register_rows({"sgd", {"n"}, sizes, sgd_row});
  [&]<std::size_t... i>(std::index_sequence<i...>) {
    (register_rows({"update_" + std::string(name(all_optimizers[i])), {"n"}, sizes, update_row<all_optimizers[i]>}),
     ...);
  }(std::make_index_sequence<all_optimizers.size()>());
  register_rows({"nrm2", {"n"}, sizes, nrm2_row});
}

}  // namespace lanewise::bench
