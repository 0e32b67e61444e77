// SPDX-License-Identifier: MIT
// The list of the pixels of an image that are not zero; with each cache line of it one of an image that is listed later is
// fetched.
#pragma once

#include "../per_isa.hpp"
#include "loop.hpp"
#if defined(__AVX512F__)
#include "ops_vbmi2.hpp"
#endif

namespace lanewise::simd {
namespace {

// Up to 512 bytes as 64 groups of 8: which groups are live, that is not all zero, and in each of them which bytes. In a
// picture with margins that is some 40 of 98, and only these are looked at.
class pixel_block {
 public:
  static constexpr std::size_t size = 512;

  // `before`: how many bytes of the image lie before p. `later`: n bytes to fetch.
  pixel_block(const std::uint8_t* p, std::size_t n, std::size_t before, unsigned shift, const std::uint8_t* later) noexcept
      : p_(p), n_(n), first_(static_cast<std::uint32_t>(before)), shift_(shift) {
    std::uint64_t live = 0;  // not live_: stores to bits_, which are of bytes, might be to it
    std::size_t i = 0;
    for (; i + 64 <= n; i += 64) {
      __builtin_prefetch(later + i);
      const std::uint64_t word = nonzero_bits(p + i);
      __builtin_memcpy(bits_ + i / 8, &word, sizeof word);
      live |= nonzero_groups(p + i, word) << i / 8;
    }
    live_ = live;
    if (i == n) return;
    __builtin_prefetch(later + i);
    add_rest(n, i, before);
  }

  // The loop ends once a block, which is what a CPU cannot foresee.
  std::size_t put(std::uint32_t* position, float* value) const noexcept {
    std::size_t count = 0;
    for (std::uint64_t live = live_; live != 0; live &= live - 1) {
      const auto group = static_cast<std::size_t>(__builtin_ctzll(live));
      count += put_group(p_ + 8 * group, group, position + count, value + count);
    }
    if (n_ % 8 == 0) return count;
    std::uint8_t bytes[8] = {};
    __builtin_memcpy(bytes, p_ + n_ / 8 * 8, n_ % 8);
    return count + put_group(bytes, n_ / 8, position + count, value + count);
  }

  void put_bits(std::uint64_t* bits) const noexcept { __builtin_memcpy(bits, bits_, (n_ + 63) / 64 * sizeof *bits); }

 private:
  // Bytes i to n - 1, less than 64: where there are as many before, they are read again and shifted out.
  void add_rest(std::size_t n, std::size_t i, std::size_t before) noexcept {
    std::uint64_t word = 0;
    if (before + n >= 64) {
      word = nonzero_bits(p_ + n - 64) >> (64 - (n - i));
    } else {
      std::uint8_t bytes[64] = {};
      __builtin_memcpy(bytes, p_ + i, n - i);
      word = nonzero_bits(bytes);
    }
    __builtin_memcpy(bits_ + i / 8, &word, sizeof word);
    const std::uint64_t whole = (std::uint64_t{1} << (n - i) / 8) - 1;
    live_ |= (nonzero_bytes(word) & whole) << i / 8;
  }

  std::size_t put_group(const std::uint8_t* from, std::size_t group, std::uint32_t* position, float* value) const noexcept {
    return put_pixels_of_8(from, first_ + static_cast<std::uint32_t>(8 * group), shift_, bits_[group], position, value);
  }

  const std::uint8_t* p_;
  std::size_t n_;
  std::uint32_t first_;
  unsigned shift_;
  std::uint64_t live_;  // a bit a whole group
  alignas(8) std::uint8_t bits_[64];
};

#if defined(__AVX512F__)
template <bool with_bits>
[[gnu::target("avx512vbmi2")]] inline std::size_t list_packed_pixels(const pixels_call& call) noexcept {
  constexpr std::size_t together = 4;
  packed_pixels packed[together];
  std::size_t count = 0;
  for (std::size_t begin = 0; begin < call.n; begin += together * packed_pixels::most) {
    const std::size_t end = smaller(call.n, begin + together * packed_pixels::most);
    packed_pixels* part = packed;
    for (std::size_t i = begin; i < end; i += packed_pixels::most, ++part)
      part->template pack<with_bits>(call.bytes + i, smaller(packed_pixels::most, end - i), call.later + i,
                                     with_bits ? call.bits + i / 64 : nullptr);
    part = packed;
    for (std::size_t i = begin; i < end; i += packed_pixels::most, ++part)
      count += part->put(i, call.shift, call.position + count, call.value + count);
  }
  return count;
}
#endif

// position and value have room for n, rounded up to whole groups of 16.
template <bool with_bits>
inline std::size_t list_pixels(const pixels_call& call) noexcept {
#if defined(__AVX512F__)
  if (call.has_vbmi2) return list_packed_pixels<with_bits>(call);
#endif
  std::size_t count = 0;
  for (std::size_t first = 0; first < call.n; first += pixel_block::size) {
    const std::size_t n = smaller(pixel_block::size, call.n - first);
    const pixel_block block(call.bytes + first, n, first, call.shift, call.later + first);
    if constexpr (with_bits) block.put_bits(call.bits + first / 64);
    count += block.put(call.position + count, call.value + count);
  }
  return count;
}

// The lists of fused_mlp: behind the last pixel its offset again, with zeros for values, so that sums over whole blocks of
// rows are those over the list. That is faster than a remainder, whose length no CPU foresees.
inline std::size_t list_pixels_in_blocks(const pixels_call& call) noexcept {
  const std::size_t count = list_pixels<false>(call);
  const vf last = splat(__builtin_bit_cast(float, call.position[count == 0 ? 0 : count - 1]));
#pragma GCC unroll 8
  for (std::size_t i = count; i < count + pixel_list_block; i += width) {
    store(reinterpret_cast<float*>(call.position + i), last);
    store(call.value + i, zero());
  }
  return count;
}

constexpr std::size_t in_whole_blocks(std::size_t count) noexcept {
  return (count + pixel_list_block - 1) / pixel_list_block * pixel_list_block;
}

}  // namespace
}  // namespace lanewise::simd
