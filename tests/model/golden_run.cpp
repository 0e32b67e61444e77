// SPDX-License-Identifier: MIT
// Trains the seed's net on small made-up data on the active ISA and writes two model files into the directory argv[1]:
// golden.sh compares their checksums with golden.sha256, which is the same for every ISA, compiler and optimisation level.
#include <cstdio>
#include <filesystem>

#include <lanewise/cpu.hpp>
#include <lanewise/model/init.hpp>
#include <lanewise/model/train.hpp>
#include <lanewise/model/weights.hpp>

#include "../support/small_data.hpp"

int main(int argc, char** argv) {
  using namespace lanewise;
  if (argc != 2) return 2;
  if (select_isa_from_environment() != isa_selection::ok) return 77;  // meson: skipped
  const dataset data = test::small_data(500, 28, 10, 1);
  for (const std::size_t batch : {std::size_t{1}, std::size_t{64}}) {
    mlp net(parse_layers("784-16-16r-10"));
    xavier_uniform(net, 1);
    train(net, data, nullptr, {.epochs = 2, .batch = batch, .lr = 0.02});
    save_weights(std::filesystem::path(argv[1]) / ("batch" + std::to_string(batch) + ".safetensors"), net);
  }
  std::printf("golden run on %s\n", std::string(active_isa()).c_str());
}
