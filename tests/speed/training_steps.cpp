// SPDX-License-Identifier: MIT
// training_steps PATH BATCH: 100 training steps of the seed's net on this path (dense, nonzero, fused) at this batch size,
// from bytes. instructions.sh counts what hundred_steps() executes.
#include <cstdio>
#include <cstdlib>
#include <numeric>
#include <string_view>
#include <vector>

#include <lanewise/cpu.hpp>
#include <lanewise/model/init.hpp>
#include <lanewise/model/training_steps.hpp>

#include "../support/small_data.hpp"

namespace {

using namespace lanewise;

constexpr std::size_t steps = 100;

}  // namespace

// Named without mangling for callgrind.
extern "C" [[gnu::noinline]] double hundred_steps(training_steps& training, std::span<const std::uint32_t> order,
                                                  std::size_t batch) {
  double loss = 0;
  for (std::size_t step = 0; step < steps; ++step) loss += training.run(order, step * batch, batch, 0.01f).loss;
  return loss;
}

int main(int argc, char** argv) {
  const std::string_view name = argc == 3 ? argv[1] : "";
  const std::size_t batch = argc == 3 ? static_cast<std::size_t>(std::atoi(argv[2])) : 0;
  if (batch == 0) return 2;
  if (select_isa("avx2") != isa_selection::ok) return 77;  // meson: skipped
  const dataset data = test::small_data(steps * batch, 28, 16, 1);  // 20 % of the pixels are not zero
  mlp net(parse_layers("784-16-16r-16"));
  xavier_uniform(net, 1);
  const training_path path = name == "dense" ? training_path::dense
                             : name == "nonzero" ? training_path::nonzero : training_path::fused;
  std::vector<std::uint32_t> order(data.size());
  std::iota(order.begin(), order.end(), 0u);
  std::printf("loss %g\n", hundred_steps(*make_training_steps(path, net, data, batch), order, batch));
}
