// SPDX-License-Identifier: MIT
#include <lanewise/update.hpp>

#include "../../kernels/ref/update.hpp"
#include "vector_calls.hpp"

namespace lanewise::test {
namespace {

kernel_call make_sgd(const shape& s, std::size_t variant, values kind, random_source& random) {
  const float lr = variant == 0 ? 0.005f : 1.0f;
  kernel_call call;
  call.text = call_text("sgd", s.n, variant);
  call.operands = {input(random, kind, 1, s.n), updated(random, kind, 1, s.n)};
  call.run = [lr](placed_operands p) {
    sgd(lr, p[0].vector(), p[1].out_vector());
    return 0.0;
  };
  call.reference = [lr](placed_operands p) {
    std::vector<double> w(p[0].cols);
    ref::sgd(lr, p[0].vector(), p[1].vector(), w);
    return rounded_once(w);
  };
  return call;
}

}  // namespace

std::vector<catalogued_kernel> update_calls() { return {{"sgd", 1, 2, make_sgd}}; }

}  // namespace lanewise::test
