// SPDX-License-Identifier: MIT
#include <lanewise/fused_mlp.hpp>

#include <lanewise/sparse_rows.hpp>

#include "dispatch.hpp"
#include "expects.hpp"
#include "per_isa.hpp"

namespace lanewise {

fused_mlp::fused_mlp(std::span<const fused_layer_views> layers, std::size_t classes) noexcept
    : count_(layers.size()), classes_(classes) {
  LANEWISE_EXPECTS(count_ >= 2 && count_ <= max_layers, "fused_mlp: must have 2 to max_layers layers");
  LANEWISE_EXPECTS(classes >= 1 && classes <= max_classes, "fused_mlp: classes must be 1 to max_classes");
  for (std::size_t l = 0; l < count_; ++l) {
    const fused_layer_views& here = layers[l];
    const std::size_t in = here.weights.rows(), out = here.weights.cols();
    LANEWISE_EXPECTS(l + 1 < count_ ? is_fused_width(out) : out == max_classes,
                     "fused_mlp: a layer's width must be a fused one, the last one's max_classes");
    LANEWISE_EXPECTS(l == 0 || in == layers[l - 1].weights.cols(), "fused_mlp: a layer's in must be the out before it");
    LANEWISE_EXPECTS(here.weights.stride() == out, "fused_mlp: weights must be without gaps");
    LANEWISE_EXPECTS(here.bias.size() == out, "fused_mlp: bias.size() must equal the layer's out");
    LANEWISE_EXPECTS(!here.residual || (l > 0 && l + 1 < count_ && in == out),
                     "fused_mlp: a residual needs in == out and layers around it");
    layers_[l] = {here.weights.data(), here.bias.data(), in, out, here.residual};
  }
}

fused_mlp::result fused_mlp::sgd_step(const pixel_list& x, std::int32_t label, float lr,
                                      std::span<const std::uint8_t> next_image, pixel_list& next) noexcept {
  [[maybe_unused]] const std::size_t inputs = layers_[0].in;
  LANEWISE_EXPECTS(x.count <= x.index.size() && x.count <= x.value.size(), "fused_mlp: x.count must fit its lists");
  LANEWISE_EXPECTS(label >= 0 && static_cast<std::size_t>(label) < classes_, "fused_mlp: label must be below classes");
  LANEWISE_EXPECTS(next_image.empty() || next_image.size() == inputs, "fused_mlp: next_image must have the net's inputs");
  LANEWISE_EXPECTS(next.index.size() >= pixel_list_size(next_image.size()) &&
                       next.value.size() >= pixel_list_size(next_image.size()),
                   "fused_mlp: next must have room for pixel_list_size(next_image.size())");
  static constexpr auto fn = per_isa([]<class I> { return &fused_mlp_kernels<I>::sgd_step; });
  const fused_result r = fn[active_index()]({layers_.data(), count_, classes_, x.count, x.index.data(), x.value.data(),
                                             label, -lr, next_image.size(), next_image.data(), next.index.data(),
                                             next.value.data()});
  next.count = r.next_count;
  return {r.loss, r.correct};
}

}  // namespace lanewise
