// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <algorithm>
#include <cstring>
#include <numeric>
#include <optional>
#include <utility>

#include <lanewise/gemv.hpp>
#include <lanewise/sparse_rows.hpp>

#include "../../kernels/ref/sparse_rows.hpp"
#include "../support/bits.hpp"
#include "../support/float_values.hpp"
#include "../support/guarded_buffer.hpp"
#include "../support/isa.hpp"
#include "../support/random.hpp"
#include "../support/tally.hpp"

namespace lanewise::test {
namespace {

struct pixel_list {
  std::vector<std::uint32_t> index;
  std::vector<float> value;

  explicit pixel_list(std::size_t n) : index(pixel_list_size(n), 0xdead), value(pixel_list_size(n), nan) {}
  void keep(std::size_t count) {
    index.resize(count);
    value.resize(count);
  }
};

std::vector<std::uint64_t> bits_of(std::span<const std::uint32_t> index, std::size_t n) {
  std::vector<std::uint64_t> bits(nonzero_bits_size(n));
  for (const std::uint32_t i : index) bits[i / 64] |= std::uint64_t{1} << i % 64;
  return bits;
}

void check_list(std::span<const std::uint8_t> bytes) {
  pixel_list want(bytes.size());
  want.keep(ref::nonzero_pixels(bytes, want.index, want.value));
  for (const bool extra : {true, false}) {
    CAPTURE(extra);
    std::optional<without_extra_instructions> plain;
    if (!extra) plain.emplace();
    for (const bool with_bits : {false, true}) {
      guarded_buffer memory(4096);
      const std::size_t words = with_bits ? nonzero_bits_size(bytes.size()) : 0;
      auto* const end = reinterpret_cast<std::uint64_t*>(memory.writable() + memory.size());
      const std::span<std::uint64_t> bits(end - words, words);
      pixel_list got(bytes.size());
      got.keep(nonzero_pixels(bytes, got.index, got.value, bits));
      REQUIRE(got.index == want.index);
      REQUIRE(got.value == want.value);
      if (with_bits) REQUIRE(std::ranges::equal(bits, bits_of(want.index, bytes.size())));
    }
  }
}

TEST_CASE("nonzero_pixels: every byte value, at every position of a group") {
  for (unsigned byte = 0; byte < 256; ++byte)
    for (std::size_t position = 0; position < 8; ++position) {
      std::array<std::uint8_t, 8> bytes{};
      bytes[position] = static_cast<std::uint8_t>(byte);
      check_list(bytes);
    }
}

// In the middle of zeros: a block of 64 of which one half or the other is empty, full, or has a single pixel.
TEST_CASE("nonzero_pixels: every number of pixels in each half of a block of 64") {
  for (std::size_t low = 0; low <= 32; ++low)
    for (std::size_t high = 0; high <= 32; ++high) {
      std::array<std::uint8_t, 192> bytes{};
      for (std::size_t i = 0; i < low; ++i) bytes[64 + i] = static_cast<std::uint8_t>(1 + i);
      for (std::size_t i = 0; i < high; ++i) bytes[127 - i] = static_cast<std::uint8_t>(255 - i);
      check_list(bytes);
    }
}

TEST_CASE("nonzero_pixels: every set of non-zero pixels in a group") {
  for (unsigned bits = 0; bits < 256; ++bits) {
    std::array<std::uint8_t, 8> bytes{};
    for (unsigned i = 0; i < 8; ++i) bytes[i] = static_cast<std::uint8_t>(bits >> i & 1 ? 3 * i + 1 : 0);
    check_list(bytes);
  }
}

TEST_CASE("nonzero_pixels: every length, flush with a guard page, at every density") {
  random_source random(3);
  guarded_buffer memory(1 << 12);
  std::size_t lists = 0;
  for (std::size_t n = 0; n <= 2200; n += n < 600 || n % 1024 < 2 ? 1 : 37)
    for (const std::size_t density : {0u, 1u, 19u, 60u, 100u}) {
      std::byte* begin = memory.writable() + memory.size() - n;
      for (std::size_t i = 0; i < n; ++i)
        begin[i] = static_cast<std::byte>(random.chance(density) ? random.between(1, 255) : 0);
      check_list({reinterpret_cast<const std::uint8_t*>(begin), n});
      ++lists;
    }
  count("lists of pixels", lists);
}

// The listed rows of b, one after the other.
std::vector<float> gathered(std::span<const std::uint32_t> index, matrix_view<const float> b) {
  std::vector<float> rows;
  for (const std::uint32_t i : index) rows.insert(rows.end(), b.row(i).begin(), b.row(i).end());
  return rows;
}

TEST_CASE("spmm_nn: the bits of gemv_t on the listed rows; rows that are not listed may hold anything") {
  random_source random(4);
  constexpr std::size_t k = 120;
  for (std::size_t n = 1; n <= 130; ++n) {
    std::vector<std::uint32_t> index(k);
    std::iota(index.begin(), index.end(), 0u);
    for (std::size_t l = k; l > 1; --l) std::swap(index[l - 1], index[random.below(l)]);
    index.resize(n % 9 == 0 ? n % k : random.below(k));
    std::vector<float> value(index.size()), b(k * n, nan), bias(n), got(n, nan), want(n, nan);
    fill(random, n % 2 == 0 ? values::special : values::log_uniform, value);
    fill(random, values::uniform, bias);
    for (const std::uint32_t i : index) fill(random, values::uniform, std::span(b).subspan(i * n, n));
    const std::array<std::uint32_t, 2> starts{0, static_cast<std::uint32_t>(index.size())};
    const matrix_view<const float> weights(b.data(), k, n);
    spmm_nn({k, starts, index, value}, weights, {got.data(), 1, n}, {.bias = bias, .act = activation::relu});
    const std::vector<float> rows = gathered(index, weights);
    gemv_t({rows.data(), index.size(), n}, value, want, 0, {.bias = bias, .act = activation::relu});
    CAPTURE(n);
    CHECK(difference(got, want) == "");
  }
}

// Larger than an L2: by tiles of columns, not by rows. One row of A is empty; n leaves a part of a tile.
TEST_CASE("spmm_nn: of a large B the bits of gemv_t on the listed rows, too") {
  random_source random(6);
  constexpr std::size_t k = 300, m = 3, n = 901;
  std::vector<float> b(k * n), bias(n), residual(m * n), got(m * n, nan), want(m * n, nan);
  fill(random, values::uniform, b);
  fill(random, values::uniform, bias);
  fill(random, values::uniform, residual);
  const matrix_view<const float> weights(b.data(), k, n);
  std::vector<std::uint32_t> starts{0}, index;
  for (std::size_t i = 0; i < m; ++i) {
    for (std::uint32_t l = 0; l < k && i != 1; ++l)
      if (random.chance(30)) index.push_back(l);
    starts.push_back(static_cast<std::uint32_t>(index.size()));
  }
  std::vector<float> value(index.size());
  fill(random, values::uniform, value);
  const matrix_view<const float> added(residual.data(), m, n);
  for (std::size_t i = 0; i < m; ++i) {
    const std::size_t count = starts[i + 1] - starts[i];
    const std::vector<float> rows = gathered(std::span(index).subspan(starts[i], count), weights);
    gemv_t({rows.data(), count, n}, std::span(value).subspan(starts[i], count), std::span(want).subspan(i * n, n), 0,
           {.bias = bias, .act = activation::relu, .residual = matrix_view<const float>(added.row(i))});
  }
  spmm_nn({k, starts, index, value}, weights, {got.data(), m, n}, {.bias = bias, .act = activation::relu, .residual = added});
  CHECK(difference(got, want) == "");
}

TEST_CASE("spmm_nn: a product with a B of no rows is 0") {
  const std::array<std::uint32_t, 3> starts{};
  for (const activation act : {activation::relu, activation::gelu}) {
    std::vector<float> got(2 * 2000, nan);
    spmm_nn({0, starts, {}, {}}, {nullptr, 0, 2000}, {got.data(), 2, 2000}, {.act = act});
    CHECK(difference(got, std::vector<float>(got.size())) == "");
  }
}

TEST_CASE("spmm_tn: row after row, one rounding each; rows that are not listed keep their bits") {
  random_source random(5);
  // Few rows of A, and so many that rows of C are made one by one: more than 64 of them, more than 1024 columns.
  for (const auto& rows_and_columns : {std::pair<std::size_t, std::size_t>{7, 50}, {33, 50}, {150, 50}, {70, 1100}}) {
    const std::size_t m = rows_and_columns.first, k = rows_and_columns.second;  // clang 14 captures no names of a pair's parts
    for (const std::size_t n : {1u, 4u, 8u, 10u, 16u, 17u, 32u, 40u, 64u, 71u, 128u, 200u})
      for (const bool is_ascending : {true, false}) {
        std::vector<std::uint32_t> starts{0}, index;
        for (std::size_t i = 0; i < m; ++i) {
          for (std::uint32_t l = 0; l < k; ++l)
            if (l % 10 != 3 && random.chance(i % 9 == 4 ? 0 : 40)) index.push_back(l);
          if (!is_ascending && index.size() >= starts.back() + 2) std::swap(index[starts.back()], index.back());
          starts.push_back(static_cast<std::uint32_t>(index.size()));
        }
        std::vector<float> value(index.size()), b(m * n), c(k * n);
        fill(random, values::log_uniform, value);
        fill(random, values::uniform, b);
        fill(random, values::uniform, c);
        for (std::size_t j = 0; j < n; ++j) c[3 * n + j] = nan;
        std::vector<float> want = c;
        for (std::size_t i = 0; i < m; ++i)
          for (std::size_t p = starts[i]; p < starts[i + 1]; ++p)
            for (std::size_t j = 0; j < n; ++j) {
              float& element = want[index[p] * n + j];
              element = std::fma(value[p], b[i * n + j], element);
            }
        CAPTURE(m);
        CAPTURE(k);
        CAPTURE(n);
        CAPTURE(is_ascending);
        std::vector<std::uint64_t> bits;
        for (std::size_t i = 0; i < m && is_ascending; ++i) {
          const auto row = bits_of(std::span(index).subspan(starts[i], starts[i + 1] - starts[i]), k);
          bits.insert(bits.end(), row.begin(), row.end());
        }
        std::vector<float> with_bits = c;
        spmm_tn({k, starts, index, value}, {b.data(), m, n}, {c.data(), k, n});
        spmm_tn({k, starts, index, value, bits}, {b.data(), m, n}, {with_bits.data(), k, n});
        CHECK(difference(c, want) == "");
        CHECK(difference(with_bits, want) == "");
      }
  }
}

// Of too many elements, of too few, and of as many of which one is beyond the last column.
TEST_CASE("spmm_tn: bits that do not fit the rows are as good as none") {
  random_source random(7);
  constexpr std::size_t m = 64, k = 100, n = 64, words = nonzero_bits_size(k);
  std::vector<std::uint32_t> starts{0}, index;
  std::vector<std::uint64_t> bits;
  for (std::size_t i = 0; i < m; ++i) {
    const std::size_t first = index.size();
    for (std::uint32_t l = 0; l < k; ++l)
      if (random.chance(40)) index.push_back(l);
    starts.push_back(static_cast<std::uint32_t>(index.size()));
    const auto row = bits_of(std::span(index).subspan(first), k);
    bits.insert(bits.end(), row.begin(), row.end());
  }
  std::vector<float> value(index.size()), b(m * n), start(k * n);
  fill(random, values::log_uniform, value);
  fill(random, values::uniform, b);
  fill(random, values::uniform, start);
  const auto product = [&](std::span<const std::uint64_t> with) {
    std::vector<float> c = start;
    spmm_tn({k, starts, index, value, with}, {b.data(), m, n}, {c.data(), k, n});
    return c;
  };
  const std::vector<float> want = product({});
  CHECK(difference(product(bits), want) == "");
  for (const std::size_t row : {std::size_t{0}, m - 1}) {
    CAPTURE(row);
    std::vector<std::uint64_t> too_many = bits, too_few = bits, beyond = bits;
    too_many[row * words] = ~std::uint64_t{0};
    too_few[row * words] = 0;
    const std::uint64_t lowest = beyond[row * words] & -beyond[row * words];
    beyond[row * words] ^= lowest;  // as many as before
    beyond[row * words + 1] |= std::uint64_t{1} << 63;
    for (const auto& wrong : {too_many, too_few, beyond}) CHECK(difference(product(wrong), want) == "");
  }
}

}  // namespace
}  // namespace lanewise::test
