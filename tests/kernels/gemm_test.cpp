// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include <lanewise/gemm.hpp>

#include "../support/bits.hpp"
#include "../support/isa.hpp"
#include "../support/float_values.hpp"
#include "../support/random.hpp"
#include "../support/tally.hpp"

namespace lanewise::test {
namespace {

// One product in all three forms: op(A) [m, k], op(B) [k, n], each also transposed.
class product {
 public:
  product(std::size_t m, std::size_t n, std::size_t k, values kind, random_source& random)
      : m_(m), n_(n), k_(k), a_(m * k), b_(k * n) {
    fill(random, kind, a_);
    fill(random, kind, b_);
  }
  float& a(std::size_t i, std::size_t p) { return a_[i * k_ + p]; }
  float& b(std::size_t p, std::size_t j) { return b_[p * n_ + j]; }

  // C = op(A) op(B) + beta C, as documented: one chain of fma over ascending k that starts at beta C.
  std::vector<float> as_documented(std::span<const float> c, float beta) const {
    std::vector<float> sums(m_ * n_);
    for (std::size_t i = 0; i < m_; ++i)
      for (std::size_t j = 0; j < n_; ++j) {
        float sum = beta == 0 ? 0.0f : beta * c[i * n_ + j];
        for (std::size_t p = 0; p < k_; ++p) sum = std::fma(a_[i * k_ + p], b_[p * n_ + j], sum);
        sums[i * n_ + j] = sum;
      }
    return sums;
  }

  // Runs all forms on copies of c; each must give `want`.
  void check(const std::vector<float>& c, float beta, const std::vector<float>& want,
             std::span<std::byte> scratch = {}) const {
    const std::vector<float> at = transposed(a_, m_, k_), bt = transposed(b_, k_, n_);
    const matrix_view<const float> a(a_.data(), m_, k_), a_t(at.data(), k_, m_);
    const matrix_view<const float> b(b_.data(), k_, n_), b_t(bt.data(), n_, k_);
    INFO(m_, " x ", n_, " x ", k_, ", beta ", beta, ", ", scratch.size(), " bytes of scratch");
    std::vector<float> nn = c, nt = c, tn = c;
    gemm_nn(a, b, {nn.data(), m_, n_}, beta, {}, scratch);
    gemm_nt(a, b_t, {nt.data(), m_, n_}, beta, {}, scratch);
    gemm_tn(a_t, b, {tn.data(), m_, n_}, beta, {}, scratch);
    CHECK(difference(nn, want) == "");
    CHECK(difference(nt, want) == "");
    CHECK(difference(tn, want) == "");
  }

  // c holds NaN where the product must not read it.
  void check_bits(float beta, random_source& random, std::span<std::byte> scratch = {}) const {
    std::vector<float> c(m_ * n_, nan);
    if (beta != 0) fill(random, values::uniform, c);
    check(c, beta, as_documented(c, beta), scratch);
  }

 private:
  static std::vector<float> transposed(const std::vector<float>& x, std::size_t rows, std::size_t cols) {
    std::vector<float> t(x.size());
    for (std::size_t i = 0; i < rows; ++i)
      for (std::size_t j = 0; j < cols; ++j) t[j * rows + i] = x[i * cols + j];
    return t;
  }

  std::size_t m_, n_, k_;
  std::vector<float> a_, b_;
};

constexpr std::array betas{0.0f, 1.0f, -0.75f};

TEST_CASE("gemm: one chain of fma over ascending k, bit for bit") {
  random_source random(256);
  for (std::size_t round = 0; round < 1500; ++round) {
    const std::size_t m = random.size_up_to(40), n = random.size_up_to(70), k = random.size_up_to(90);
    const values kind = all_values[round % all_values.size()];
    INFO("values: ", name(kind));
    product(m, n, k, kind, random).check_bits(betas[random.below(betas.size())], random);
  }
}

TEST_CASE("gemm: blocking and packing change no bit") {
  random_source random(257);
  for (const auto& [m, n, k] : {std::array<std::size_t, 3>{1, 300, 1030},
                                {300, 1, 520},
                                {130, 70, 515},   // packed on avx2
                                {130, 130, 515},  // packed on avx512, too
                                {130, 650, 45},   // B along its rows, which are far apart, and on avx2 A copied
                                {129, 1030, 35},  // and A^T copied on avx512
                                {40, 650, 20},    // rows of B far apart
                                {3, 660, 400},    // and more of them than a cache holds
                                {11, 660, 400},   // the same on wider ISAs than sse2
                                {11, 1024, 270},  // and in the same sets of a cache: packed on avx2
                                {7, 2048, 130},
                                {40, 512, 9},     // few rows of B in the same sets: a panel copied
                                {40, 515, 9},     // and not
                                {9, 20, 512},     // so many rows of B^T that they fill them
                                {3, 20, 1024},    // rows of B^T in the same sets of a cache
                                {9, 20, 1024},
                                {48, 10, 300},    // A^T B: transposed on avx512
                                {48, 6, 300},     // and on avx2
                                {97, 33, 257},
                                {97, 33, 515},
                                {192, 16, 512},
                                {200, 65, 256},
                                {7, 520, 600},
                                {520, 17, 9},
                                {98, 48, 1},
                                {200, 96, 150}, {98, 790, 30}, {98, 641, 64},  // in rows of tiles; of parts of B^T, one a column
                                {131, 128, 136},  // and on avx2 tiles of A^T copied
                                {131, 264, 136}, {40, 650, 450},  // and on avx512; there B of some rows, beyond a cache, packed
                                {131, 133, 136}}) {
    const product p(m, n, k, values::uniform, random);
    std::vector<std::byte> scratch(gemm_scratch_bytes(m, n, k));
    for (const float beta : betas) {
      p.check_bits(beta, random);
      p.check_bits(beta, random, scratch);
    }
  }
}

// Tiles of every height, and beside the whole columns some that take one register or two, whole or not.
TEST_CASE("gemm: packed, whatever is left over of rows and columns") {
  constexpr std::size_t k = 35;
  random_source random(260);
  for (std::size_t m = 128; m < 136; m += grid_step(1, 5))
    for (const std::size_t n : {128u, 128u + 3, 128u + 8, 128u + 11, 128u + 16, 128u + 21}) {
      std::vector<std::byte> scratch(gemm_scratch_bytes(m, n, k));
      product(m, n, k, values::small_integers, random).check_bits(1, random, scratch);  // what is not added to C is not packed
    }
}

// Tiles of every height below them, columns of every kind beside them.
TEST_CASE("gemm: in rows of tiles, whatever is left over of rows and columns") {
  random_source random(270);
  for (const std::size_t first : {18u, 104u})
    for (std::size_t m = first; m < first + 9; m += grid_step(1, 5))
      for (const std::size_t n : {32u, 32u + 3, 32u + 8, 64u, 64u + 11, 64u + 16, 64u + 21})
        for (const std::size_t k : {8u, 13u}) product(m, n, k, values::small_integers, random).check_bits(0, random);
}

TEST_CASE("gemm: few rows, and of columns all numbers of whole registers") {
  random_source random(272);
  for (const std::size_t m : {4u, 7u, 8u})
    for (std::size_t n = 16; n <= 80; n += 8)
      for (const std::size_t k : {9u, 400u}) {  // and in two blocks of k
        const product p(m, n, k, values::uniform, random);
        for (const float beta : betas) p.check_bits(beta, random);
      }
}

TEST_CASE("gemm: packing keeps denormals, of A and of B") {
  constexpr std::size_t m = 130, n = 130, k = 33;
  random_source random(259);
  product denormal_a(m, n, k, values::small_integers, random), denormal_b = denormal_a;
  for (std::size_t q = 0; q < k; ++q) {
    for (std::size_t i = 0; i < m; ++i) denormal_a.a(i, q) *= 0x1p-149f;
    for (std::size_t j = 0; j < n; ++j) denormal_b.b(q, j) *= 0x1p-149f;
  }
  std::vector<std::byte> scratch(gemm_scratch_bytes(m, n, k));
  // In place, and added to zeros, which is what is packed here.
  const std::vector<float> zeros(m * n);
  for (const product& denormal : {denormal_a, denormal_b}) {
    denormal.check_bits(0, random);
    denormal.check(zeros, 1, denormal.as_documented(zeros, 1), scratch);
  }
}

// Of so many columns that avx512 copies A^T, too, and added to C, as other products of that size need no copy there: tiles of
// every height and width; and two blocks of k, which do.
TEST_CASE("gemm: a copied A^T gives the bits of one in place") {
  random_source random(261);
  const auto check = [&](std::size_t m, std::size_t n, std::size_t k, float beta) {
    INFO(m, " x ", n, " x ", k, ", beta ", beta);
    std::vector<float> a(k * m), b(k * n), packed(m * n, nan);
    fill(random, values::uniform, a);
    fill(random, values::uniform, b);
    if (beta != 0) fill(random, values::uniform, packed);
    std::vector<float> in_place = packed;
    std::vector<std::byte> scratch(gemm_scratch_bytes(m, n, k));
    gemm_tn({a.data(), k, m}, {b.data(), k, n}, {packed.data(), m, n}, beta, {}, scratch);
    gemm_tn({a.data(), k, m}, {b.data(), k, n}, {in_place.data(), m, n}, beta);
    CHECK(difference(packed, in_place) == "");
  };
  for (std::size_t m = 128; m < 136; m += grid_step(1, 5))
    for (const std::size_t n : {1024u, 1024u + 3, 1024u + 8, 1024u + 11, 1024u + 16, 1024u + 21}) check(m, n, 35, 1);
  for (const float beta : {0.0f, 1.0f}) check(129, 1030, 515, beta);
}

TEST_CASE("gemm: any size and any alignment of scratch gives the same bits") {
  constexpr std::size_t m = 128, n = 1024, k = 32;  // added to C packed on every ISA but sse2; A^T too: all of the scratch is used
  constexpr std::byte mark{0x5a};
  random_source random(258);
  const product p(m, n, k, values::uniform, random);
  std::vector<float> c(m * n);
  fill(random, values::uniform, c);
  const std::vector<float> want = p.as_documented(c, 1);
  const std::size_t most = gemm_scratch_bytes(m, n, k);
  REQUIRE(most > 0);
  const auto check = [&](std::size_t shift, std::size_t less) {
    std::vector<std::byte> memory(most + 128, mark);
    p.check(c, 1, want, std::span(memory).subspan(shift, most - less));
    const auto behind = std::span(memory).subspan(shift + most - less);
    CHECK(std::all_of(memory.data(), memory.data() + shift, [&](std::byte b) { return b == mark; }));
    CHECK(std::all_of(behind.begin(), behind.end(), [&](std::byte b) { return b == mark; }));
  };
  for (std::size_t shift = 0; shift < 64; shift += emulated_step(grid_step(1, 16), 16))
    for (const std::size_t less : {0u, 59u, 91u}) check(shift, less);  // the last two: too little if misaligned
  for (std::size_t less = 0; less <= most; less += 1 + less / emulated_step(grid_step(4, 1), 1)) check(less % 64, less);
}

// Sums of products of small integers are exact in every order, so those over k terms follow from those over k - 1.
TEST_CASE("gemm: exact on small integers, every m, n 1..33, k 1..129") {
  constexpr std::size_t most = 33, most_k = 129;
  random_source random(331);
  std::vector<float> tall(most_k * most), wide(most * most_k), c(most * most), want(most * most, 0.0f);
  fill(random, values::small_integers, tall);
  for (std::size_t p = 0; p < most_k; ++p)
    for (std::size_t i = 0; i < most; ++i) wide[i * most_k + p] = tall[p * most + i];
  const matrix_view<const float> t(tall.data(), most_k, most), w(wide.data(), most, most_k);  // w is t transposed
  const std::size_t step = emulated_step(grid_step(1, 7), 29);
  std::uint64_t calls = 0, wrong = 0;
  for (std::size_t k = 1; k <= most_k; ++k) {
    for (std::size_t i = 0; i < most; ++i)
      for (std::size_t j = 0; j < most; ++j) want[i * most + j] += t(k - 1, i) * t(k - 1, j);
    for (std::size_t m = 1; m <= most && k % step == 0; ++m)
      for (std::size_t n = 1; n <= most; ++n)
        for (int form = 0; form < 3; ++form) {
          std::fill(c.begin(), c.end(), nan);
          const matrix_view<float> out(c.data(), m, n, most);
          if (form == 0) gemm_nn(w.first_rows(m).first_cols(k), t.first_rows(k).first_cols(n), out);
          if (form == 1) gemm_nt(w.first_rows(m).first_cols(k), w.first_rows(n).first_cols(k), out);
          if (form == 2) gemm_tn(t.first_rows(k).first_cols(m), t.first_rows(k).first_cols(n), out);
          for (std::size_t i = 0; i < m; ++i)
            for (std::size_t j = 0; j < n; ++j) wrong += out(i, j) == want[i * most + j] ? 0 : 1;
          ++calls;
        }
  }
  CHECK(wrong == 0);
  count("products of small integers, exact to the bit", calls);
  REQUIRE(calls > 0);
}

TEST_CASE("gemm: beta 0 never reads C, in whole and edge tiles") {
  random_source random(6);
  for (const std::size_t m : {1u, 5u, 6u, 7u, 8u, 16u, 17u})
    for (const std::size_t n : {1u, 7u, 8u, 15u, 16u, 17u, 32u, 33u, 48u})
      for (const std::size_t k : {0u, 1u, 30u, 390u}) product(m, n, k, values::uniform, random).check_bits(0, random);
}

TEST_CASE("gemm: special values in every position") {
  constexpr std::size_t m = 7, n = 37;
  random_source random(65);
  for (const float special : special_floats) {
    for (std::size_t at = 0; at < 70; at += emulated_step(grid_step(1, 3), 3)) {
      INFO(special, " at ", at);
      product p(m, n, 70, values::uniform, random);
      p.a(random.below(m), at) = special;
      p.check_bits(0, random);
      p.b(at, random.below(n)) = special;
      p.check_bits(1, random);
    }
    for (std::size_t at = 0; at < n; ++at) {
      product p(m, n, 5, values::uniform, random);
      p.b(random.below(5), at) = special;
      p.check_bits(0, random);
    }
  }
}

TEST_CASE("gemm: a product over nothing is 0") {
  std::vector<float> c{nan, nan};
  gemm_nn({nullptr, 2, 0}, {nullptr, 0, 1}, {c.data(), 2, 1});
  CHECK(difference(c, std::vector<float>{0, 0}) == "");
  c = {3, 5};
  gemm_nt({nullptr, 2, 0}, {nullptr, 1, 0}, {c.data(), 2, 1}, 2.0f);
  CHECK(difference(c, std::vector<float>{6, 10}) == "");
  c = {3, -5};
  gemm_tn({nullptr, 0, 2}, {nullptr, 0, 1}, {c.data(), 2, 1}, 1.0f, {.act = activation::relu});
  CHECK(difference(c, std::vector<float>{3, 0}) == "");
  gemm_nn({nullptr, 0, 5}, {nullptr, 5, 0}, {nullptr, 0, 0});
  gemm_nn({c.data(), 0, 0}, {c.data(), 0, SIZE_MAX}, {c.data(), 0, SIZE_MAX});
}

TEST_CASE("gemm_scratch_bytes: what does not fit in a size is SIZE_MAX, not a small number") {
  CHECK(gemm_scratch_bytes(1000, SIZE_MAX / 1024, 784) == SIZE_MAX);  // too many bytes, not too many floats
  CHECK(gemm_scratch_bytes(1000, SIZE_MAX, 64) == SIZE_MAX);
  CHECK(gemm_scratch_bytes(1000, SIZE_MAX / 2, 64) == SIZE_MAX);
  CHECK(gemm_scratch_bytes(SIZE_MAX, 64, 784) == gemm_scratch_bytes(1000, 64, 784));
  CHECK(gemm_scratch_bytes(1000, 64, SIZE_MAX) == gemm_scratch_bytes(1000, 64, 784));  // one block of k at a time
}

}  // namespace
}  // namespace lanewise::test
