// SPDX-License-Identifier: MIT
#include "bench.hpp"

#include <cstdlib>
#include <stdexcept>

#include <lanewise/model/rng.hpp>

namespace lanewise::bench {

std::vector<std::string> isas_to_measure() {
  const std::vector<std::string_view> usable = usable_isas();
  const char* forced = std::getenv("LANEWISE_ISA");
  if (forced == nullptr) return {usable.begin(), usable.end()};
  for (const std::string_view isa : usable)
    if (isa == forced) return {forced};
  throw std::invalid_argument("LANEWISE_ISA=" + std::string(forced) +
                              ": not an instruction set of this build that this CPU runs; unset it to measure all");
}

void register_rows(const row_family& family) {
  for (const std::string& isa : isas_to_measure()) {
    const auto row = [isa, body = family.body](benchmark::State& state) {
      select_isa(isa);
      report(state, body(state));
    };
    benchmark::internal::Benchmark* rows = benchmark::RegisterBenchmark((family.kernel + '/' + isa).c_str(), row);
    rows->ArgNames(family.args);
    for (const std::vector<std::int64_t>& shape : family.shapes) rows->Args(shape);
  }
}

void report(benchmark::State& state, const work& one_iteration) {
  using benchmark::Counter;
  const auto rate = [&](const char* name, double amount) {
    if (amount > 0) state.counters[name] = Counter(amount, Counter::kIsIterationInvariantRate);
  };
  rate("FLOP/s", one_iteration.flops);
  rate("bytes/s", one_iteration.bytes);
  rate("elements/s", one_iteration.elements);
  if (one_iteration.samples > 0)  // seconds over millions of samples
    state.counters["us/sample"] =
        Counter(one_iteration.samples * 1e-6, Counter::kIsIterationInvariantRate | Counter::kInvert);
}

aligned_buffer<float> random_values(std::size_t count, float low, float high) {
  random_stream random(1, stream::init);
  aligned_buffer<float> values(count);
  for (float& value : values) value = low + (high - low) * random.uniform();
  return values;
}

}  // namespace lanewise::bench
