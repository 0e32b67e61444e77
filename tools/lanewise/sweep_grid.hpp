// SPDX-License-Identifier: MIT
// What a sweep trains: every combination of the choices given, each with every seed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include <lanewise/model/init.hpp>
#include <lanewise/model/mlp.hpp>
#include <lanewise/model/train.hpp>

#include "json.hpp"

namespace lanewise::cli {

struct optimizer_and_rate {
  optimizer which = optimizer::sgd;
  double lr = traits(optimizer::sgd).lr;

  friend bool operator==(const optimizer_and_rate&, const optimizer_and_rate&) = default;
};

struct sweep_flags {
  std::string data;
  std::vector<std::vector<layer>> layers{parse_layers("784-16-16r-10")};
  std::vector<activation> acts{activation::relu};  // of all hidden layers
  std::vector<initializer> inits{initializer::xavier_uniform};
  std::vector<optimizer_and_rate> optimizers{{}};
  std::vector<std::uint64_t> seeds{1, 2, 3};
  std::size_t epochs = 10, batch = 1;
  lanewise::schedule schedule;
  std::size_t validation = 0;  // 0: a tenth of the training images
  std::size_t jobs = 0;        // 0: one for each core
  std::filesystem::path out = "out/sweep";
  bool quiet = false;
};

struct sweep_case {
  std::vector<layer> layers;
  activation act = activation::relu;  // which the layers have
  initializer init = initializer::xavier_uniform;
  optimizer_and_rate optimizer;
};

struct sweep_run {
  std::size_t of = 0;  // which case
  train_options options;
};

struct sweep_grid {
  std::vector<sweep_case> cases;  // the first choice of the command line changes slowest
  std::vector<sweep_run> runs;    // all cases in order with the first seed, then with the second
};

sweep_grid make_grid(const sweep_flags& flags);

// Lists with commas between them; throw usage_error.
std::vector<std::vector<layer>> layers_list(const std::string& text);
std::vector<activation> act_list(const std::string& text);
std::vector<initializer> init_list(const std::string& text);
std::vector<optimizer_and_rate> optimizer_list(const std::string& text);  // NAME or NAME:LR
std::vector<std::uint64_t> seed_list(const std::string& text);            // N or FIRST-LAST

}  // namespace lanewise::cli
