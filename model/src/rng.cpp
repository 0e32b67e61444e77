// SPDX-License-Identifier: MIT
#include <lanewise/model/rng.hpp>

#include <utility>

namespace lanewise {

philox_block philox4x32_10(philox_block counter, std::array<std::uint32_t, 2> key) noexcept {
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t product0 = std::uint64_t{0xD2511F53} * counter[0];
    const std::uint64_t product1 = std::uint64_t{0xCD9E8D57} * counter[2];
    counter = {static_cast<std::uint32_t>(product1 >> 32) ^ counter[1] ^ key[0], static_cast<std::uint32_t>(product1),
               static_cast<std::uint32_t>(product0 >> 32) ^ counter[3] ^ key[1], static_cast<std::uint32_t>(product0)};
    key[0] += 0x9E3779B9;
    key[1] += 0xBB67AE85;
  }
  return counter;
}

random_stream::random_stream(std::uint64_t seed, stream which, std::uint32_t epoch) noexcept
    : seed_(seed), stream_(which), epoch_(epoch) {}

std::uint32_t random_stream::next() noexcept {
  const std::uint64_t index = position_ / 4;
  if (position_ % 4 == 0 || !block_is_current_) {
    const std::array key{static_cast<std::uint32_t>(seed_), static_cast<std::uint32_t>(seed_ >> 32)};
    block_ = philox4x32_10({static_cast<std::uint32_t>(index), static_cast<std::uint32_t>(index >> 32), epoch_,
                            static_cast<std::uint32_t>(stream_)},
                           key);
    block_is_current_ = true;
  }
  return block_[position_++ % 4];
}

std::uint32_t random_stream::below(std::uint32_t bound) noexcept {
  // The high half of bits * bound is uniform once the few low halves that would favour some values are drawn again
  // (Lemire, "Fast random integer generation in an interval", 2019).
  const std::uint32_t unfair = (0u - bound) % bound;
  while (true) {
    const std::uint64_t product = std::uint64_t{next()} * bound;
    if (static_cast<std::uint32_t>(product) >= unfair) return static_cast<std::uint32_t>(product >> 32);
  }
}

float random_stream::uniform() noexcept { return static_cast<float>(next() >> 8) * 0x1p-24f; }

void random_stream::skip_to(std::uint64_t position) noexcept {
  position_ = position;
  block_is_current_ = false;
}

void shuffle(std::span<std::uint32_t> values, random_stream& random) noexcept {
  for (std::size_t i = values.size(); i > 1; --i)
    std::swap(values[i - 1], values[random.below(static_cast<std::uint32_t>(i))]);
}

}  // namespace lanewise
