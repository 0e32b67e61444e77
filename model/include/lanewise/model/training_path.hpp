// SPDX-License-Identifier: MIT
// Which of several ways through the same mathematics a run takes. They round differently, so the way is chosen once, by rule
// from data and shapes alone, the same on every machine; never by timing.
#pragma once

#include <cstddef>
#include <span>

#include <lanewise/model/data.hpp>
#include <lanewise/model/mlp.hpp>
#include <lanewise/model/optimizer.hpp>

namespace lanewise {

enum class training_path {
  dense,    // layer by layer, all pixels
  nonzero,  // layer by layer; the first layer touches only the weights of pixels that are not zero
  fused,    // the same in one function a sample (lanewise/fused_mlp.hpp)
};

// Below this share of pixels that are not zero, touching only their weights is faster, forward and in the update, at any
// width.
inline constexpr double nonzero_path_below = 0.25;

// Larger batches go faster as matrix products through layers that are wider than this.
inline constexpr std::size_t fused_batch_limit = 8, fused_width_of_any_batch = 16;

// What keeps steps that skip zero pixels from being fused; the first that applies.
enum class fused_obstacle {
  none,
  optimizer,   // not plain SGD: others change weights whose gradient is 0, too, and store the gradient first
  shape,       // not 16, 32, 64 or 128 units in each of 1 to 63 hidden layers and at most 16 classes
  activation,  // not ReLU
  batch,       // above fused_batch_limit in a net wider than fused_width_of_any_batch
};

fused_obstacle why_not_fused(std::span<const layer> layers, std::size_t batch, const update_options& update) noexcept;

// dense for other data, and where the first layer adds its input as a residual, which needs all of it. Otherwise
// fused if nothing keeps it from being that, else nonzero.
training_path choose_training_path(std::span<const layer> layers, const dataset& data, std::size_t batch,
                                   const update_options& update = {}) noexcept;

}  // namespace lanewise
