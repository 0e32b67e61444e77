// SPDX-License-Identifier: MIT
#include <lanewise/model/split.hpp>

#include <algorithm>
#include <numeric>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include <lanewise/model/rng.hpp>

namespace lanewise {

train_and_validation split_validation(const dataset& data, std::size_t count, std::uint64_t seed) {
  if (count == 0 || count >= data.size() || data.size() > std::size_t{1} << 32)
    throw std::invalid_argument("validation: " + std::to_string(count) + " of " + std::to_string(data.size()) +
                                " images; choose at least 1, and leave some to train on");
  std::vector<std::uint32_t> order(data.size());
  std::iota(order.begin(), order.end(), 0u);
  random_stream random(seed, stream::validation);
  shuffle(order, random);
  const auto border = order.begin() + static_cast<std::ptrdiff_t>(count);
  std::sort(order.begin(), border);
  std::sort(border, order.end());
  return {data.select({border, order.end()}), data.select({order.begin(), border})};
}

}  // namespace lanewise
