// SPDX-License-Identifier: MIT
#include <lanewise/activation.hpp>

#include <array>
#include <string>
#include <utility>

#include "../../kernels/ref/activation.hpp"
#include "../support/activation_bounds.hpp"
#include "vector_calls.hpp"

namespace lanewise::test {
namespace {

kernel_call forward_call(activation act, std::string text, const shape& s, int in_memory_of, values kind,
                         random_source& random) {
  kernel_call call;
  call.text = std::move(text);
  call.operands = {input(random, kind, 1, s.n), output(1, s.n)};
  call.operands[1].in_memory_of = in_memory_of;
  call.run = [act](placed_operands p) {
    activate(act, p[0].vector(), p[1].out_vector());
    return 0.0;
  };
  call.reference = [act](placed_operands p) {
    const std::span<const float> x = p[0].vector();
    expectation e;
    e.want.resize(x.size());
    ref::activate(act, x, e.want);
    for (std::size_t i = 0; i < x.size(); ++i) e.tolerance.push_back(activation_tolerance(act, x[i], e.want[i]));
    return e;
  };
  return call;
}

kernel_call backward_call(activation act, std::string text, const shape& s, int in_memory_of, values kind,
                          random_source& random) {
  kernel_call call;
  call.text = std::move(text);
  call.operands = {input(random, kind, 1, s.n), input(random, kind, 1, s.n), output(1, s.n)};
  call.operands[2].in_memory_of = in_memory_of;
  call.run = [act](placed_operands p) {
    activate_backward(act, p[0].vector(), p[1].vector(), p[2].out_vector());
    return 0.0;
  };
  call.reference = [act](placed_operands p) {
    const std::span<const float> dy = p[1].vector();
    expectation e;
    e.want.resize(dy.size());
    ref::activate_backward(act, p[0].vector(), dy, e.want);
    for (std::size_t i = 0; i < dy.size(); ++i)
      e.tolerance.push_back(activation_backward_tolerance(act, dy[i], e.want[i]));
    return e;
  };
  return call;
}

// identity and relu, which products have in their own code, share rows of the catalogue.

kernel_call make_activate(const shape& s, std::size_t variant, values kind, random_source& random) {
  variant_digits digits(variant);
  const activation act = all_activations[digits.choice(inline_activations)];
  const int in_memory_of = static_cast<int>(digits.choice(2)) - 1;
  return forward_call(act, call_text("activate", s.n, variant), s, in_memory_of, kind, random);
}

kernel_call make_activate_backward(const shape& s, std::size_t variant, values kind, random_source& random) {
  variant_digits digits(variant);
  const activation act = all_activations[digits.choice(inline_activations)];
  const int in_memory_of = static_cast<int>(digits.choice(3)) - 1;
  return backward_call(act, call_text("activate_backward", s.n, variant), s, in_memory_of, kind, random);
}

// A row each for the others, with the usual parameter and with another one.

activation with_some_parameter(activation act, std::size_t choice) {
  if (choice == 1) act.parameter = act.kind == activation_kind::leaky_relu ? 0.25f : 1.75f;
  return act;
}

template <std::size_t index>
kernel_call make_other(const shape& s, std::size_t variant, values kind, random_source& random) {
  variant_digits digits(variant);
  const activation act = with_some_parameter(all_activations[index], digits.choice(2));
  const int in_memory_of = static_cast<int>(digits.choice(2)) - 1;
  return forward_call(act, call_text(name(act).data(), s.n, variant), s, in_memory_of, kind, random);
}

template <std::size_t index>
kernel_call make_other_backward(const shape& s, std::size_t variant, values kind, random_source& random) {
  variant_digits digits(variant);
  const activation act = with_some_parameter(all_activations[index], digits.choice(2));
  const int in_memory_of = static_cast<int>(digits.choice(3)) - 1;
  return backward_call(act, call_text(name(act).data(), s.n, variant), s, in_memory_of, kind, random);
}

template <std::size_t... offsets>
void add_others(std::vector<catalogued_kernel>& rows, std::index_sequence<offsets...>) {
  static const std::array backward_names{std::string(name(all_activations[inline_activations + offsets])) + "_backward"...};
  const auto add = [&](std::string_view forward, auto make, std::string_view backward, auto make_backward) {
    rows.push_back({forward, 1, 4, make});
    rows.push_back({backward, 1, 6, make_backward});
  };
  (add(name(all_activations[inline_activations + offsets]), make_other<inline_activations + offsets>,
       backward_names[offsets], make_other_backward<inline_activations + offsets>),
   ...);
}

}  // namespace

std::vector<catalogued_kernel> activation_calls() {
  std::vector<catalogued_kernel> rows{{"activate", 1, inline_activations * 2, make_activate},
                                      {"activate_backward", 1, inline_activations * 3, make_activate_backward}};
  add_others(rows, std::make_index_sequence<all_activations.size() - inline_activations>{});
  return rows;
}

}  // namespace lanewise::test
