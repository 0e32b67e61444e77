// SPDX-License-Identifier: MIT
// Everything a step needs beside the parameters, allocated once: activations, their gradients, packing scratch.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include <lanewise/aligned_buffer.hpp>
#include <lanewise/matrix_view.hpp>
#include <lanewise/model/mlp.hpp>

namespace lanewise {

// For steps of up to max_batch samples on nets with the layers of `net`. Rows are samples; row width is padded_width().
class workspace {
 public:
  workspace(const mlp& net, std::size_t max_batch);  // throws std::bad_alloc, also for sizes beyond any memory

  std::size_t max_batch() const noexcept { return max_batch_; }
  bool fits(const mlp& net) const noexcept;  // whether a step on that net stays inside

  matrix_view<float> z(std::size_t l, std::size_t batch) noexcept { return view(z_[l], batch); }  // W a + b
  matrix_view<float> a(std::size_t l, std::size_t batch) noexcept { return view(a_[l], batch); }  // act(z) (+ residual)
  matrix_view<float> dz(std::size_t l, std::size_t batch) noexcept { return view(dz_[l], batch); }
  matrix_view<float> da(std::size_t l, std::size_t batch) noexcept { return view(da_[l], batch); }
  std::span<float> gradients() noexcept { return gradients_.span(); }  // laid out like mlp::parameters()
  std::span<std::byte> scratch() noexcept { return scratch_.span(); }

 private:
  struct block {
    std::size_t offset = 0;
    std::size_t width = 0;
  };
  matrix_view<float> view(block b, std::size_t batch) noexcept {
    return {storage_.data() + b.offset, batch, b.width};
  }

  std::size_t max_batch_ = 0;
  std::vector<block> z_, a_, dz_, da_;
  aligned_buffer<float> storage_;
  aligned_buffer<float> gradients_;
  aligned_buffer<std::byte> scratch_;
};

}  // namespace lanewise
