// SPDX-License-Identifier: MIT
// Trains nets on small made-up data on the active ISA, on every training path and by every optimiser, and writes their
// model files into the directory argv[1]: golden.sh compares their checksums with golden.sha256, which is the same for
// every ISA, compiler and optimisation level.
#include <cstdio>
#include <filesystem>
#include <string>
#include <string_view>

#include <lanewise/cpu.hpp>
#include <lanewise/model/init.hpp>
#include <lanewise/model/train.hpp>
#include <lanewise/model/training_path.hpp>
#include <lanewise/model/weights.hpp>

#include "../support/small_data.hpp"

int main(int argc, char** argv) {
  using namespace lanewise;
  if (argc != 2) return 2;
  if (select_isa_from_environment() != isa_selection::ok) return 77;  // meson: skipped
  // With 10 classes 26 % of the pixels are not zero, with 16 it is 20 %: every training path has a run.
  const dataset denser = test::small_data(500, 28, 10, 1), sparser = test::small_data(500, 28, 16, 1);
  const auto run = [&](std::string_view name, const dataset& data, const char* layers, std::size_t batch,
                       training_path path, activation act = activation::relu) {
    mlp net(parse_layers(layers, act));
    if (choose_training_path(net.layers(), data, batch) != path) return false;
    xavier_uniform(net, 1);
    train(net, data, nullptr, {.epochs = 2, .batch = batch, .lr = 0.02});
    save_weights(std::filesystem::path(argv[1]) / (std::string(name) + ".safetensors"), net);
    return true;
  };
  using enum training_path;
  const bool each_took_its_path = run("batch1", denser, "784-16-16r-10", 1, dense) &&
                                  run("batch64", denser, "784-16-16r-10", 64, dense) &&
                                  run("fused", sparser, "784-16-16r-16", 1, fused) &&
                                  run("fused-wide", sparser, "784-32-64-64r-128-16", 1, fused) &&
                                  run("fused64", sparser, "784-16-16r-16", 64, fused) &&
                                  run("fused-wide7", sparser, "784-32-64-64r-128-16", 7, fused) &&
                                  run("nonzero1", sparser, "784-40-40r-16", 1, nonzero) &&
                                  run("nonzero64", sparser, "784-24-24r-16", 64, nonzero);
  if (!each_took_its_path) return 1;
  // Few images: emulated CPUs run all this, too.
  const dataset few_denser = test::small_data(96, 28, 10, 1), few_sparser = test::small_data(96, 28, 16, 1);
  for (const optimizer which : all_optimizers) {
    mlp net(parse_layers("784-16-16r-16"));
    initialize(net, initializer::he_normal, 1);
    train(net, few_sparser, nullptr, {.epochs = 2, .batch = 8, .lr = 0.01,
                                  .schedule = {.shape = schedule_shape::cosine, .warm_up_epochs = 0.5},
                                  .update = {.optimizer = {.which = which, .weight_decay = 0.02}, .clip_norm = 2}});
    save_weights(std::filesystem::path(argv[1]) / (std::string(name(which)) + ".safetensors"), net);
  }
  for (const activation act : all_activations)
    if (!run(name(act), few_denser, "784-16-16r-10", 16, dense, act)) return 1;
  std::printf("golden run on %s\n", std::string(active_isa()).c_str());
}
