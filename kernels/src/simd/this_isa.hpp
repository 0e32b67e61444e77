// SPDX-License-Identifier: MIT
// The ISA that this translation unit is compiled for (LANEWISE_ISA_TAG comes from kernels/meson.build), and its registers.
#pragma once

#include <cstddef>
#include <cstdint>

#include <xsimd/xsimd.hpp>

#include "../isa.hpp"

namespace lanewise {

using this_isa = isa::LANEWISE_ISA_TAG;

namespace simd {
namespace {

template <class Isa>
struct arch_of;
template <>
struct arch_of<isa::avx512> {
  using type = xsimd::avx512bw;
};
template <>
struct arch_of<isa::avx2> {
  using type = xsimd::fma3<xsimd::avx2>;
};
template <>
struct arch_of<isa::sse2> {
  using type = xsimd::sse2;
};
template <>
struct arch_of<isa::neon64> {
  using type = xsimd::neon64;
};
using arch = arch_of<this_isa>::type;

using vf = xsimd::batch<float, arch>;
using vi = xsimd::batch<std::int32_t, arch>;
using vd = xsimd::batch<double, arch>;
using mask = vf::batch_bool_type;

inline constexpr std::size_t width = vf::size;  // floats in a register: 4, 8, 16

}  // namespace
}  // namespace simd
}  // namespace lanewise
