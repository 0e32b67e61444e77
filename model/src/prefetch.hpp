// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <span>

#include <lanewise/model/data.hpp>

namespace lanewise {

// Image i is fetched into the caches. Inlined at once: gcc would find that a function which only prefetches has no effect, and
// drop its calls.
[[gnu::always_inline]] inline void prefetch_image(const dataset& data, std::size_t i) noexcept {
  const std::span<const std::uint8_t> image = data.image(i);
  for (std::size_t byte = 0; byte < image.size(); byte += 64) __builtin_prefetch(image.data() + byte);
}

}  // namespace lanewise
