// SPDX-License-Identifier: MIT
// training_steps BATCH: 100 training steps of the seed's net at this batch size. instructions.sh counts what
// hundred_steps() executes.
#include <cstdio>
#include <cstdlib>
#include <numeric>
#include <vector>

#include <lanewise/cpu.hpp>
#include <lanewise/model/init.hpp>
#include <lanewise/model/step.hpp>

#include "../support/small_data.hpp"

namespace {

using namespace lanewise;

constexpr std::size_t steps = 100;

}  // namespace

// Named without mangling for callgrind.
extern "C" [[gnu::noinline]] double hundred_steps(mlp& net, workspace& ws, matrix_view<const float> x,
                                                  std::span<const std::int32_t> labels, std::size_t batch) {
  double loss = 0;
  for (std::size_t step = 0; step < steps; ++step)
    loss += sgd_step(net, ws, {x.row(step * batch).data(), batch, x.cols(), x.stride()},
                     labels.subspan(step * batch, batch), 0.01f);
  return loss;
}

int main(int argc, char** argv) {
  const std::size_t batch = argc == 2 ? static_cast<std::size_t>(std::atoi(argv[1])) : 0;
  if (batch == 0) return 2;
  if (select_isa("avx2") != isa_selection::ok) return 77;  // meson: skipped
  const dataset data = test::small_data(steps * batch, 28, 10, 1);
  mlp net(parse_layers("784-16-16r-10"));
  xavier_uniform(net, 1);
  workspace ws(net, batch);
  std::vector<float> pixels(data.size() * data.inputs());
  const matrix_view<float> x(pixels.data(), data.size(), data.inputs());
  std::vector<std::int32_t> labels(data.size());
  std::vector<std::uint32_t> order(data.size());
  std::iota(order.begin(), order.end(), 0u);
  data.gather(order, x, labels);
  std::printf("loss %g\n", hundred_steps(net, ws, x, labels, batch));
}
