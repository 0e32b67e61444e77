// SPDX-License-Identifier: MIT
#include <lanewise/elementwise.hpp>

#include <array>

#include "../../kernels/ref/elementwise.hpp"
#include "vector_calls.hpp"

namespace lanewise::test {
namespace {

// add and add_relu: two inputs, one output, which may be either of them.
template <auto kernel, auto reference>
kernel_call make_sum(const char* name, const shape& s, std::size_t variant, values kind, random_source& random) {
  kernel_call call;
  call.text = call_text(name, s.n, variant);
  call.operands = {input(random, kind, 1, s.n), input(random, kind, 1, s.n), output(1, s.n)};
  call.operands[2].in_memory_of = static_cast<int>(variant) - 1;
  call.run = [](placed_operands p) {
    kernel(p[0].vector(), p[1].vector(), p[2].out_vector());
    return 0.0;
  };
  call.reference = [](placed_operands p) {
    std::vector<double> out(p[0].cols);
    reference(p[0].vector(), p[1].vector(), out);
    return rounded_once(out);
  };
  return call;
}

kernel_call make_add(const shape& s, std::size_t variant, values kind, random_source& random) {
  return make_sum<add, ref::add>("add", s, variant, kind, random);
}
kernel_call make_add_relu(const shape& s, std::size_t variant, values kind, random_source& random) {
  return make_sum<add_relu, ref::add_relu>("add_relu", s, variant, kind, random);
}

kernel_call make_add_relu_backward(const shape& s, std::size_t variant, values kind, random_source& random) {
  constexpr std::array<std::array<int, 2>, 5> dz_and_dr_in{{{-1, -1}, {0, -1}, {1, -1}, {-1, 1}, {0, 1}}};
  kernel_call call;
  call.text = call_text("add_relu_backward", s.n, variant);
  call.operands = {input(random, kind, 1, s.n), input(random, kind, 1, s.n), output(1, s.n), output(1, s.n)};
  call.operands[2].in_memory_of = dz_and_dr_in[variant][0];
  call.operands[3].in_memory_of = dz_and_dr_in[variant][1];
  call.run = [](placed_operands p) {
    add_relu_backward(p[0].vector(), p[1].vector(), p[2].out_vector(), p[3].out_vector());
    return 0.0;
  };
  call.reference = [](placed_operands p) {
    std::vector<double> dz(p[0].cols), dr(p[0].cols);
    ref::add_relu_backward(p[0].vector(), p[1].vector(), dz, dr);
    return rounded_once(dz, dr);
  };
  return call;
}

kernel_call make_axpy(const shape& s, std::size_t variant, values kind, random_source& random) {
  const float alpha = variant == 0 ? -0.7f : 1.0f;
  kernel_call call;
  call.text = call_text("axpy", s.n, variant);
  call.operands = {input(random, kind, 1, s.n), updated(random, kind, 1, s.n)};
  call.run = [alpha](placed_operands p) {
    axpy(alpha, p[0].vector(), p[1].out_vector());
    return 0.0;
  };
  call.reference = [alpha](placed_operands p) {
    std::vector<double> out(p[0].cols);
    ref::axpy(alpha, p[0].vector(), p[1].vector(), out);
    return rounded_once(out);
  };
  return call;
}

kernel_call make_column_sums(const shape& s, std::size_t variant, values kind, random_source& random) {
  constexpr std::array betas{0.0f, 1.0f, -0.75f};
  const float beta = betas[variant];
  kernel_call call;
  call.text = text("column_sums ", s.m, " x ", s.n, ", beta ", beta);
  call.operands = {input(random, kind, s.m, s.n), beta == 0 ? output(1, s.n) : updated(random, kind, 1, s.n)};
  call.run = [beta](placed_operands p) {
    column_sums(p[0].matrix(), p[1].out_vector(), beta);
    return 0.0;
  };
  call.reference = [beta, s](placed_operands p) {
    expectation e;
    e.want.resize(s.n);
    e.tolerance.resize(s.n);
    ref::column_sums(p[0].matrix(), p[1].vector(), beta, e.want, e.tolerance);
    for (double& t : e.tolerance) t = gamma(s.m + 1) * t + smallest_float;
    return e;
  };
  return call;
}

}  // namespace

std::vector<catalogued_kernel> elementwise_calls() {
  return {{"add", 1, 3, make_add},
          {"add_relu", 1, 3, make_add_relu},
          {"add_relu_backward", 1, 5, make_add_relu_backward},
          {"axpy", 1, 2, make_axpy},
          {"column_sums", 2, 3, make_column_sums}};
}

}  // namespace lanewise::test
