// SPDX-License-Identifier: MIT
// Whether backward() gives the gradient: against the seed's equations in double, and these against differences.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include <lanewise/model/mlp.hpp>

namespace lanewise {

struct gradient_check_options {
  std::size_t batch = 4;         // random samples
  std::uint64_t seed = 1;        // of the samples and of what is drawn
  std::size_t all_up_to = 20'000;  // parameters; of more, `drawn` are looked at
  std::size_t drawn = 2'000;
};

// Two figures, each with the parameter where it is largest ("1.weight [3, 7]": of layer 1, to output 3 from input 7).
struct gradient_check_result {
  std::size_t parameters = 0;  // of the net
  std::size_t checked = 0;     // by differences; the second figure looks at all
  std::size_t skipped = 0;     // of these: a z crosses a kink of the activation within the difference

  // |(L(w + h) - L(w - h)) / 2h - dL/dw|, all in double, relative to the largest |dL/dw| (or 1e-3 if that is less).
  double difference_error = 0;
  std::string difference_worst;

  // |backward()'s dL/dw - dL/dw in double| as a share of the bound for that layer.
  double float_error = 0;
  std::string float_worst;

  static constexpr double difference_bound = 1e-6;
  bool holds() const noexcept {
    return difference_error <= difference_bound && float_error <= 1 && skipped * 100 <= checked;
  }
};

// At the parameters that `net` has, on inputs of which a third are uniform in [0, 1) and the others 0. Bound of a layer:
// 8 gamma_n of its largest |dL/dw|, n the sum of all ins, outs and the batch, through which roundings pass.
// Throws std::bad_alloc, std::invalid_argument for a batch of 0 or a net with more than 2^31 - 1 classes.
gradient_check_result check_gradient(const mlp& net, const gradient_check_options& options = {});

}  // namespace lanewise
