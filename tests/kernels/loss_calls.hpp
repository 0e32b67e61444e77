// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <span>

#include "kernel_call.hpp"

namespace lanewise::test {

// What lanewise/loss.hpp promises of the gradients and the summed loss.
expectation softmax_expectation(matrix_view<const float> logits, std::span<const std::int32_t> labels, float scale);

}  // namespace lanewise::test
