// SPDX-License-Identifier: MIT
// What a training step does with its gradient: clip it, then let an optimiser change the parameters.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include <lanewise/aligned_buffer.hpp>
#include <lanewise/update.hpp>

namespace lanewise {

struct update_options {
  optimizer_settings optimizer = {};
  double clip_norm = 0;  // the longest gradient, over all parameters; 0: any. As torch.nn.utils.clip_grad_norm_

  // Then a step needs no state, no gradient in one piece, and touches no weight whose gradient is 0.
  bool is_plain_sgd() const noexcept {
    return optimizer.which == optimizer::sgd && optimizer.weight_decay == 0 && clip_norm == 0;
  }
};

// Throws std::invalid_argument, one line, for numbers that no training can have: decay or clip_norm negative or not
// finite, momentum, alpha or a beta outside [0, 1), eps not positive as a float or above 1.
void require_usable(const update_options& options);

// The optimiser of one run with its state, one flat block.
class parameter_update {
 public:
  parameter_update(const update_options& options, std::size_t parameters);  // throws std::bad_alloc

  // One step: g is the gradient at w, both of `parameters` floats. With clip_norm the gradient is scaled by
  // min(1, clip_norm / (|g| + 1e-6)).
  void operator()(std::span<const float> g, std::span<float> w, double lr) noexcept;

 private:
  update_options options_;
  aligned_buffer<float> state_;
  std::uint64_t steps_ = 0;
};

}  // namespace lanewise
