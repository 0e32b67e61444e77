// SPDX-License-Identifier: MIT
#include <lanewise/fused_mlp.hpp>

#include <bit>

#include <lanewise/sparse_rows.hpp>

#include "dispatch.hpp"
#include "expects.hpp"
#include "per_isa.hpp"

namespace lanewise {
namespace {

listed_pixels listed(const pixel_list& x) noexcept {
  LANEWISE_EXPECTS(x.count <= x.offset.size() && x.count <= x.value.size(), "fused_mlp: x.count must fit its lists");
  return {x.count, x.offset.data(), x.value.data()};
}

}  // namespace

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
    LANEWISE_EXPECTS(l > 0 || in <= (std::uint64_t{1} << 32) / out,
                     "fused_mlp: the first layer must have at most 2^32 weights");
    layers_[l] = {here.weights.data(), here.bias.data(), in, out, here.residual};
  }
}

pixels_call fused_mlp::pixels_of(std::span<const std::uint8_t> image, const pixel_list& list) const noexcept {
  LANEWISE_EXPECTS(list.offset.size() >= pixel_list_size(image.size()) &&
                       list.value.size() >= pixel_list_size(image.size()),
                   "fused_mlp: a list must have room for pixel_list_size(inputs)");
  const auto shift = static_cast<unsigned>(std::countr_zero(layers_[0].out));
  return {image.size(), image.data(), shift, list.offset.data(), list.value.data()};
}

void fused_mlp::list_pixels(std::span<const std::uint8_t> image, pixel_list& list) const noexcept {
  LANEWISE_EXPECTS(image.size() == layers_[0].in, "fused_mlp: image must have the net's inputs");
  static constexpr auto fn = per_isa([]<class I> { return &sparse_rows_kernels<I>::nonzero_pixels; });
  list.count = fn[active_index()](pixels_of(image, list));
}

void fused_mlp::forward(const pixel_list& x, std::span<float> logits) const noexcept {
  LANEWISE_EXPECTS(logits.size() == classes_, "fused_mlp: logits.size() must equal classes");
  static constexpr auto fn = per_isa([]<class I> { return &fused_mlp_kernels<I>::forward; });
  fn[active_index()]({layers_.data(), count_, classes_}, listed(x), logits.data());
}

fused_mlp::result fused_mlp::sgd_step(const pixel_list& x, std::int32_t label, float lr,
                                      std::span<const std::uint8_t> next_image, pixel_list& next) noexcept {
  LANEWISE_EXPECTS(label >= 0 && static_cast<std::size_t>(label) < classes_, "fused_mlp: label must be below classes");
  LANEWISE_EXPECTS(next_image.empty() || next_image.size() == layers_[0].in,
                   "fused_mlp: next_image must have the net's inputs");
  static constexpr auto fn = per_isa([]<class I> { return &fused_mlp_kernels<I>::sgd_step; });
  const fused_result r = fn[active_index()]({{layers_.data(), count_, classes_}, listed(x), label, -lr,
                                             pixels_of(next_image, next)});
  next.count = r.next_count;
  return {r.loss, r.correct};
}

}  // namespace lanewise
