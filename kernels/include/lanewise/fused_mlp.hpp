// SPDX-License-Identifier: MIT
// A small perceptron, fused: forward, loss, backward and update of an SGD step are one function, which keeps a sample's
// vectors in the L1 cache and stores no gradient. A step of one sample lists the next image while its sums are under way;
// one of a batch does all forwards and backwards, then all updates in place. After tiny-cuda-nn's fully fused perceptron
// (Mueller 2021), whose hidden widths these are.
//
// For nets whose hidden layers are ReLU, 16, 32, 64 or 128 wide, with at most 16 classes, and whose inputs are mostly zero.
// No allocation, no threads, no state but the active ISA; equal bits on every ISA. What does not fit goes to the contract
// handler before anything is written. Reference: the layer-by-layer step of the model layer.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include <lanewise/fused_layer.hpp>
#include <lanewise/matrix_view.hpp>
#include <lanewise/sparse_rows.hpp>

namespace lanewise {

struct pixels_call;

// a_out = relu(W^T a_in + b) (+ a_in if residual); of the last layer the logits W^T a_in + b.
struct fused_layer_views {
  matrix_view<float> weights;  // [in, out], without gaps; out padded with zeros to 16 in the last layer
  std::span<float> bias;       // [out]
  bool residual = false;       // needs in == out; neither in the first layer nor in the last
};

// The non-zero pixels of an image, in order, as fused_mlp::list_pixels() and sgd_step() make it.
struct pixel_list {
  std::span<std::uint32_t> offset;  // of the pixel's row in the first layer's weights; fused_mlp::list_size(inputs) of each
  std::span<float> value;           // byte / 255
  std::size_t count = 0;            // of pixels
};

class fused_mlp {
 public:
  static constexpr std::size_t max_layers = 64;

  static constexpr bool is_fused_width(std::size_t width) noexcept {
    return width == 16 || width == 32 || width == 64 || width == 128;
  }
  static constexpr std::size_t max_classes = 16;
  // The least size of the spans of a pixel_list: zeros follow the pixels.
  static constexpr std::size_t list_size(std::size_t inputs) noexcept {
    return pixel_list_size(inputs) + pixel_list_block;
  }

  // Keeps pointers to the parameters. 2 to max_layers layers of fused widths that follow each other, at most 2^32 weights
  // in the first.
  fused_mlp(std::span<const fused_layer_views> layers, std::size_t classes) noexcept;

  // list = the pixels of an image that are not zero: as many bytes as the net has inputs. Meanwhile later_image, as many
  // bytes or none, is fetched into the caches: one that is listed some calls later, in an order that no CPU foresees.
  void list_pixels(std::span<const std::uint8_t> image, pixel_list& list,
                   std::span<const std::uint8_t> later_image = {}) const noexcept;

  // The logits of the image whose non-zero pixels are x. logits.size() == classes; sums as sgd_step()'s.
  void forward(const pixel_list& x, std::span<float> logits) const noexcept;

  // Of all samples of a step, before the update.
  struct result {
    double loss = 0;          // the sum; if it is not finite, nothing was updated
    std::size_t correct = 0;  // how many have the lowest of the largest logits at the label
  };

  // W <- W - lr grad W, b <- b - lr grad b for the loss of one sample, whose non-zero pixels are x. Fills `next` with the
  // list of next_image (as many bytes as the net has inputs, or none) as list_pixels() does. 0 <= label < classes.
  //
  // Sums: the first layer's as spmm_nn(). Others forward: columns in tiles of t = min(out, 64), in each 64 / t chains of
  // fma, row i in chain i mod (64 / t); (c0 + c1) + (c2 + c3); the bias last. Backward: 32 virtual lanes as gemv(), then + the
  // residual. Updates round once, as ger(). Every sum is within the gamma bound of its number of terms + 10.
  result sgd_step(const pixel_list& x, std::int32_t label, float lr, std::span<const std::uint8_t> next_image,
                  pixel_list& next, std::span<const std::uint8_t> later_image = {}) noexcept;

  // The same for the mean loss of a batch: W <- W - lr / n sum of grad W. x.size() == labels.size() == n, and scratch has at
  // least scratch_bytes(n), of any alignment; its contents after the call are unspecified. Sums as above; a weight is a
  // chain of fma over the samples in order, which the gamma bound of n + 1 terms more holds for.
  result sgd_step(std::span<const pixel_list> x, std::span<const std::int32_t> labels, float lr,
                  std::span<std::byte> scratch) noexcept;

  // SIZE_MAX if they are more than that.
  std::size_t scratch_bytes(std::size_t batch) const noexcept;

 private:
  pixels_call pixels_of(std::span<const std::uint8_t> image, const pixel_list& list,
                        std::span<const std::uint8_t> later_image) const noexcept;

  std::array<fused_layer, max_layers> layers_{};
  std::size_t count_ = 0;
  std::size_t classes_ = 0;
  std::size_t vectors_ = 0;  // floats that a sample leaves behind in all layers
};

}  // namespace lanewise
