// SPDX-License-Identifier: MIT
// Forward, backward and plain SGD, layer by layer: the seed's equations. Nothing here allocates.
// x is [batch, inputs], batch at most ws.max_batch(), also as sparse rows: then only the weights of inputs that are listed
// are touched, and the first layer may have no residual. ws was made for a net with these layers; labels.size() == batch.
// Anything else goes to the contract handler. A batch of 0 has loss 0 and changes no parameter.
#pragma once

#include <cstdint>
#include <span>

#include <lanewise/matrix_view.hpp>
#include <lanewise/model/mlp.hpp>
#include <lanewise/model/workspace.hpp>
#include <lanewise/sparse_rows.hpp>

namespace lanewise {

// The logits [batch, classes] of x; they live in the workspace until the next call.
matrix_view<const float> forward(const mlp& net, workspace& ws, const matrix_view<const float>& x) noexcept;
matrix_view<const float> forward(const mlp& net, workspace& ws, const sparse_rows& x) noexcept;

// forward(), then the gradient of the mean loss into ws.gradients(). Returns the sum of the losses of the batch.
double backward(const mlp& net, workspace& ws, const matrix_view<const float>& x,
                std::span<const std::int32_t> labels) noexcept;
double backward(const mlp& net, workspace& ws, const sparse_rows& x, std::span<const std::int32_t> labels) noexcept;

// forward(), then W <- W - lr grad W, b <- b - lr grad b for the mean loss, in place: the gradient is never stored.
// Returns the sum of the losses of the batch before the update. If that sum is not finite nothing is updated.
double sgd_step(mlp& net, workspace& ws, const matrix_view<const float>& x, std::span<const std::int32_t> labels,
                float lr) noexcept;
double sgd_step(mlp& net, workspace& ws, const sparse_rows& x, std::span<const std::int32_t> labels, float lr) noexcept;

}  // namespace lanewise
