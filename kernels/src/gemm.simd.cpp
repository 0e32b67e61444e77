// SPDX-License-Identifier: MIT
// A register tile of C runs down k; around it blocks of m, n and k that keep its operands in cache. Whatever the blocking,
// each output is one chain of fma over ascending k, so it never shows in the bits.
#include "per_isa.hpp"
#include "simd/finish.hpp"
#include "simd/tile.hpp"

namespace lanewise {

using namespace simd;

namespace {

// ---- blocking (policy) -----------------------------------------------------------------------------------------------

constexpr std::size_t block_k = 256;  // a panel of B: 256 x 16 floats = 16 KB on avx2, 32 KB on avx512: half an L1
constexpr std::size_t block_m = 96;   // rows that share a packed panel; a multiple of every tile_rows

static_assert(block_m % tile_rows == 0);

constexpr std::size_t panels(std::size_t n) noexcept { return (n + tile_cols - 1) / tile_cols; }

// ---- panels of B -----------------------------------------------------------------------------------------------------

// A panel is k rows of tile_cols floats of op(B): columns j.. of B itself where they can be used in place, else a copy
// (transposed for nt, filled up with zeros at the right edge).
template <bool b_transposed>
void pack_panel(const gemm_call& call, std::size_t first_k, std::size_t k, std::size_t first_col, float* panel) noexcept {
  const std::size_t cols = smaller(tile_cols, call.n - first_col);
  for (std::size_t p = 0; p < k; ++p) {
    float* row = panel + p * tile_cols;
    const float* b = b_transposed ? call.b + first_col * call.ldb + first_k + p
                                  : call.b + (first_k + p) * call.ldb + first_col;
    const std::size_t step = b_transposed ? call.ldb : 1;
    for (std::size_t j = 0; j < cols; ++j) row[j] = b[j * step];
    for (std::size_t j = cols; j < tile_cols; ++j) row[j] = 0;
  }
}

// All panels of B in the caller's scratch, k floats high, if it is large enough; else nullptr.
template <bool b_transposed>
const float* pack_all(const gemm_call& call) noexcept {
  const auto address = reinterpret_cast<std::uintptr_t>(call.scratch);
  const std::size_t skip = (64 - address % 64) % 64;
  const std::size_t bytes = panels(call.n) * tile_cols * call.k * sizeof(float);
  if (call.m <= block_m || call.scratch_bytes < bytes + skip) return nullptr;
  float* packed = reinterpret_cast<float*>(call.scratch + skip);
  for (std::size_t j = 0; j < call.n; j += tile_cols) pack_panel<b_transposed>(call, 0, call.k, j, packed + j * call.k);
  return packed;
}

// ---- the loops -------------------------------------------------------------------------------------------------------

// C rows first_row.. (at most block_m of them), columns first_col.. (at most tile_cols).
template <bool a_transposed, bool b_transposed, class Act>
void block(const gemm_call& call, Act act, const float* packed, std::size_t first_row, std::size_t first_col) noexcept {
  alignas(64) float panel[block_k * tile_cols];
  alignas(64) float partial[block_m * tile_cols];  // sums between blocks of k: never in C, which may be the residual
  const std::size_t rows = smaller(block_m, call.m - first_row);
  const std::size_t cols = smaller(tile_cols, call.n - first_col);
  const bool in_place = !b_transposed && cols == tile_cols;
  std::size_t first_k = 0;
  do {
    const std::size_t k = smaller(block_k, call.k - first_k);
    tile_job job;
    job.k = k;
    job.a_stride = call.lda;
    job.starts = first_k == 0;
    job.ends = first_k + k == call.k;
    if (packed != nullptr) {
      job.b = packed + first_col * call.k + first_k * tile_cols;
      job.b_stride = tile_cols;
    } else if (in_place) {
      job.b = call.b + first_k * call.ldb + first_col;
      job.b_stride = call.ldb;
    } else {
      pack_panel<b_transposed>(call, first_k, k, first_col, panel);
      job.b = panel;
      job.b_stride = tile_cols;
    }
    for (std::size_t r = 0; r < rows; r += tile_rows) {
      const std::size_t row = first_row + r;
      job.a = a_transposed ? call.a + first_k * call.lda + row : call.a + row * call.lda + first_k;
      job.partial = partial + r * tile_cols;
      const output_tile out{call, row, first_col, smaller(tile_rows, rows - r), cols};
      if (cols == tile_cols)
        run_tile<a_transposed, true>(job, out, act);
      else
        run_tile<a_transposed, false>(job, out, act);
    }
    first_k += k;
  } while (first_k < call.k);
}

template <bool a_transposed, bool b_transposed>
void multiply(const gemm_call& call) noexcept {
  const float* packed = pack_all<b_transposed>(call);
  with_activation(call.epilogue.act, [&](auto act) {
    for (std::size_t row = 0; row < call.m; row += block_m)
      for (std::size_t col = 0; col < call.n; col += tile_cols)
        block<a_transposed, b_transposed>(call, act, packed, row, col);
  });
}

}  // namespace

template <class Isa>
void gemm_kernels<Isa>::nn(const gemm_call& call) noexcept { multiply<false, false>(call); }
template <class Isa>
void gemm_kernels<Isa>::nt(const gemm_call& call) noexcept { multiply<false, true>(call); }
template <class Isa>
void gemm_kernels<Isa>::tn(const gemm_call& call) noexcept { multiply<true, false>(call); }

template <class Isa>
std::size_t gemm_kernels<Isa>::scratch_bytes(std::size_t m, std::size_t n, std::size_t k) noexcept {
  if (m <= block_m) return 0;
  std::size_t bytes = 0;
  const bool overflow = __builtin_add_overflow(n, tile_cols - 1, &bytes) ||
                        __builtin_mul_overflow(bytes / tile_cols, tile_cols * sizeof(float), &bytes) ||
                        __builtin_mul_overflow(bytes, k, &bytes) ||
                        __builtin_add_overflow(bytes, 63, &bytes);
  return overflow ? static_cast<std::size_t>(-1) : bytes;
}

template struct gemm_kernels<this_isa>;

}  // namespace lanewise
