// SPDX-License-Identifier: MIT
// The vector operations that kernels are written in. Everything that xsimd lacks, or does differently from version to
// version (8.1 to 14) or from ISA to ISA, is bridged here and in ops_*.hpp, and only here: exact fma, division, partial
// loads, bit casts, folds. Each operation gives the same bits on every ISA. The unnamed namespaces keep one ISA's code out
// of another's objects.
#pragma once

#include "this_isa.hpp"

// Each of these defines for its ISA:
//   free_registers                           how many registers a kernel may count on
//   has_masked_loads                         whether a partial load is one instruction
//   as_int, as_float                         the same bits as the other type
//   fma, divide, square_root                 rounded once
//   larger(a, b)                             either one if they are equal or one is NaN
//   at_least(low, x), at_most(high, x)       NaN if x is NaN; the bound is not 0
//   mask_of_first, load_masked, store_masked for first_lanes
//   widen_low, widen_high                    half the lanes as doubles
//   all_zero_8(p)                            whether 8 floats are all +0 or -0
//   nonzero_bits(p)                          bit i tells whether byte i of 64 is not zero
//   nonzero_groups(p, nonzero_bits(p))       bit i tells whether group i of 8 of these bytes is not all zero
//   put_pixels_of_8(p, first, shift, bits, position, value)  of bytes 0 to 7 those whose bit is set: (first + their
//                                            position) << shift, and their values / 255; returns how many. Writes 8
//   load_quad(p), splat_of_quad<i>(q)        4 floats at once, and one of them in all lanes: fewer loads than splat()
//   keep_where(m, x), zero_where(m, x)       x with +0 in the lanes outside m, in the lanes of m
//   tree_sum, tree_max of a register         lane l meets lane l + size / 2: 8-4-2-1, 4-2-1, 2-1
//   tree_sums(x)                             lane r = tree_sum(x[r]) of `width` registers. Of avx512 also in two steps:
//                                            tree_sums_of_fours() of what sums_of_four() makes of 4 registers each
//   transpose(x)                             lane c of x[r] and lane r of x[c] change places
//   load_transposed(p, stride, x)            of `width` rows columns 0 to 3, element (r, c) in lane r of x[c]. Quads of rows meet
//                                            as they are loaded: half the shuffles of transpose()
#if defined(__AVX512F__)
#include "ops_avx512.hpp"
#elif defined(__AVX2__)
#include "ops_avx2.hpp"
#elif defined(__SSE2__)
#include "ops_sse2.hpp"
#else
#include "ops_neon64.hpp"
#endif

namespace lanewise::simd {
namespace {

inline vf zero() noexcept { return vf(0.0f); }
inline vf splat(float x) noexcept { return vf(x); }
inline vf load(const float* p) noexcept { return vf::load_unaligned(p); }
inline void store(float* p, vf x) noexcept { x.store_unaligned(p); }
// x as it is, but loaded here and once. gcc may otherwise make it a memory operand of each instruction that uses it (x86), or
// load so much ahead that registers run out (AArch64: hence "memory").
inline vf in_register(vf x) noexcept {
  vf::register_type r = x;
#if defined(__SSE2__)
  asm("" : "+v"(r));
#else
  asm volatile("" : "+w"(r) : : "memory");
#endif
  return vf(r);
}
// x as it is; what the program loads after it is not loaded before x is made. Where all registers are in use, clang would load
// ahead all the same, and put sums on the stack.
inline vf before_loads(vf x) noexcept {
#if defined(__SSE2__)
  vf::register_type r = x;
  asm volatile("" : "+v"(r) : : "memory");
  return vf(r);
#else
  return in_register(x);
#endif
}
// x as it is, loaded for one use: x86 makes the load an operand of that instruction, AArch64 shall not load ahead of it.
inline vf once(vf x) noexcept {
#if defined(__SSE2__)
  return x;
#else
  return in_register(x);
#endif
}
// Whether an instruction can take splat() of a float in memory for an operand.
inline constexpr bool has_broadcast_operands = width == 16;
// p as it is, in a register that is not made of others with each use.
inline const float* pointer_of_its_own(const float* p) noexcept {
  asm("" : "+r"(p));
  return p;
}
// Element e of the quad in all lanes; e is a constant once the loop around it is unrolled.
inline vf splat_of_quad(vf quad, std::size_t e) noexcept {
  switch (e) {
    case 0: return splat_of_quad<0>(quad);
    case 1: return splat_of_quad<1>(quad);
    case 2: return splat_of_quad<2>(quad);
    default: return splat_of_quad<3>(quad);
  }
}
inline vf select(mask m, vf yes, vf no) noexcept { return xsimd::select(m, yes, no); }

inline vf magnitude(vf x) noexcept { return as_float(as_int(x) & vi(INT32_MAX)); }
inline vf minus_magnitude(vf x) noexcept { return as_float(as_int(x) | vi(INT32_MIN)); }
// x, which is not negative, with the sign of y.
inline vf with_sign_of(vf y, vf x) noexcept { return as_float(as_int(x) | (as_int(y) & vi(INT32_MIN))); }
// 2^(i - 127) of an integer i whose lowest 8 bits the lowest bits of x are; -2^(i - 127) if bit 8 is set.
// gcc for AArch64 would call it from loops.
[[gnu::always_inline]] inline vf power_from_low_bits(vf x) noexcept { return as_float(as_int(x) << 23); }
// x 2^n of an integer n, of which the lowest bits of `low_bits` are the lowest: x and the result are normal numbers.
inline vf times_power(vf x, vf low_bits) noexcept { return as_float(as_int(x) + (as_int(low_bits) << 23)); }

// The first `count` lanes of a register, 0 <= count <= width: tails are loaded and stored through it, so that not a
// byte beyond the operand is touched.
class first_lanes {
 public:
  first_lanes() noexcept : first_lanes(0) {}
  explicit first_lanes(std::size_t count) noexcept : mask_(mask_of_first(count)) {}
  // The other lanes are `fill`.
  vf load(const float* p, float fill = 0) const noexcept { return load_masked(mask_, p, fill); }
  void store(float* p, vf x) const noexcept { store_masked(mask_, p, x); }

 private:
  lane_mask mask_;
};

#if !defined(__AVX2__)  // whose registers hold several quads

inline void load_transposed(const float* p, std::size_t stride, vf (&x)[4]) noexcept {
  for (std::size_t r = 0; r < 4; ++r) x[r] = load(p + r * stride);
  transpose(x);
}

#endif

#if !defined(__AVX512F__)  // which has an instruction for it

// x * 2^n for integral n in [-150, 128] and x in [1/2, 2]: n is split in two, so that both powers are normal numbers, the
// first product is exact and the second rounds once (also to a denormal or to infinity).
inline vf power_of_two(vf biased) noexcept { return as_float((as_int(biased) << 23) + vi(0x3f800000)); }
inline vf scale_by_power_of_two(vf x, vf n) noexcept {
  const vf magic = splat(12582912.0f);  // 1.5 * 2^23: added to an integer, the low bits of the sum hold it
  const vf half_biased = fma(n, splat(0.5f), magic);
  const vf rest_biased = n - (half_biased - magic) + magic;
  return x * power_of_two(half_biased) * power_of_two(rest_biased);
}

#endif

#if !defined(__AVX512F__)  // whose register holds all 16

// part's 8 lanes of double: lane l += e[l] + e[l + 8] of the 16 floats in e.
inline void add_halves(const vf (&e)[16 / width], vd (&part)[8 / vd::size]) noexcept {
  constexpr std::size_t half = 8 / width;
  for (std::size_t v = 0; v < half; ++v) {
    const vf sum = e[v] + e[v + half];
    part[2 * v] += widen_low(sum);
    part[2 * v + 1] += widen_high(sum);
  }
}

#endif

// The tree over `count` registers (a power of two) whose lanes lie one after the other: halves meet until one register is
// left. With 32 lanes of float that is 16-8, and tree_sum() goes on with -4-2-1. Only the first `present` registers are
// there, at least one: the others would be zeros.
template <std::size_t count, std::size_t present = count, class Batch>
inline Batch tree_of_registers(const Batch* registers) noexcept {
  if constexpr (count == 1) {
    return registers[0];
  } else {
    constexpr std::size_t half = count / 2, left = present < half ? present : half;
    Batch sums[left];
    for (std::size_t v = 0; v < left; ++v)
      sums[v] = v + half < present ? registers[v] + registers[v + half] : registers[v];
    return tree_of_registers<half, left>(sums);
  }
}

template <std::size_t count, class Batch>
inline auto tree_sum(const Batch* registers) noexcept {
  return tree_sum(static_cast<typename Batch::register_type>(tree_of_registers<count>(registers)));
}

}  // namespace
}  // namespace lanewise::simd
