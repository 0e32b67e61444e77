// SPDX-License-Identifier: MIT
#include <lanewise/model/workspace.hpp>

#include <algorithm>

#include <lanewise/gemm.hpp>

namespace lanewise {

workspace::workspace(const mlp& net, std::size_t max_batch) : max_batch_(max_batch) {
  std::size_t offset = 0;
  std::size_t scratch = 0;
  for (const layer& l : net.layers()) {
    const std::size_t width = mlp::padded_width(l.out);
    for (std::vector<block>* blocks : {&z_, &a_, &dz_, &da_}) {
      blocks->push_back({offset, width});
      offset += max_batch * width;
    }
    scratch = std::max({scratch, gemm_scratch_bytes(max_batch, width, l.in),  // forward
                        gemm_scratch_bytes(max_batch, l.in, width),           // gradient of the input
                        gemm_scratch_bytes(l.in, width, max_batch)});         // gradient of the weights
  }
  storage_ = aligned_buffer<float>(offset);
  gradients_ = aligned_buffer<float>(net.parameters().size());
  scratch_ = aligned_buffer<std::byte>(scratch);
}

}  // namespace lanewise
