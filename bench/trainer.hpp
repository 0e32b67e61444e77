// SPDX-License-Identifier: MIT
// The contenders for the training step, behind one interface: lanewise on its active ISA, and plain loops.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "training_data.hpp"

namespace lanewise::bench {

inline constexpr std::string_view seed_layers = "784-16-16r-10";
inline constexpr float learning_rate = 0.005f;

class trainer {
 public:
  trainer() = default;
  trainer(const trainer&) = delete;
  trainer& operator=(const trainer&) = delete;
  virtual ~trainer() = default;

  // Back to the parameters of start_net().
  virtual void restart() = 0;
  // One step of SGD on samples first .. first + batch - 1; returns the sum of their losses before it.
  virtual double step(const training_data& data, std::size_t first, std::size_t batch) = 0;
};

std::unique_ptr<trainer> make_lanewise_trainer(std::string_view layers, std::size_t max_batch);

// seed_layers as plain loops compiled for `isa`. Before it is handed out, 100 steps of `batch` are compared with
// lanewise's; throws std::runtime_error if loss or weights differ by more than 1e-4.
std::unique_ptr<trainer> make_loops_trainer(std::string_view isa, std::size_t batch);

bool has_loops(std::string_view isa);  // compiled in, and this CPU runs them

}  // namespace lanewise::bench
