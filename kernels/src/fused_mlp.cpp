// SPDX-License-Identifier: MIT
#include <lanewise/fused_mlp.hpp>

#include <bit>
#include <cstdint>

#include "dispatch.hpp"
#include "expects.hpp"
#include "per_isa.hpp"

namespace lanewise {
namespace {

listed_pixels listed(const pixel_list& x) noexcept {
  LANEWISE_EXPECTS(fused_mlp::list_size(x.count) <= x.offset.size() && fused_mlp::list_size(x.count) <= x.value.size(),
                   "fused_mlp: x.count must fit its lists");
  return {x.count, x.offset.data(), x.value.data()};
}

void require_label([[maybe_unused]] std::int32_t label, [[maybe_unused]] std::size_t classes) noexcept {
  LANEWISE_EXPECTS(label >= 0 && static_cast<std::size_t>(label) < classes, "fused_mlp: label must be below classes");
}

auto list_kernel() noexcept {
  return active_kernel([]<class I> { return &fused_mlp_kernels<I>::list; });
}

constexpr std::size_t cache_line = 64;
std::byte* next_cache_line(std::byte* p) noexcept {
  return p + (cache_line - reinterpret_cast<std::uintptr_t>(p) % cache_line) % cache_line;
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
    layers_[l] = {here.weights.data(), here.bias.data(), in, out, vectors_, here.residual};
    vectors_ += 2 * out;
  }
}

pixels_call fused_mlp::pixels_of(std::span<const std::uint8_t> image, const pixel_list& list,
                                 std::span<const std::uint8_t> later_image) const noexcept {
  LANEWISE_EXPECTS(list.offset.size() >= list_size(image.size()) && list.value.size() >= list_size(image.size()),
                   "fused_mlp: a list must have room for list_size(inputs)");
  LANEWISE_EXPECTS(later_image.empty() || later_image.size() == layers_[0].in,
                   "fused_mlp: later_image must have the net's inputs");
  const auto shift = static_cast<unsigned>(std::countr_zero(layers_[0].out));
  const std::uint8_t* const later = later_image.empty() ? image.data() : later_image.data();
  return {image.size(), image.data(), later, shift, list.offset.data(), list.value.data(),
          nullptr, uses_vbmi2.load(std::memory_order_relaxed)};
}

void fused_mlp::list_pixels(std::span<const std::uint8_t> image, pixel_list& list,
                            std::span<const std::uint8_t> later_image) const noexcept {
  LANEWISE_EXPECTS(image.size() == layers_[0].in, "fused_mlp: image must have the net's inputs");
  list.count = list_kernel()(pixels_of(image, list, later_image));
}

void fused_mlp::forward(const pixel_list& x, std::span<float> logits) const noexcept {
  LANEWISE_EXPECTS(logits.size() == classes_, "fused_mlp: logits.size() must equal classes");
  const auto kernel = active_kernel([]<class I> { return &fused_mlp_kernels<I>::forward; });
  kernel({layers_.data(), count_, classes_}, listed(x), logits.data());
}

fused_mlp::result fused_mlp::sgd_step(const pixel_list& x, std::int32_t label, float lr,
                                      std::span<const std::uint8_t> next_image, pixel_list& next,
                                      std::span<const std::uint8_t> later_image) noexcept {
  require_label(label, classes_);
  LANEWISE_EXPECTS(next_image.empty() || next_image.size() == layers_[0].in,
                   "fused_mlp: next_image must have the net's inputs");
  const auto step = []<class I> { return &fused_mlp_kernels<I>::step; };
  // Of wider nets halves take longer: 32 wide 713 ns, not 647, 64 wide 1480, not 1410, 128 wide 3590, not 3280 (Zen 4).
  const auto kernel = layers_[0].out == 16 ? storing_kernel(step) : active_kernel(step);
  const fused_result r = kernel({{layers_.data(), count_, classes_}, listed(x), label, -lr,
                                 pixels_of(next_image, next, later_image), list_kernel(), &next.count});
  return {r.loss, r.correct};
}

// Scratch: lists as the kernels take them, then each sample's vectors, from a cache line's begin on.
std::size_t fused_mlp::scratch_bytes(std::size_t batch) const noexcept {
  std::size_t bytes = 0;
  const std::size_t of_sample = sizeof(listed_pixels) + vectors_ * sizeof(float);
  if (__builtin_mul_overflow(batch, of_sample, &bytes) || __builtin_add_overflow(bytes, 2 * cache_line, &bytes))
    return SIZE_MAX;
  return bytes;
}

fused_mlp::result fused_mlp::sgd_step(std::span<const pixel_list> x, std::span<const std::int32_t> labels, float lr,
                                      std::span<std::byte> scratch) noexcept {
  const std::size_t batch = x.size();
  LANEWISE_EXPECTS(labels.size() == batch, "fused_mlp: labels.size() must equal x.size()");
  LANEWISE_EXPECTS(scratch.size() >= scratch_bytes(batch), "fused_mlp: scratch must have scratch_bytes(x.size())");
  std::byte* const lists_memory = next_cache_line(scratch.data());
  auto* const lists = reinterpret_cast<listed_pixels*>(lists_memory);
  for (std::size_t s = 0; s < batch; ++s) {
    require_label(labels[s], classes_);
    lists[s] = listed(x[s]);
  }
  auto* const vectors = reinterpret_cast<float*>(next_cache_line(lists_memory + batch * sizeof(listed_pixels)));
  const auto kernel = active_kernel([]<class I> { return &fused_mlp_kernels<I>::batch_step; });
  const float scale = -lr / static_cast<float>(batch);
  const fused_result r = kernel(
      {{layers_.data(), count_, classes_}, batch, lists, labels.data(), scale, vectors, vectors_});
  return {r.loss, r.correct};
}

}  // namespace lanewise
