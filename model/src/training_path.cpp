// SPDX-License-Identifier: MIT
#include <lanewise/model/training_path.hpp>

#include <lanewise/fused_mlp.hpp>

namespace lanewise {
namespace {

bool fits_fused(std::span<const layer> layers, std::size_t batch) noexcept {
  if (layers.size() < 2 || layers.size() > fused_mlp::max_layers || layers.back().out > fused_mlp::max_classes) return false;
  for (const layer& l : layers.first(layers.size() - 1)) {
    if (!fused_mlp::is_fused_width(l.out) || l.act != activation::relu) return false;
    if (batch > fused_batch_limit && l.out > fused_width_of_any_batch) return false;
  }
  return true;
}

}  // namespace

training_path choose_training_path(std::span<const layer> layers, const dataset& data, std::size_t batch,
                                   const update_options& update) noexcept {
  const bool adds_input = !layers.empty() && layers.front().residual;
  if (data.nonzero_share() >= nonzero_path_below || adds_input) return training_path::dense;
  const bool goes_fused = update.is_plain_sgd() && fits_fused(layers, batch);
  return goes_fused ? training_path::fused : training_path::nonzero;
}

}  // namespace lanewise
