// SPDX-License-Identifier: MIT
// The steps of a training run, whichever path it takes: what train() is made of, for loops of one's own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include <lanewise/aligned_buffer.hpp>
#include <lanewise/fused_mlp.hpp>
#include <lanewise/model/data.hpp>
#include <lanewise/model/mlp.hpp>
#include <lanewise/model/optimizer.hpp>
#include <lanewise/model/training_path.hpp>
#include <lanewise/sparse_rows.hpp>

namespace lanewise {

class training_steps {
 public:
  struct outcome {
    double loss = 0;          // sum over the batch, before the update; if it is not finite, nothing was updated
    std::size_t correct = 0;  // of the batch, before the update
  };

  virtual ~training_steps() = default;

  // One step of the optimiser for the mean loss of images order[first] to order[first + batch - 1], all below data.size();
  // batch is at most max_batch of make_training_steps(). Fused steps of one are fastest where they follow `order`.
  virtual outcome run(std::span<const std::uint32_t> order, std::size_t first, std::size_t batch, float lr) = 0;
};

// net and data must outlive it; net must have data's inputs and at least its classes; the fused path is for plain SGD
// only. The optimiser's state begins with zeros. Throws std::bad_alloc.
std::unique_ptr<training_steps> make_training_steps(training_path path, mlp& net, const dataset& data,
                                                    std::size_t max_batch, const update_options& update = {});

// The fused step on net's parameters, for a net that fits it: training_path.hpp. net must outlive it.
fused_mlp fused_view(mlp& net);

// A list for it with its memory, which it keeps when it is moved. Throws std::bad_alloc.
struct owned_pixel_list {
  aligned_buffer<std::uint32_t> offset;
  aligned_buffer<float> value;
  pixel_list list;

  explicit owned_pixel_list(std::size_t inputs)
      : offset(fused_mlp::list_size(inputs)), value(fused_mlp::list_size(inputs)), list{offset.span(), value.span(), 0} {}
};

}  // namespace lanewise
