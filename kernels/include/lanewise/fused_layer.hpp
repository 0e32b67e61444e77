// SPDX-License-Identifier: MIT
// A layer of a fused_mlp as it is computed with.
#pragma once

#include <cstddef>

namespace lanewise {

struct fused_layer {
  float* weights;  // [in][out]
  float* bias;
  std::size_t in, out;
  bool residual;
};

}  // namespace lanewise
