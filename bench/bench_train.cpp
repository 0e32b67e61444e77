// SPDX-License-Identifier: MIT
// The whole training step, one a row's iteration: lanewise's for two nets, and its rival in plain loops.
#include "bench.hpp"
#include "trainer.hpp"

namespace lanewise::bench {
namespace {

// Cycles over the data; at its end the training starts anew, outside the clock.
void measure_steps(benchmark::State& state, trainer& contender) {
  const std::size_t batch = size_arg(state, 0);
  const training_data& data = shared_training_data();
  state.SetLabel(data.name);
  std::size_t first = 0;
  for ([[maybe_unused]] auto iteration : state) {
    benchmark::DoNotOptimize(contender.step(data, first, batch));
    first += batch;
    if (first < training_data::samples) continue;
    state.PauseTiming();
    contender.restart();
    first = 0;
    state.ResumeTiming();
  }
  report(state, {.samples = static_cast<double>(batch)});
}

template <class Row> void register_batches(const std::string& name, const Row& row) {
  benchmark::internal::Benchmark* rows = benchmark::RegisterBenchmark(name.c_str(), row);
  rows->ArgNames({"batch"});
  for (const std::int64_t batch : {1, 16, 64, 256}) rows->Args({batch});  // each divides training_data::samples
}

}  // namespace

void register_train_rows() {
  shared_training_data();  // a wrong LANEWISE_DATA is told now, not after minutes
  for (const std::string& isa : isas_to_measure()) {
    for (const std::string layers : {"784-16-16r-10", "784-128-10"})
      register_batches("train_step/" + isa + '/' + layers, [isa, layers](benchmark::State& state) {
        select_isa(isa);
        measure_steps(state, *make_lanewise_trainer(layers, size_arg(state, 0)));
      });
    if (has_loops(isa))
      register_batches("train_step_loops/" + isa + '/' + std::string(seed_layers), [isa](benchmark::State& state) {
        measure_steps(state, *make_loops_trainer(isa, size_arg(state, 0)));
      });
  }
}

}  // namespace lanewise::bench
