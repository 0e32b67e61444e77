// SPDX-License-Identifier: MIT
// The vector operations that kernels are written in. Everything that xsimd lacks, or does differently from version to
// version (8.1 to 14) or from ISA to ISA, is bridged here and only here: exact fma, partial loads, bit casts, folds.
// Each operation gives the same bits on every ISA. The unnamed namespace keeps one ISA's code out of another's objects.
#pragma once

#include <cstddef>
#include <cstdint>

#include <xsimd/xsimd.hpp>

#include "this_isa.hpp"

namespace lanewise::simd {
namespace {

#if defined(__AVX512F__)
using arch = xsimd::avx512bw;
#elif defined(__AVX2__)
using arch = xsimd::fma3<xsimd::avx2>;
#else
using arch = xsimd::sse2;
#endif

using vf = xsimd::batch<float, arch>;
using vi = xsimd::batch<std::int32_t, arch>;
using vd = xsimd::batch<double, arch>;
using mask = vf::batch_bool_type;

inline constexpr std::size_t width = vf::size;  // floats in a register: 4, 8, 16

inline vf zero() noexcept { return vf(0.0f); }
inline vf splat(float x) noexcept { return vf(x); }
inline vf load(const float* p) noexcept { return vf::load_unaligned(p); }
inline void store(float* p, vf x) noexcept { x.store_unaligned(p); }
inline vf select(mask m, vf yes, vf no) noexcept { return xsimd::select(m, yes, no); }

// The first `count` lanes of a register, 0 <= count <= width: tails are loaded and stored through it, so that not a
// byte beyond the operand is touched.
class first_lanes {
 public:
  explicit first_lanes(std::size_t count) noexcept;
  vf load(const float* p, float fill = 0) const noexcept;  // the other lanes are `fill`
  void store(float* p, vf x) const noexcept;

 private:
#if defined(__AVX512F__)
  __mmask16 mask_;
#elif defined(__AVX2__)
  __m256i mask_;
#else
  int count_;
#endif
};

#if defined(__AVX512F__)

inline vi as_int(vf x) noexcept { return vi(_mm512_castps_si512(x)); }
inline vf as_float(vi x) noexcept { return vf(_mm512_castsi512_ps(x)); }

// xsimd before 11.0 multiplies and adds here: two roundings.
inline vf fma(vf a, vf b, vf c) noexcept { return vf(_mm512_fmadd_ps(a, b, c)); }

inline first_lanes::first_lanes(std::size_t count) noexcept : mask_(static_cast<__mmask16>((1u << count) - 1u)) {}
inline vf first_lanes::load(const float* p, float fill) const noexcept {
  return vf(_mm512_mask_loadu_ps(_mm512_set1_ps(fill), mask_, p));
}
inline void first_lanes::store(float* p, vf x) const noexcept { _mm512_mask_storeu_ps(p, mask_, x); }

// x * 2^n for integral n in [-150, 128]: the exact result, rounded once.
inline vf scale_by_power_of_two(vf x, vf n) noexcept { return vf(_mm512_scalef_ps(x, n)); }

// a or b, whichever is larger; either one if they are equal or one is NaN.
inline vf larger(vf a, vf b) noexcept { return vf(_mm512_max_ps(a, b)); }

inline __m256 low_half(__m512 x) noexcept { return _mm512_castps512_ps256(x); }
inline __m256 high_half(__m512 x) noexcept { return _mm512_extractf32x8_ps(x, 1); }
inline vd widen_low(vf x) noexcept { return vd(_mm512_cvtps_pd(low_half(x))); }
inline vd widen_high(vf x) noexcept { return vd(_mm512_cvtps_pd(high_half(x))); }

#elif defined(__AVX2__)

inline vi as_int(vf x) noexcept { return vi(_mm256_castps_si256(x)); }
inline vf as_float(vi x) noexcept { return vf(_mm256_castsi256_ps(x)); }
inline vf fma(vf a, vf b, vf c) noexcept { return vf(_mm256_fmadd_ps(a, b, c)); }

inline first_lanes::first_lanes(std::size_t count) noexcept {
  alignas(64) static constexpr std::int32_t window[16] = {-1, -1, -1, -1, -1, -1, -1, -1};
  mask_ = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(window + 8 - count));
}
inline vf first_lanes::load(const float* p, float fill) const noexcept {
  const __m256 x = _mm256_maskload_ps(p, mask_);
  return vf(fill == 0 ? x : _mm256_blendv_ps(_mm256_set1_ps(fill), x, _mm256_castsi256_ps(mask_)));
}
inline void first_lanes::store(float* p, vf x) const noexcept { _mm256_maskstore_ps(p, mask_, x); }

inline vf larger(vf a, vf b) noexcept { return vf(_mm256_max_ps(a, b)); }
inline vd widen_low(vf x) noexcept { return vd(_mm256_cvtps_pd(_mm256_castps256_ps128(x))); }
inline vd widen_high(vf x) noexcept { return vd(_mm256_cvtps_pd(_mm256_extractf128_ps(x, 1))); }

#else

inline vi as_int(vf x) noexcept { return vi(_mm_castps_si128(x)); }
inline vf as_float(vi x) noexcept { return vf(_mm_castsi128_ps(x)); }

// SSE2 has no fma, so it is built: the product is exact in double (24 + 24 <= 53 bits); the sum in double is rounded to odd,
// which makes the final rounding to float the only one (Boldo and Melquiond 2008). Slow, but the same bits.
inline __m128 fma_of_two(__m128 a, __m128 b, __m128 c) noexcept {
  const __m128d product = _mm_mul_pd(_mm_cvtps_pd(a), _mm_cvtps_pd(b));
  const __m128d addend = _mm_cvtps_pd(c);
  const __m128d sum = _mm_add_pd(product, addend);
  // TwoSum: error = (product + addend) - sum, exactly; NaN where the sum is not finite, hence the two compares.
  const __m128d part = _mm_sub_pd(sum, product);
  const __m128d error =
      _mm_add_pd(_mm_sub_pd(product, _mm_sub_pd(sum, part)), _mm_sub_pd(addend, part));
  const __m128d none = _mm_setzero_pd();
  const __m128i inexact = _mm_castpd_si128(_mm_or_pd(_mm_cmplt_pd(error, none), _mm_cmpgt_pd(error, none)));
  // An inexact sum with an even last bit moves one step towards the error: away from zero if their signs agree.
  const __m128i bits = _mm_castpd_si128(sum);
  const __m128i one = _mm_set_epi32(0, 1, 0, 1);
  const __m128i odd = _mm_and_si128(bits, one);
  const __m128i opposite = _mm_srli_epi64(_mm_xor_si128(bits, _mm_castpd_si128(error)), 63);
  const __m128i step = _mm_sub_epi64(one, _mm_add_epi64(opposite, opposite));
  const __m128i even = _mm_sub_epi64(odd, one);  // all ones where the last bit is 0
  const __m128i move = _mm_and_si128(_mm_and_si128(step, even), inexact);
  return _mm_cvtpd_ps(_mm_castsi128_pd(_mm_add_epi64(bits, move)));
}
inline vf fma(vf a, vf b, vf c) noexcept {
  const __m128 low = fma_of_two(a, b, c);
  const __m128 high = fma_of_two(_mm_movehl_ps(a, a), _mm_movehl_ps(b, b), _mm_movehl_ps(c, c));
  return vf(_mm_movelh_ps(low, high));
}

inline first_lanes::first_lanes(std::size_t count) noexcept : count_(static_cast<int>(count)) {}
inline vf first_lanes::load(const float* p, float fill) const noexcept {
  const __m128 f = _mm_set1_ps(fill);
  switch (count_) {
    case 0: return vf(f);
    case 1: return vf(_mm_move_ss(f, _mm_load_ss(p)));
    case 2: return vf(_mm_loadl_pi(f, reinterpret_cast<const __m64*>(p)));
    case 3: {
      const __m128 third = _mm_move_ss(f, _mm_load_ss(p + 2));
      return vf(_mm_loadl_pi(_mm_movelh_ps(f, third), reinterpret_cast<const __m64*>(p)));
    }
    default: return vf(_mm_loadu_ps(p));
  }
}
inline void first_lanes::store(float* p, vf x) const noexcept {
  switch (count_) {
    case 0: return;
    case 1: _mm_store_ss(p, x); return;
    case 3: _mm_store_ss(p + 2, _mm_movehl_ps(x, x)); [[fallthrough]];
    case 2: _mm_storel_pi(reinterpret_cast<__m64*>(p), x); return;
    default: _mm_storeu_ps(p, x);
  }
}

inline vf larger(vf a, vf b) noexcept { return vf(_mm_max_ps(a, b)); }
inline vd widen_low(vf x) noexcept { return vd(_mm_cvtps_pd(x)); }
inline vd widen_high(vf x) noexcept { return vd(_mm_cvtps_pd(_mm_movehl_ps(x, x))); }

#endif

#if !defined(__AVX512F__)

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

// Whether 8 floats are all +0 or -0.
inline bool all_zero_8(const float* p) noexcept {
  const __m128 none = _mm_setzero_ps();
  const __m128 low = _mm_cmpeq_ps(_mm_loadu_ps(p), none), high = _mm_cmpeq_ps(_mm_loadu_ps(p + 4), none);
  return _mm_movemask_ps(_mm_and_ps(low, high)) == 15;
}

// The tree 8-4-2-1 or 4-2-1 over the lanes of one register: lane l meets lane l + size / 2.
inline float tree_sum(__m128 x) noexcept {
  x = _mm_add_ps(x, _mm_movehl_ps(x, x));
  return _mm_cvtss_f32(_mm_add_ss(x, _mm_shuffle_ps(x, x, 1)));
}
inline float tree_max(__m128 x) noexcept {
  x = _mm_max_ps(x, _mm_movehl_ps(x, x));
  return _mm_cvtss_f32(_mm_max_ss(x, _mm_shuffle_ps(x, x, 1)));
}
inline double tree_sum(__m128d x) noexcept { return _mm_cvtsd_f64(_mm_add_sd(x, _mm_unpackhi_pd(x, x))); }
#if defined(__AVX2__)
inline float tree_sum(__m256 x) noexcept {
  return tree_sum(_mm_add_ps(_mm256_castps256_ps128(x), _mm256_extractf128_ps(x, 1)));
}
inline float tree_max(__m256 x) noexcept {
  return tree_max(_mm_max_ps(_mm256_castps256_ps128(x), _mm256_extractf128_ps(x, 1)));
}
inline double tree_sum(__m256d x) noexcept {
  return tree_sum(_mm_add_pd(_mm256_castpd256_pd128(x), _mm256_extractf128_pd(x, 1)));
}
#endif
#if defined(__AVX512F__)
inline float tree_sum(__m512 x) noexcept { return tree_sum(_mm256_add_ps(low_half(x), high_half(x))); }
inline float tree_max(__m512 x) noexcept { return tree_max(_mm256_max_ps(low_half(x), high_half(x))); }
inline double tree_sum(__m512d x) noexcept {
  return tree_sum(_mm256_add_pd(_mm512_castpd512_pd256(x), _mm512_extractf64x4_pd(x, 1)));
}
#endif

// The tree over `count` registers (a power of two) whose lanes lie one after the other: halves meet until one is left.
// With 32 lanes of float that is 16-8-4-2-1.
template <std::size_t count, class Batch>
inline auto tree_sum(const Batch* registers) noexcept {
  if constexpr (count == 1) {
    return tree_sum(static_cast<typename Batch::register_type>(registers[0]));
  } else {
    Batch half[count / 2];
    for (std::size_t v = 0; v < count / 2; ++v) half[v] = registers[v] + registers[v + count / 2];
    return tree_sum<count / 2>(half);
  }
}

}  // namespace
}  // namespace lanewise::simd
