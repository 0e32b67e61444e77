// SPDX-License-Identifier: MIT
#include <lanewise/model/workspace.hpp>

#include <algorithm>
#include <new>

#include <lanewise/gemm.hpp>

namespace lanewise {

workspace::workspace(const mlp& net, std::size_t max_batch) : max_batch_(max_batch) {
  std::size_t offset = 0;
  std::size_t scratch = 0;
  for (const layer& l : net.layers()) {
    const std::size_t width = mlp::padded_width(l.out);
    for (std::vector<block>* blocks : {&z_, &a_, &dz_, &da_}) {
      blocks->push_back({offset, width});
      std::size_t size = 0;
      if (__builtin_mul_overflow(max_batch, width, &size) || __builtin_add_overflow(offset, size, &offset))
        throw std::bad_alloc();
    }
    scratch = std::max({scratch, gemm_scratch_bytes(max_batch, width, l.in),  // forward
                        gemm_scratch_bytes(max_batch, l.in, width),           // gradient of the input
                        gemm_scratch_bytes(l.in, width, max_batch)});         // gradient of the weights
  }
  storage_ = aligned_buffer<float>(offset);
  gradients_ = aligned_buffer<float>(net.parameters().size());
  scratch_ = aligned_buffer<std::byte>(scratch);
}

bool workspace::fits(const mlp& net) const noexcept {
  const auto as_wide = [](const layer& l, const block& z) { return mlp::padded_width(l.out) == z.width; };
  return net.parameters().size() == gradients_.size() &&
         std::equal(net.layers().begin(), net.layers().end(), z_.begin(), z_.end(), as_wide);
}

}  // namespace lanewise
