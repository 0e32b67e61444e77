// SPDX-License-Identifier: MIT
#include <lanewise/math.hpp>

#include "../../kernels/ref/math.hpp"
#include "vector_calls.hpp"

namespace lanewise::test {
namespace {

// Inputs are `scale` times what is drawn; in place for variant 1. Within 1 ULP.
template <auto kernel, auto reference>
kernel_call make_function(const char* name, float scale, const shape& s, std::size_t variant, values kind,
                          random_source& random) {
  kernel_call call;
  call.text = call_text(name, s.n, variant);
  call.operands = {input(random, kind, 1, s.n), output(1, s.n)};
  for (std::uint32_t& bits : call.operands[0].values)
    bits = std::bit_cast<std::uint32_t>(scale * std::bit_cast<float>(bits));
  call.operands[1].in_memory_of = static_cast<int>(variant) - 1;
  call.run = [](placed_operands p) {
    kernel(p[0].vector(), p[1].out_vector());
    return 0.0;
  };
  call.reference = [](placed_operands p) {
    expectation e;
    e.want.resize(p[0].cols);
    reference(p[0].vector(), e.want);
    for (const double want : e.want) e.tolerance.push_back(ulp(want));
    return e;
  };
  return call;
}

kernel_call make_exp(const shape& s, std::size_t variant, values kind, random_source& random) {
  return make_function<exp, ref::exp>("exp", 100.0f, s, variant, kind, random);
}
kernel_call make_log(const shape& s, std::size_t variant, values kind, random_source& random) {
  return make_function<log, ref::log>("log", 1.0f, s, variant, kind, random);
}

}  // namespace

std::vector<catalogued_kernel> math_calls() { return {{"exp", 1, 2, make_exp}, {"log", 1, 2, make_log}}; }

}  // namespace lanewise::test
