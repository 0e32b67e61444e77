// SPDX-License-Identifier: MIT
// The first weights of a net.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include <lanewise/model/mlp.hpp>

namespace lanewise {

// How the weights of a layer are drawn; U: uniform, N: normal, with its variance. Names are those of the command line.
enum class initializer : std::uint8_t {
  xavier_uniform,  // U(-alpha, alpha), alpha = sqrt(6 / (fan_in + fan_out))  (Glorot and Bengio 2010; the seed's)
  xavier_normal,   // N(0, 2 / (fan_in + fan_out))
  he_uniform,      // U(-alpha, alpha), alpha = sqrt(6 / fan_in)  (He et al. 2015, for ReLU)
  he_normal,       // N(0, 2 / fan_in)
};

inline constexpr std::array all_initializers{initializer::xavier_uniform, initializer::xavier_normal,
                                             initializer::he_uniform, initializer::he_normal};

constexpr std::string_view name(initializer init) noexcept {
  constexpr std::array<std::string_view, all_initializers.size()> names{"xavier-uniform", "xavier-normal", "he-uniform",
                                                                        "he-normal"};
  return names[static_cast<std::size_t>(init)];
}

// Draws all weights; biases become 0. Numbered by logical (layer, out, in), so the memory layout never changes a value.
void initialize(mlp& net, initializer init, std::uint64_t seed) noexcept;

inline void xavier_uniform(mlp& net, std::uint64_t seed) noexcept {
  initialize(net, initializer::xavier_uniform, seed);
}

}  // namespace lanewise
