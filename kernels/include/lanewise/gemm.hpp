// SPDX-License-Identifier: MIT
// Matrix times matrix in the three forms that forward, backward to the input and backward to the weights need.
// Row-major, float, any shape, any stride.
//
//   C = act(op(A) op(B) + beta C + bias) + residual      C [m, n], bias [n], residual [m, n]
//
// beta == 0: C is not read. Every output is one chain of fma over ascending k that starts at beta C (at 0 for beta 0):
// neither blocking nor packing changes a bit. Error before act: |err| <= gamma_{k+2} (|op(A)| |op(B)| + |beta C| + |bias|).
// Otherwise as gemv.hpp says: overlap, alignment, empty dimensions, shape errors, no allocation, equal bits on every ISA.
// References in double: kernels/ref/gemm.hpp.
//
// `scratch` is memory that the call may use for packed blocks of A and B; gemm_scratch_bytes() says how much helps. Less (or
// none) is fine and gives equal bits. Its contents after the call are unspecified. No alignment is required.
#pragma once

#include <cstddef>
#include <span>

#include <lanewise/epilogue.hpp>
#include <lanewise/matrix_view.hpp>

namespace lanewise {

// nn: A [m, k], B [k, n]      nt: A [m, k], B [n, k]      tn: A [k, m], B [k, n]
void gemm_nn(const matrix_view<const float>& a, const matrix_view<const float>& b, const matrix_view<float>& c,
             float beta = 0, const epilogue& epilogue = no_epilogue, std::span<std::byte> scratch = {}) noexcept;
void gemm_nt(const matrix_view<const float>& a, const matrix_view<const float>& b, const matrix_view<float>& c,
             float beta = 0, const epilogue& epilogue = no_epilogue, std::span<std::byte> scratch = {}) noexcept;
void gemm_tn(const matrix_view<const float>& a, const matrix_view<const float>& b, const matrix_view<float>& c,
             float beta = 0, const epilogue& epilogue = no_epilogue, std::span<std::byte> scratch = {}) noexcept;

// Bytes of scratch that make an m x n x k product as fast as it gets, on any ISA. SIZE_MAX if they are more than that.
std::size_t gemm_scratch_bytes(std::size_t m, std::size_t n, std::size_t k) noexcept;

}  // namespace lanewise
