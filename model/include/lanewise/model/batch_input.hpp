// SPDX-License-Identifier: MIT
// How the images of a batch reach the first layer: all pixels as floats, or lists of those that are not zero.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <lanewise/aligned_buffer.hpp>
#include <lanewise/model/data.hpp>
#include <lanewise/model/mlp.hpp>
#include <lanewise/model/training_path.hpp>
#include <lanewise/model/workspace.hpp>
#include <lanewise/sparse_rows.hpp>

namespace lanewise {

// The inputs of up to max_batch samples, and the steps of step.hpp on them. dense: all pixels; else lists.
class batch_input {
 public:
  // updated_columns: of the first layer, if its weights will be updated. Throws std::bad_alloc, also for sizes beyond any memory.
  batch_input(training_path path, std::size_t inputs, std::size_t max_batch, std::size_t updated_columns = 0);

  // Takes images indices[0], indices[1], ... of data, whose inputs() are those of this object; labels[r] = the label of image
  // indices[r]. Every index must be < data.size(), labels.size() == indices.size() <= max_batch.
  void gather(const dataset& data, std::span<const std::uint32_t> indices, std::span<std::int32_t> labels) noexcept;

  // forward(), backward() and sgd_step() of what was gathered last.
  matrix_view<const float> forward(const mlp& net, workspace& ws) const noexcept;
  double backward(const mlp& net, workspace& ws, std::span<const std::int32_t> labels) const noexcept;
  double sgd_step(mlp& net, workspace& ws, std::span<const std::int32_t> labels, float lr) const noexcept;

 private:
  matrix_view<const float> dense() const noexcept { return {values_.data(), batch_, inputs_}; }
  sparse_rows nonzero() const noexcept;

  bool is_dense_;
  std::size_t inputs_, max_batch_, words_, batch_ = 0;
  aligned_buffer<float> values_;         // dense: batch x inputs; else of the listed pixels
  aligned_buffer<std::uint32_t> index_;  // of lists
  std::vector<std::uint32_t> starts_;    // of lists
  aligned_buffer<std::uint64_t> bits_;   // of lists: words_ an image; none where updates have no use for them
};

}  // namespace lanewise
