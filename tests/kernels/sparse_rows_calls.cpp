// SPDX-License-Identifier: MIT
#include <lanewise/sparse_rows.hpp>

#include <algorithm>
#include <numeric>
#include <optional>

#include "../../kernels/ref/sparse_rows.hpp"
#include "../support/error_bound.hpp"
#include "../support/isa.hpp"
#include "../support/text.hpp"
#include "product_calls.hpp"

namespace lanewise::test {
namespace {

operand integers(std::size_t cols) {
  operand o = output(1, cols);
  o.mode = access::in;
  o.integers = true;
  return o;
}

std::span<const std::uint32_t> as_unsigned(std::span<const std::int32_t> values) {
  return {reinterpret_cast<const std::uint32_t*>(values.data()), values.size()};
}

sparse_rows sparse_operand(placed_operands p, std::size_t cols, std::span<const std::uint64_t> bits = {}) {
  return {cols, as_unsigned(p[0].integers()), as_unsigned(p[1].integers()), p[2].vector(), bits};
}

// starts, index and value of a sparse m x k matrix: rows of every length from none to all columns; of one
// matrix in two in ascending order, of others in none.
std::vector<operand> sparse_matrix(random_source& random, values kind, std::size_t m, std::size_t k) {
  operand starts = integers(m + 1), index = integers(0);
  starts.values.push_back(0);
  std::vector<std::uint32_t> columns(k);
  std::iota(columns.begin(), columns.end(), 0u);
  const bool is_ascending = random.chance(50);
  for (std::size_t i = 0; i < m; ++i) {
    for (std::size_t l = k; l > 1; --l) std::swap(columns[l - 1], columns[random.below(l)]);
    const std::size_t length = random.chance(10) ? 0 : random.chance(10) ? k : random.below(k + 1);
    index.values.insert(index.values.end(), columns.begin(), columns.begin() + static_cast<std::ptrdiff_t>(length));
    if (is_ascending) std::sort(index.values.end() - static_cast<std::ptrdiff_t>(length), index.values.end());
    starts.values.push_back(static_cast<std::uint32_t>(index.values.size()));
  }
  index.cols = index.values.size();
  return {starts, index, input(random, kind, 1, index.cols)};
}

// What sparse_rows::bits() of that matrix are; none where a row's columns do not ascend.
std::vector<std::uint64_t> bits_of(const operand& starts, const operand& index, std::size_t k) {
  std::vector<std::uint64_t> bits((starts.values.size() - 1) * nonzero_bits_size(k));
  for (std::size_t i = 0; i + 1 < starts.values.size(); ++i)
    for (std::size_t p = starts.values[i]; p < starts.values[i + 1]; ++p) {
      const std::size_t column = index.values[p];
      if (p > starts.values[i] && column < index.values[p - 1]) return {};
      bits[i * nonzero_bits_size(k) + column / 64] |= std::uint64_t{1} << column % 64;
    }
  return bits;
}

template <activations which>
kernel_call make_spmm_nn(const shape& s, std::size_t variant, values kind, random_source& random) {
  using op = product_operands;
  variant_digits digits(variant);
  product_options options;
  options.bias = digits.choice(2) == 1;
  options.act = take_activation(which, digits);
  options.residual = static_cast<residual_in>(digits.choice(3));
  kernel_call call;
  call.text = text("spmm_nn ", s.m, " x ", s.n, " x ", s.k, ", ", options.text());
  // The product's operands as product_calls.hpp numbers them, behind the three of the sparse matrix but for its first.
  call.operands = sparse_matrix(random, kind, s.m, s.k);
  call.operands.push_back(input(random, kind, s.k, s.n));
  kernel_call product;
  product.operands = {operand{}, operand{}};
  add_output_and_epilogue(product, options, kind, random, s.m, s.n);
  constexpr std::size_t moved = 2;  // from the numbers of product_operands
  for (std::size_t i = op::c; i < product.operands.size(); ++i) {
    if (product.operands[i].in_memory_of >= 0) product.operands[i].in_memory_of += static_cast<int>(moved);
    call.operands.push_back(product.operands[i]);
  }
  const std::size_t cols = s.k;
  call.run = [=](placed_operands p) {
    spmm_nn(sparse_operand(p, cols), p[3].matrix(), p[moved + op::c].out_matrix(),
            epilogue_of(options, p.subspan(moved)));
    return 0.0;
  };
  call.reference = [=](placed_operands p) {
    std::vector<double> want(s.m * s.n), magnitude(s.m * s.n);
    ref::spmm_nn(sparse_operand(p, cols), p[3].matrix(), epilogue_of(options, p.subspan(moved)),
                 {want.data(), s.m, s.n}, {magnitude.data(), s.m, s.n});
    return product_expectation(want, magnitude, (s.k + 7) / 8 + 10, s.k, options);
  };
  return call;
}

kernel_call make_spmm_tn(const shape& s, std::size_t variant, values kind, random_source& random) {
  const bool with_bits = variant == 1;
  kernel_call call;
  call.text = text("spmm_tn ", s.m, " x ", s.n, " x ", s.k, with_bits ? ", with bits" : "");
  call.operands = sparse_matrix(random, kind, s.m, s.k);
  const std::vector<std::uint64_t> bits =
      with_bits ? bits_of(call.operands[0], call.operands[1], s.k) : std::vector<std::uint64_t>();
  call.operands.push_back(input(random, kind, s.m, s.n));
  call.operands.push_back(updated(random, kind, s.k, s.n));
  const std::size_t cols = s.k;
  call.run = [=](placed_operands p) {
    spmm_tn(sparse_operand(p, cols, bits), p[3].matrix(), p[4].out_matrix());
    return 0.0;
  };
  call.reference = [=](placed_operands p) {
    expectation e;
    e.want.resize(s.k * s.n);
    e.tolerance.resize(s.k * s.n);
    ref::spmm_tn(sparse_operand(p, cols), p[3].matrix(), p[4].matrix(), {e.want.data(), s.k, s.n},
                 {e.tolerance.data(), s.k, s.n});
    for (double& t : e.tolerance) t = gamma(s.m + 1) * t + static_cast<double>(s.m + 1) * smallest_float;
    return e;
  };
  return call;
}

// Bytes of every density; what lies in the lists behind the last pixel is not specified and set to zero.
kernel_call make_nonzero_pixels(const shape& s, std::size_t, values, random_source& random) {
  kernel_call call;
  call.text = text("nonzero_pixels of ", 4 * s.n);
  operand bytes = integers(s.n);
  const unsigned density = static_cast<unsigned>(random.below(101));
  for (std::size_t i = 0; i < s.n; ++i) {
    std::uint32_t four = 0;
    for (int b = 0; b < 4; ++b)
      four = four << 8 | (random.chance(density) ? static_cast<std::uint32_t>(random.below(256)) : 0);
    bytes.values.push_back(four);
  }
  operand index = output(1, pixel_list_size(4 * s.n));
  index.integers = true;
  call.operands = {bytes, index, output(1, pixel_list_size(4 * s.n))};
  const auto list = [](auto nonzero, placed_operands p) {
    const std::span<const std::byte> in = p[0].bytes();
    const std::span<std::int32_t> positions = p[1].out_integers();
    const std::size_t count = nonzero(std::span{reinterpret_cast<const std::uint8_t*>(in.data()), in.size()},
                                      std::span{reinterpret_cast<std::uint32_t*>(positions.data()), positions.size()},
                                      p[2].out_vector());
    std::fill(positions.begin() + static_cast<std::ptrdiff_t>(count), positions.end(), 0);
    std::fill(p[2].out_vector().begin() + static_cast<std::ptrdiff_t>(count), p[2].out_vector().end(), 0.0f);
    return static_cast<double>(count);
  };
  call.run = [list, density](placed_operands p) {
    std::optional<without_extra_instructions> plain;
    if (density % 2 == 1) plain.emplace();
    return list([](auto... lists) { return nonzero_pixels(lists...); }, p);
  };
  call.reference = [list](placed_operands p) {
    expectation e;
    e.result = list(ref::nonzero_pixels, p);
    for (const std::int32_t position : p[1].integers()) e.want.push_back(position);
    for (const float value : p[2].vector()) e.want.push_back(static_cast<double>(value));
    e.tolerance.assign(e.want.size(), 0);
    return e;
  };
  return call;
}

}  // namespace

std::vector<catalogued_kernel> sparse_rows_calls() {
  return {{"nonzero_pixels", 1, 1, make_nonzero_pixels},
          {"spmm_nn", 3, 2 * count_of(activations::in_product) * 3, make_spmm_nn<activations::in_product>},
          {"spmm_tn", 3, 2, make_spmm_tn},
          {"spmm_nn, activated", 3, 2 * count_of(activations::others) * 3, make_spmm_nn<activations::others>}};
}

}  // namespace lanewise::test
