// SPDX-License-Identifier: MIT
#include "catalogue.hpp"

namespace lanewise::test {

const std::vector<catalogued_kernel>& catalogue() {
  static const std::vector<catalogued_kernel> all = [] {
    std::vector<catalogued_kernel> kernels;
    for (const auto family :
         {gemv_calls, gemm_calls, activation_calls, elementwise_calls, loss_calls, math_calls, sparse_rows_calls,
                              update_calls})
      for (const catalogued_kernel& kernel : family()) kernels.push_back(kernel);
    return kernels;
  }();
  return all;
}

}  // namespace lanewise::test
