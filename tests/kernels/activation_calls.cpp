// SPDX-License-Identifier: MIT
#include <lanewise/activation.hpp>

#include "../../kernels/ref/activation.hpp"
#include "vector_calls.hpp"

namespace lanewise::test {
namespace {

kernel_call make_activate(const shape& s, std::size_t variant, values kind, random_source& random) {
  variant_digits digits(variant);
  const activation act = all_activations[digits.choice(all_activations.size())];
  kernel_call call;
  call.text = call_text("activate", s.n, variant);
  call.operands = {input(random, kind, 1, s.n), output(1, s.n)};
  call.operands[1].in_memory_of = static_cast<int>(digits.choice(2)) - 1;
  call.run = [act](placed_operands p) {
    activate(act, p[0].vector(), p[1].out_vector());
    return 0.0;
  };
  call.reference = [act](placed_operands p) {
    std::vector<double> y(p[0].cols);
    ref::activate(act, p[0].vector(), y);
    return rounded_once(y);
  };
  return call;
}

kernel_call make_activate_backward(const shape& s, std::size_t variant, values kind, random_source& random) {
  variant_digits digits(variant);
  const activation act = all_activations[digits.choice(all_activations.size())];
  kernel_call call;
  call.text = call_text("activate_backward", s.n, variant);
  call.operands = {input(random, kind, 1, s.n), input(random, kind, 1, s.n), output(1, s.n)};
  call.operands[2].in_memory_of = static_cast<int>(digits.choice(3)) - 1;
  call.run = [act](placed_operands p) {
    activate_backward(act, p[0].vector(), p[1].vector(), p[2].out_vector());
    return 0.0;
  };
  call.reference = [act](placed_operands p) {
    std::vector<double> dx(p[0].cols);
    ref::activate_backward(act, p[0].vector(), p[1].vector(), dx);
    return rounded_once(dx);
  };
  return call;
}

}  // namespace

std::vector<catalogued_kernel> activation_calls() {
  return {{"activate", 1, all_activations.size() * 2, make_activate},
          {"activate_backward", 1, all_activations.size() * 3, make_activate_backward}};
}

}  // namespace lanewise::test
