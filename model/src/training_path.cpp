// SPDX-License-Identifier: MIT
#include <lanewise/model/training_path.hpp>

#include <algorithm>

#include <lanewise/fused_mlp.hpp>

namespace lanewise {
namespace {

bool has_fused_shape(std::span<const layer> layers) noexcept {
  return layers.size() >= 2 && layers.size() <= fused_mlp::max_layers && layers.back().out <= fused_mlp::max_classes &&
         std::ranges::all_of(layers.first(layers.size() - 1), fused_mlp::is_fused_width, &layer::out);
}

}  // namespace

fused_obstacle why_not_fused(std::span<const layer> layers, std::size_t batch, const update_options& update) noexcept {
  if (!update.is_plain_sgd()) return fused_obstacle::optimizer;
  if (!has_fused_shape(layers)) return fused_obstacle::shape;
  const std::span<const layer> hidden = layers.first(layers.size() - 1);
  if (std::ranges::any_of(hidden, [](const layer& l) { return l.act != activation::relu; }))
    return fused_obstacle::activation;
  const bool is_wide = std::ranges::any_of(hidden, [](const layer& l) { return l.out > fused_width_of_any_batch; });
  return is_wide && batch > fused_batch_limit ? fused_obstacle::batch : fused_obstacle::none;
}

training_path choose_training_path(std::span<const layer> layers, const dataset& data, std::size_t batch,
                                   const update_options& update) noexcept {
  const bool adds_input = !layers.empty() && layers.front().residual;
  if (data.nonzero_share() >= nonzero_path_below || adds_input) return training_path::dense;
  const bool goes_fused = why_not_fused(layers, batch, update) == fused_obstacle::none;
  return goes_fused ? training_path::fused : training_path::nonzero;
}

}  // namespace lanewise
