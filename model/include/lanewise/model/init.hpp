// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

#include <lanewise/model/mlp.hpp>

namespace lanewise {

// W ~ U(-alpha, alpha), alpha = sqrt(6 / (fan_in + fan_out)); b = 0 (Glorot and Bengio 2010; the seed's choice).
// Numbered by logical (layer, out, in), so the memory layout never changes a value.
void xavier_uniform(mlp& net, std::uint64_t seed) noexcept;

}  // namespace lanewise
