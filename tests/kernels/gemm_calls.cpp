// SPDX-License-Identifier: MIT
#include <lanewise/gemm.hpp>

#include <array>

#include "../../kernels/ref/gemm.hpp"
#include "../support/text.hpp"
#include "product_calls.hpp"

namespace lanewise::test {
namespace {

using op = product_operands;

enum class scratch_size { none, full, too_small, misaligned };

const char* describe(scratch_size size) {
  constexpr std::array words{"no scratch", "scratch", "too little scratch", "misaligned scratch"};
  return words[static_cast<std::size_t>(size)];
}

// `full` is what gemm_scratch_bytes() asks for; the misaligned one begins one byte later.
operand scratch_for(const shape& s, scratch_size size) {
  const std::size_t words = gemm_scratch_bytes(s.m, s.n, s.k) / 4;
  operand scratch = output(1, size == scratch_size::none ? 0 : size == scratch_size::too_small ? words / 2 : words);
  scratch.mode = access::scratch;
  return scratch;
}

std::span<std::byte> scratch_of(const placed& scratch, scratch_size size) {
  const std::span<std::byte> bytes = scratch.bytes();
  return size == scratch_size::misaligned && !bytes.empty() ? bytes.subspan(1) : bytes;
}

template <auto kernel, auto reference, bool a_transposed, bool b_transposed, activations which = activations::in_product>
kernel_call make_product(const char* name, const shape& s, std::size_t variant, values kind, random_source& random) {
  variant_digits digits(variant);
  const product_options options = take_product_options(which, digits);
  const auto size = static_cast<scratch_size>(digits.choice(4));

  kernel_call call;
  call.text = text(name, " ", s.m, " x ", s.n, " x ", s.k, ", ", options.text(), ", ", describe(size));
  call.operands.push_back(a_transposed ? input(random, kind, s.k, s.m) : input(random, kind, s.m, s.k));
  call.operands.push_back(b_transposed ? input(random, kind, s.n, s.k) : input(random, kind, s.k, s.n));
  add_output_and_epilogue(call, options, kind, random, s.m, s.n);
  call.operands.push_back(scratch_for(s, size));
  call.run = [options, size](placed_operands p) {
    kernel(p[op::a].matrix(), p[op::b].matrix(), p[op::c].out_matrix(), options.beta, epilogue_of(options, p),
           scratch_of(p[op::scratch], size));
    return 0.0;
  };
  call.reference = [options, s](placed_operands p) {
    std::vector<double> want(s.m * s.n), magnitude(s.m * s.n);
    reference(p[op::a].matrix(), p[op::b].matrix(), p[op::c].matrix(), options.beta, epilogue_of(options, p),
              {want.data(), s.m, s.n}, {magnitude.data(), s.m, s.n});
    return product_expectation(want, magnitude, s.k + 2, s.k, options);
  };
  return call;
}

kernel_call make_nn(const shape& s, std::size_t variant, values kind, random_source& random) {
  return make_product<gemm_nn, ref::gemm_nn, false, false>("gemm_nn", s, variant, kind, random);
}
kernel_call make_nn_activated(const shape& s, std::size_t variant, values kind, random_source& random) {
  return make_product<gemm_nn, ref::gemm_nn, false, false, activations::others>("gemm_nn", s, variant, kind, random);
}
kernel_call make_nt(const shape& s, std::size_t variant, values kind, random_source& random) {
  return make_product<gemm_nt, ref::gemm_nt, false, true>("gemm_nt", s, variant, kind, random);
}
kernel_call make_tn(const shape& s, std::size_t variant, values kind, random_source& random) {
  return make_product<gemm_tn, ref::gemm_tn, true, false>("gemm_tn", s, variant, kind, random);
}

}  // namespace

std::vector<catalogued_kernel> gemm_calls() {
  constexpr std::size_t variants = product_variants(activations::in_product) * 4;
  return {{"gemm_nn", 3, variants, make_nn},
          {"gemm_nt", 3, variants, make_nt},
          {"gemm_tn", 3, variants, make_tn},
          {"gemm_nn, activated", 3, product_variants(activations::others) * 4, make_nn_activated}};
}

}  // namespace lanewise::test
