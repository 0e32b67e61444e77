// SPDX-License-Identifier: MIT
#include <lanewise/model/rng.hpp>

#include <array>
#include <cmath>
#include <utility>

#include <lanewise/math.hpp>

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

float random_stream::normal() noexcept { return normal_quantile((static_cast<double>(next()) + 0.5) * 0x1p-32); }

void random_stream::skip_to(std::uint64_t position) noexcept {
  position_ = position;
  block_is_current_ = false;
}

float normal_quantile(double p) noexcept {
  const double q = p - 0.5;
  if (std::abs(q) <= 0.425) {
    const double r = 0.180625 - q * q;
    return static_cast<float>(q * (((59.109374720 * r + 159.29113202) * r + 50.434271938) * r + 3.3871327179) /
                              (((67.187563600 * r + 78.757757664) * r + 17.895169469) * r + 1.0));
  }
  std::array<float, 1> tail{static_cast<float>(q < 0 ? p : 1.0 - p)};
  log(tail, tail);
  double r = std::sqrt(-static_cast<double>(tail[0])), x = 0;
  if (r <= 5.0) {
    r -= 1.6;
    x = (((0.17023821103 * r + 1.3067284816) * r + 2.7568153900) * r + 1.4234372777) /
        ((0.12021132975 * r + 0.73700164250) * r + 1.0);
  } else {
    r -= 5.0;
    x = (((0.017337203997 * r + 0.42868294337) * r + 3.0812263860) * r + 6.6579051150) /
        ((0.012258202635 * r + 0.24197894225) * r + 1.0);
  }
  return static_cast<float>(q < 0 ? -x : x);
}

void shuffle(std::span<std::uint32_t> values, random_stream& random) noexcept {
  for (std::size_t i = values.size(); i > 1; --i)
    std::swap(values[i - 1], values[random.below(static_cast<std::uint32_t>(i))]);
}

}  // namespace lanewise
