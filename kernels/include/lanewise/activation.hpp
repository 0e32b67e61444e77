// SPDX-License-Identifier: MIT
// Activation functions, element by element, and their derivatives.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string_view>

namespace lanewise {

// Formulas in double: kernels/ref/activation.hpp.
enum class activation_kind : std::uint8_t {
  identity,    // f(t) = t                f'(t) = 1
  relu,        // f(t) = t <= 0 ? 0 : t   f'(t) = t > 0 ? 1 : 0     so f(NaN) = NaN and f(-0) = +0
  leaky_relu,  // f(t) = t > 0 ? t : slope t
  elu,         // f(t) = t > 0 ? t : alpha (e^t - 1)
  gelu,        // f(t) = t Phi(t) = t (1 + erf(t / sqrt 2)) / 2     Hendrycks and Gimpel 2016
  gelu_tanh,   // f(t) = t (1 + tanh(sqrt(2 / pi) (t + 0.044715 t^3))) / 2, an approximation of gelu
  silu,        // f(t) = t / (1 + e^-t)   also called swish
  tanh,
  sigmoid,     // f(t) = 1 / (1 + e^-t)
};

struct activation_entry {
  std::string_view name;               // on the command line
  std::string_view parameter = {};     // what activation::parameter is called; empty if there is none
  float usual_parameter = 0;           // PyTorch's default
};

// In the order of activation_kind.
inline constexpr std::array activation_table{
    activation_entry{"identity"},
    activation_entry{"relu"},
    activation_entry{"leaky-relu", "slope", 0.01f},
    activation_entry{"elu", "alpha", 1.0f},
    activation_entry{"gelu"},
    activation_entry{"gelu-tanh"},
    activation_entry{"silu"},
    activation_entry{"tanh"},
    activation_entry{"sigmoid"},
};

struct activation {
  activation_kind kind = activation_kind::identity;
  float parameter = 0;  // slope or alpha; without meaning for the others

  // With the usual parameter.
  static const activation identity, relu, leaky_relu, elu, gelu, gelu_tanh, silu, tanh, sigmoid;

  friend bool operator==(const activation&, const activation&) = default;
};

constexpr activation usual(activation_kind kind) noexcept {
  return {kind, activation_table[static_cast<std::size_t>(kind)].usual_parameter};
}

inline constexpr activation activation::identity = usual(activation_kind::identity);
inline constexpr activation activation::relu = usual(activation_kind::relu);
inline constexpr activation activation::leaky_relu = usual(activation_kind::leaky_relu);
inline constexpr activation activation::elu = usual(activation_kind::elu);
inline constexpr activation activation::gelu = usual(activation_kind::gelu);
inline constexpr activation activation::gelu_tanh = usual(activation_kind::gelu_tanh);
inline constexpr activation activation::silu = usual(activation_kind::silu);
inline constexpr activation activation::tanh = usual(activation_kind::tanh);
inline constexpr activation activation::sigmoid = usual(activation_kind::sigmoid);

inline constexpr auto all_activations = [] {
  std::array<activation, activation_table.size()> all;
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = usual(static_cast<activation_kind>(i));
  return all;
}();

// Whether kernels take it: a kind of the table, a parameter that is finite and not negative. Others go to the contract
// handler.
constexpr bool is_valid(activation act) noexcept {
  return static_cast<std::size_t>(act.kind) < activation_table.size() && act.parameter >= 0 &&
         act.parameter <= std::numeric_limits<float>::max();
}

// Without its parameter.
constexpr std::string_view name(activation act) noexcept {
  return is_valid(act) ? activation_table[static_cast<std::size_t>(act.kind)].name : "unknown";
}

// With the usual parameter.
constexpr std::optional<activation> activation_from_name(std::string_view text) noexcept {
  for (const activation act : all_activations)
    if (name(act) == text) return act;
  return std::nullopt;
}

// y_i = f(x_i). Sizes equal. y may be x itself; no other overlap.
// Errors: identity, relu none, leaky_relu one rounding; tanh, sigmoid 2 ULP; elu, gelu, silu 4 ULP; gelu_tanh 4 + 3 |v| ULP,
// as its v = 2 sqrt(2 / pi) (x + 0.044715 x^3) is rounded.
// NaN gives NaN. At -infinity gelu, gelu_tanh and silu have their limit 0, as for very negative x.
void activate(activation act, std::span<const float> x, std::span<float> y) noexcept;

// dx_i = dy_i f'(x_i), x being what activate() was given, for every activation: the result of gelu, gelu_tanh and silu does
// not tell f', nor does one that a residual was added to.
// relu: dx_i = x_i > 0 ? dy_i : 0, so a NaN in x gives 0. Errors: identity, relu none, leaky_relu one rounding, the
// others 4 u |dy_i|, u = 2^-24, of elu with alpha > 1 alpha times that. Sizes equal. dx may be dy or x itself; no other
// overlap.
void activate_backward(activation act, std::span<const float> x, std::span<const float> dy,
                       std::span<float> dx) noexcept;

}  // namespace lanewise
