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

// Two figures, each with where it is largest ("1.weight [3, 7]": of layer 1, to output 3 from input 7).
struct gradient_check_result {
  std::size_t parameters = 0;  // of the net
  std::size_t checked = 0;     // by differences; the second figure looks at all
  // Of these, as the difference tells nothing: a z crosses a kink of the activation within it, or it is beyond the bound
  // and one with a smaller h differs from it by half as much or more.
  std::size_t skipped = 0;

  // |(L(w + h) - L(w - h)) / 2h - dL/dw|, all in double, relative to the largest |dL/dw| (or 1e-3 if that is less).
  double difference_error = 0;
  std::string difference_worst;

  // |float - double| as a share of its bound, of every number that backward() computes on its way. "1.z [3, 7]": z of
  // layer 1 in sample 3, unit 7; likewise a, da and dz.
  double float_error = 0;
  std::string float_worst;

  // The first of these numbers that no float can hold; empty if all are finite, as they must be for a check. Else there
  // are no differences, and float_error is of the numbers before it.
  std::string overflow;

  static constexpr double difference_bound = 1e-6;
  bool differences_hold() const noexcept { return difference_error <= difference_bound; }
  bool floats_hold() const noexcept { return float_error <= 1; }
  bool tells_enough() const noexcept { return overflow.empty() && skipped * 100 <= checked; }
  bool holds() const noexcept { return differences_hold() && floats_hold() && tells_enough(); }
};

// At the parameters that `net` has, on inputs of which a third are uniform in [0, 1) and the others 0.
//
// The second figure compares each step of backward() with the same step of the equations in double, taken from the floats
// that backward() had before it: they are the equations whose gradient the first figure looks at. So no error is carried
// from step to step, where sums that cancel and kinks would magnify it, and a bound holds whatever the net. With u = 2^-24
// and gamma_n = (n + 10) u / (1 - (n + 10) u) it is 2^-126 for underflow plus
//   gamma_n times the sum of all magnitudes            a sum of n products: z, da, the gradients (n: the batch)
//   (8 + 6 |v|) u (|act(z)| + |residual|)              a; v is that of gelu_tanh, 0 for the others
//   (6 + |z_j - max z|) u (p_j + [j == y]) / batch     dz of the logits
//   4 u |da| max(1, parameter of the activation)       dz of the other layers
// Throws std::bad_alloc, std::invalid_argument for a batch of 0 or a net with more than 2^31 - 1 classes.
gradient_check_result check_gradient(const mlp& net, const gradient_check_options& options = {});

}  // namespace lanewise
