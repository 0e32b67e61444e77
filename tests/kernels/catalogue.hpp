// SPDX-License-Identifier: MIT
// Every public kernel as a maker of calls. A new kernel gets a row here (in its family's NAME_calls.cpp), and with it:
// the error bound, guard pages, poisoned surroundings, equal bits across ISAs, an unchanged floating-point environment.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "kernel_call.hpp"

namespace lanewise::test {

struct shape {
  std::size_t m = 0, n = 0, k = 0;
};

struct catalogued_kernel {
  std::string_view name;
  std::size_t dimensions;  // 1: only n matters, 2: m and n, 3: all
  std::size_t variants;    // combinations of beta, epilogue, what shares memory with what, ...
  kernel_call (*make)(const shape&, std::size_t variant, values, random_source&);
};

const std::vector<catalogued_kernel>& catalogue();

std::vector<catalogued_kernel> activation_calls();
std::vector<catalogued_kernel> elementwise_calls();
std::vector<catalogued_kernel> gemm_calls();
std::vector<catalogued_kernel> gemv_calls();
std::vector<catalogued_kernel> loss_calls();
std::vector<catalogued_kernel> math_calls();
std::vector<catalogued_kernel> sparse_rows_calls();
std::vector<catalogued_kernel> update_calls();

// identity and relu, the first of all_activations: what products have in their own code.
inline constexpr std::size_t inline_activations = 2;

// Takes a variant number apart: each choice() is one digit of it.
class variant_digits {
 public:
  explicit variant_digits(std::size_t variant) : left_(variant) {}
  std::size_t choice(std::size_t count) {
    const std::size_t digit = left_ % count;
    left_ /= count;
    return digit;
  }

 private:
  std::size_t left_;
};

}  // namespace lanewise::test
