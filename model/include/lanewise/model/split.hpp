// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>

#include <lanewise/model/data.hpp>

namespace lanewise {

struct train_and_validation {
  dataset train;
  dataset validation;
};

// Splits `count` images off for validation, drawn without replacement: the first of all indices shuffled by Philox
// (seed, validation). Both parts keep the order of `data`. Throws std::invalid_argument unless 0 < count < data.size() <= 2^32.
train_and_validation split_validation(const dataset& data, std::size_t count, std::uint64_t seed);

}  // namespace lanewise
