// SPDX-License-Identifier: MIT
// A layer of a fused_mlp as it is computed with.
#pragma once

#include <cstddef>

namespace lanewise {

struct fused_layer {
  float* weights;  // [in][out]
  float* bias;
  std::size_t in, out;
  std::size_t vectors;  // where z [out] and a [out] of this layer lie among the vectors of a sample; dz takes the place of z
  bool residual;
};

// The zeros behind a list of pixels, at the offset of the last one: sums go over whole blocks of it, updates over whole quads.
inline constexpr std::size_t pixel_list_block = 32;

}  // namespace lanewise
