// SPDX-License-Identifier: MIT
// Activation functions, element by element, and their derivatives.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace lanewise {

// Formulas in double: kernels/ref/activation.hpp. Names are those of the command line.
enum class activation : std::uint8_t {
  identity,  // f(t) = t                f'(t) = 1
  relu,      // f(t) = t <= 0 ? 0 : t   f'(t) = t > 0 ? 1 : 0     so f(NaN) = NaN and f(-0) = +0
};

inline constexpr std::array all_activations{activation::identity, activation::relu};

// False for what a cast made of some other number. Such an activation goes to the contract handler of every kernel.
constexpr bool is_known(activation act) noexcept { return static_cast<std::size_t>(act) < all_activations.size(); }

constexpr std::string_view name(activation act) noexcept {
  constexpr std::array<std::string_view, all_activations.size()> names{"identity", "relu"};
  return is_known(act) ? names[static_cast<std::size_t>(act)] : "unknown";
}

constexpr std::optional<activation> activation_from_name(std::string_view text) noexcept {
  for (const activation act : all_activations)
    if (name(act) == text) return act;
  return std::nullopt;
}

// y_i = f(x_i). Sizes equal. y may be x itself; no other overlap.
void activate(activation act, std::span<const float> x, std::span<float> y) noexcept;

// dx_i = dy_i * f'(x_i), x being what activate() was given. relu: dx_i = x_i > 0 ? dy_i : 0, so a NaN in x gives 0.
// Sizes equal. dx may be dy or x itself; no other overlap.
void activate_backward(activation act, std::span<const float> x, std::span<const float> dy,
                       std::span<float> dx) noexcept;

}  // namespace lanewise
