// SPDX-License-Identifier: MIT
// The register tile of a matrix product: rows x registers of C, each element one chain of fma over ascending k.
#pragma once

#include "finish.hpp"

namespace lanewise::simd {
namespace {

// Accumulators, the registers of B and one of A fill the register file, up to 8 rows, of which two registers hide the latency
// of fma (of one see most_rows_of_tile): avx512 and neon64 8 x 2, avx2 6 x 2 (15 of 16), sse2 1 x 2.
inline constexpr std::size_t tile_registers = 2;
inline constexpr std::size_t tile_cols = tile_registers * width;
inline constexpr std::size_t tile_rows = clamp((free_registers - tile_registers - 1) / tile_registers, 1, 8);

// Where A_rp lies: rows a[r * a_stride + p], columns a[p * a_stride + r]; packed is columns of tile_rows, tile by tile.
enum class a_order { rows, columns, packed };

// Where sums lie between blocks of k: one row of them at `data`, the next `stride` further.
struct sums_between_blocks {
  float* data;
  std::size_t stride;
};

// One block of k for a column of tiles. Values, not the call: what lies behind a reference would be read again after each
// store.
struct tile_job {
  std::size_t k;
  const float* a;
  std::size_t a_stride;
  const float* b;  // B_pj at b[p * b_stride + j]; tile_cols wide, or whole registers, unless has_masked_loads
  std::size_t b_stride;
  const float* start;  // sums start at factor * start; at zeros where it is null
  std::size_t start_stride;
  float factor;
  float* out;
  std::size_t out_stride;
  bool plain;  // out = sums; else out = act(sums + bias) + residual
  raw_epilogue epilogue;

  // Of C the rows from `row` on and the columns from `col` on. The first block of k starts at beta C, the last one makes C.
  tile_job(const gemm_call& call, std::size_t row, std::size_t col, std::size_t first_k, std::size_t count,
           sums_between_blocks sums) noexcept
      : k(count), start(sums.data), start_stride(sums.stride), factor(1), out(sums.data), out_stride(sums.stride), plain(true) {
    if (first_k == 0) {
      factor = call.beta;
      start = factor == 0 ? nullptr : call.c + row * call.ldc + col;
      start_stride = call.ldc;
    }
    if (first_k + count < call.k) return;
    out = call.c + row * call.ldc + col;
    out_stride = call.ldc;
    const raw_epilogue& e = call.epilogue;
    plain = is_plain(e);
    if (!plain) {  // part by part: the whole would be read in one, and wait for its parts to leave the CPU's store queue
      epilogue = {e.bias == nullptr ? nullptr : e.bias + col,
                  e.residual == nullptr ? nullptr : e.residual + row * e.residual_stride + col, e.residual_stride,
                  {e.act.kind, e.act.parameter}};
    }
  }

  // A whole product and no more: C = A B.
  tile_job(std::size_t depth, const float* a_first, std::size_t lda, const float* b_first, std::size_t ldb, float* c,
           std::size_t ldc) noexcept
      : k(depth), a(a_first), a_stride(lda), b(b_first), b_stride(ldb), start(nullptr), factor(0), out(c), out_stride(ldc),
        plain(true) {}

  bool is_product() const noexcept { return start == nullptr && plain; }

  void skip_rows(std::size_t rows) noexcept {
    if (start != nullptr) start += rows * start_stride;
    out += rows * out_stride;
    if (!plain && epilogue.residual != nullptr) epilogue.residual += rows * epilogue.residual_stride;
  }
};

// Sums of a tile whose columns are those of a row_lanes. All of it is one function: sums that pass from one to another do so
// in memory.
template <std::size_t rows, class Lanes>
struct accumulators {
  static constexpr std::size_t registers = Lanes::registers;
  static constexpr std::size_t masks = width == 8 && !Lanes::is_whole(registers - 1) ? 1 : 0;  // those of avx512 lie elsewhere
  static constexpr bool fills_registers = rows > 1 && (rows + 1) * registers + 1 + masks >= free_registers;
  vf sum[rows][registers];

  // Calls body(r, v) for each sum. Unrolled early, else gcc copies sums through memory.
  template <class Body>
  [[gnu::always_inline]] static void for_each_sum(const Body& body) noexcept {
#pragma GCC unroll 16
    for (std::size_t r = 0; r < rows; ++r)
#pragma GCC unroll 8
      for (std::size_t v = 0; v < registers; ++v) body(r, v);
  }

  [[gnu::always_inline]] void start(const tile_job& job, Lanes lanes) noexcept {
    if (job.start == nullptr) {
      for_each_sum([&](std::size_t r, std::size_t v) { sum[r][v] = zero(); });
    } else {
      const vf factor = splat(job.factor);
      for_each_sum([&](std::size_t r, std::size_t v) { sum[r][v] = factor * lanes.load(job.start + r * job.start_stride, v); });
    }
  }

  template <a_order order>
  [[gnu::always_inline]] void run(const tile_job& job, Lanes lanes) noexcept {
    if constexpr (has_pointers<order>) return run_with_pointers(job, lanes);
    const std::size_t stride = order == a_order::packed ? tile_rows : job.a_stride;
    const std::size_t step_r = order == a_order::rows ? stride : 1, step_p = order == a_order::rows ? 1 : stride;
    // In a local: gcc keeps a member in memory where other code looks at single columns of it.
    vf local[rows][registers];
    for_each_sum([&](std::size_t r, std::size_t v) { local[r][v] = sum[r][v]; });
    const std::size_t k = job.k, b_stride = job.b_stride;
    const float* a = job.a;
    const float* b = job.b;
#pragma GCC unroll 4
    for (std::size_t p = 0; p < k; ++p, b += b_stride, a += step_p) {
      // Each step reads another line: those of the tiles to come are asked for now. Nothing follows them of itself.
      if constexpr (order == a_order::columns) __builtin_prefetch(a + 32);
      vf bv[registers];
      for (std::size_t v = 0; v < registers; ++v) bv[v] = has_masked_loads ? lanes.load(b, v) : load(b + v * width);
#pragma GCC unroll 16
      for (std::size_t r = 0; r < rows; ++r) {
        const vf av = splat(a[r * step_r]);
#pragma GCC unroll 8
        for (std::size_t v = 0; v < registers; ++v) local[r][v] = fma(av, bv[v], local[r][v]);
        if constexpr (fills_registers)
          for (std::size_t v = 0; v < registers; ++v) local[r][v] = before_loads(local[r][v]);
      }
    }
    for_each_sum([&](std::size_t r, std::size_t v) { sum[r][v] = local[r][v]; });
  }

  [[gnu::always_inline]] void end(const tile_job& job, Lanes lanes) noexcept {
    float* const out = job.out;
    const std::size_t stride = job.out_stride;
    if (!job.plain) apply(job.epilogue, lanes);
    for_each_sum([&](std::size_t r, std::size_t v) { lanes.store(out + r * stride, v, sum[r][v]); });
  }

 private:
  // Whether each fma has an element of A in memory for an operand, whose address then must be a register's without an index:
  // CPUs take an fma with one apart, into two of the operations that they can begin in a cycle. Where a core is shared that is
  // what it runs out of: of 8 x 1 tiles each took 1.25 times as long.
  template <a_order order>
  static constexpr bool has_pointers = order == a_order::rows && has_broadcast_operands && registers == 1;

  [[gnu::always_inline]] void run_with_pointers(const tile_job& job, Lanes lanes) noexcept {
    constexpr std::size_t together = 4;  // of k
    if (job.k == 0) return;  // an A without columns may be null
    vf local[rows];
    const float* row[rows];
#pragma GCC unroll 8
    for (std::size_t r = 0; r < rows; ++r) {
      local[r] = sum[r][0];
      row[r] = pointer_of_its_own(job.a + r * job.a_stride);
    }
    const float* b = job.b;
    const std::size_t b_stride = job.b_stride;
    const auto add = [&](std::size_t p) __attribute__((always_inline)) {
      const vf bv = lanes.load(b, 0);
#pragma GCC unroll 8
      for (std::size_t r = 0; r < rows; ++r) local[r] = fma(splat(row[r][p]), bv, local[r]);
      b += b_stride;
    };
    const auto advance = [&](std::size_t count) __attribute__((always_inline)) {
#pragma GCC unroll 8
      for (std::size_t r = 0; r < rows; ++r) row[r] = pointer_of_its_own(row[r] + count);
    };
    std::size_t p = 0;
    for (; p + together <= job.k; p += together) {
#pragma GCC unroll 4
      for (std::size_t q = 0; q < together; ++q) add(q);
      advance(together);
    }
    for (; p < job.k; ++p) {
      add(0);
      advance(1);
    }
#pragma GCC unroll 8
    for (std::size_t r = 0; r < rows; ++r) sum[r][0] = local[r];
  }

  // Step by step over all sums, as simd::finish() does with one register: each decision is taken once.
  [[gnu::always_inline]] void apply(const raw_epilogue& e, Lanes lanes) noexcept {
    if (e.bias != nullptr)
      for_each_sum([&](std::size_t r, std::size_t v) { sum[r][v] = sum[r][v] + lanes.load(e.bias, v); });
    if (is_inline(e.act)) {
      with_inline_activation(e.act, [&](auto act) __attribute__((always_inline)) {
        for_each_sum([&](std::size_t r, std::size_t v) { sum[r][v] = act.forward(sum[r][v]); });
      });
    } else {
      alignas(64) float z[rows * registers * width];
      const auto place = [&](std::size_t r, std::size_t v) { return z + (r * registers + v) * width; };
      for_each_sum([&](std::size_t r, std::size_t v) { store(place(r, v), sum[r][v]); });
      activation_kernels<this_isa>::forward(e.act, rows * registers * width, z, z);
      for_each_sum([&](std::size_t r, std::size_t v) { sum[r][v] = load(place(r, v)); });
    }
    if (e.residual != nullptr) {
      for_each_sum([&](std::size_t r, std::size_t v) {
        sum[r][v] = sum[r][v] + lanes.load(e.residual + r * e.residual_stride, v);
      });
    }
  }
};

template <a_order order, std::size_t height, class Columns>
[[gnu::always_inline]] inline void make_tile(const tile_job& job, Columns columns) noexcept {
  const auto lanes = columns.lanes();
  accumulators<height, decltype(columns.lanes())> tile;
  tile.start(job, lanes);
  tile.template run<order>(job, lanes);
  tile.end(job, lanes);
}

// One tile. A function of its own for each height: in one for all, gcc runs out of registers.
template <a_order order, std::size_t height, class Columns>
[[gnu::noinline]] void run_tile(const tile_job& job, Columns columns) noexcept {
  make_tile<order, height>(job, columns);
}

// One tile of C = A B, its job in registers. While the sums of a small product wait to be stored, each further store fills the
// CPU's store queue; a job in memory, and the call's, would fill it up and keep the next call from starting.
template <a_order order, std::size_t height, class Columns>
[[gnu::noinline]] void run_plain_tile(const float* a, std::size_t lda, const float* b, std::size_t ldb, float* c,
                                      std::size_t ldc, std::size_t k, Columns columns) noexcept {
  make_tile<order, height>(tile_job(k, a, lda, b, ldb, c, ldc), columns);
}

}  // namespace
}  // namespace lanewise::simd
