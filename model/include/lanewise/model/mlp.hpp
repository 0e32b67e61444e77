// SPDX-License-Identifier: MIT
// A multi-layer perceptron: a list of layers and one flat block of parameters. Shapes are known at run time.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <lanewise/activation.hpp>
#include <lanewise/aligned_buffer.hpp>
#include <lanewise/matrix_view.hpp>

namespace lanewise {

// a_out = act(W a_in + b) (+ a_in if residual)
struct layer {
  std::size_t in = 0;
  std::size_t out = 0;
  activation act = activation::identity;
  bool residual = false;  // needs in == out

  friend bool operator==(const layer&, const layer&) = default;
};

// "784-16-16r-10": input width, hidden widths with activation `hidden`, at last the logits (no activation, no residual).
// `r` adds the layer's input after the activation and needs equal widths. Widths are 1 to 2^20.
// Throws std::invalid_argument whose what() is one line: what is wrong, at which part, what to write instead.
std::vector<layer> parse_layers(std::string_view text, activation hidden = activation::relu);
std::string layers_to_string(std::span<const layer> layers);  // the inverse

// "gelu", "leaky-relu:0.2": a name of activation_table, with a parameter where it has one and this is not to be the usual
// one; -0 is 0.
// Throws std::invalid_argument as parse_layers() does.
activation parse_activation(std::string_view text);
std::string activation_to_string(activation act);  // the inverse; always says the parameter where there is one
std::string activation_choices();                  // "identity, relu, leaky-relu[:slope], ..."

// The layers with another activation of all hidden ones.
std::vector<layer> with_hidden_activation(std::vector<layer> layers, activation act);

// Parameters in memory, layer after layer: W as [in][padded out], then b as [padded out]; padded_width() floats a row,
// the ones beyond `out` zero for ever (kernels then need no tails). Moves; clone() copies.
class mlp {
 public:
  // All parameters zero. Throws std::invalid_argument if the layers do not fit together or an activation is not
  // valid, std::bad_alloc if too large.
  explicit mlp(std::vector<layer> layers);
  mlp clone() const;

  std::span<const layer> layers() const noexcept { return layers_; }
  std::size_t inputs() const noexcept { return layers_.front().in; }
  std::size_t classes() const noexcept { return layers_.back().out; }
  std::size_t parameter_count() const noexcept;  // without padding: 13,002 for the seed's net

  // The flat block, and the views of layer l into it or into another block of the same layout (gradients).
  std::span<float> parameters() noexcept { return parameters_.span(); }
  std::span<const float> parameters() const noexcept { return parameters_.span(); }
  matrix_view<float> weights(std::size_t l) noexcept { return weights_in(parameters(), l); }            // [in, padded out]
  matrix_view<const float> weights(std::size_t l) const noexcept { return weights_in(parameters(), l); }
  std::span<float> bias(std::size_t l) noexcept { return bias_in(parameters(), l); }                    // [padded out]
  std::span<const float> bias(std::size_t l) const noexcept { return bias_in(parameters(), l); }

  template <class T>
  matrix_view<T> weights_in(std::span<T> block, std::size_t l) const noexcept {
    return {block.data() + offsets_[l], layers_[l].in, padded_width(layers_[l].out)};
  }
  template <class T>
  std::span<T> bias_in(std::span<T> block, std::size_t l) const noexcept {
    const std::size_t width = padded_width(layers_[l].out);
    return block.subspan(offsets_[l] + layers_[l].in * width, width);
  }

  // A multiple of 16 floats: one cache line, one zmm, two ymm. But not of 256: rows whole KB apart meet in a few sets of the caches
  // (a step of 1024 wide, batch 64, took 10 % longer, of 256 wide, batch 1, 7 %).
  static constexpr std::size_t padded_width(std::size_t width) noexcept {
    const std::size_t lines = (width + 15) / 16;
    return 16 * (lines % 16 == 0 ? lines + 1 : lines);
  }

 private:
  std::vector<layer> layers_;
  std::vector<std::size_t> offsets_;
  aligned_buffer<float> parameters_;
};

bool all_finite(std::span<const float> values) noexcept;

}  // namespace lanewise
