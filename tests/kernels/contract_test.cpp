// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <string>
#include <vector>

#include <lanewise/lanewise.hpp>

#include "../support/contract_death.hpp"
#include "../support/float_values.hpp"
#include "../support/tally.hpp"

namespace lanewise::test {
namespace {

// Memory that all violating calls can point at; none of it may be touched.
std::array<float, 64> memory{};
std::array<std::int32_t, 8> indices{};

std::span<float> vec(std::size_t n) { return std::span(memory).first(n); }
std::span<std::int32_t> ints(std::size_t n) { return std::span(indices).first(n); }
matrix_view<float> mat(std::size_t rows, std::size_t cols) { return {memory.data(), rows, cols}; }

constexpr activation unknown{static_cast<activation_kind>(all_activations.size()), 0};
constexpr optimizer no_optimizer = static_cast<optimizer>(all_optimizers.size());

struct violation {
  std::string function;
  std::function<void()> call;
};

void check_each_aborts(const std::vector<violation>& violations) {
  for (std::size_t i = 0; i < violations.size(); ++i) {
    const death d = die(violations[i].call);
    INFO(violations[i].function, ", violation ", i, ": ", d.text);
    CHECK(d.aborted);
    CHECK(d.text.find("lanewise: contract violated: " + violations[i].function + ": ") == 0);
    CHECK(std::count(d.text.begin(), d.text.end(), '\n') == 1);
    CHECK(d.text.back() == '\n');
  }
  count("contract violations that aborted with one line", violations.size());
}

#if defined(LANEWISE_CHECKS) && !LANEWISE_CHECKS  // meson setup -Dchecks=disabled
constexpr bool checks_are_off = true;
#else
constexpr bool checks_are_off = false;
#endif

TEST_CASE("contract: matrix views") {
  constexpr std::size_t huge = SIZE_MAX / 2;
  check_each_aborts({
      {"matrix_view", [] { mat(2, 3).first_rows(3); }},
      {"matrix_view", [] { mat(2, 3).first_cols(4); }},
      {"matrix_view", [] { matrix_view<float>(memory.data(), 2, 4, 3); }},
      {"matrix_view", [] { matrix_view<float>(memory.data(), huge, 3); }},
      {"matrix_view", [] { matrix_view<float>(memory.data(), 1, huge); }},
      {"matrix_view", [] { matrix_view<float>(memory.data(), std::size_t{1} << 32, 1, std::size_t{1} << 32); }},
      {"matrix_view", [] { matrix_view<float>(memory.data(), std::size_t{1} << 31, std::size_t{1} << 30); }},
      {"matrix_view", [] { matrix_view<double>(nullptr, std::size_t{1} << 60, 1); }},
  });
}

TEST_CASE("contract: gemv, gemv_t and ger" * doctest::skip(checks_are_off)) {
  check_each_aborts({
      {"gemv", [] { gemv(mat(3, 4), vec(5), vec(3)); }},
      {"gemv", [] { gemv(mat(3, 4), vec(5), vec(3), 0); }},
      {"gemv", [] { gemv(mat(3, 4), vec(3), vec(3)); }},
      {"gemv", [] { gemv(mat(3, 4), vec(3), vec(3), 0); }},
      {"gemv", [] { gemv(mat(3, 4), vec(4), vec(4)); }},
      {"gemv", [] { gemv(mat(3, 4), vec(4), vec(4), 0); }},
      {"gemv", [] { gemv(mat(3, 4), vec(4), vec(3), 0, {.bias = vec(4)}); }},
      {"gemv", [] { gemv(mat(3, 4), vec(4), vec(3), 0, {.residual = mat(3, 1)}); }},
      {"gemv", [] { gemv(mat(3, 4), vec(4), vec(3), 0, {.residual = mat(1, 4)}); }},
      {"gemv_t", [] { gemv_t(mat(3, 4), vec(4), vec(4)); }},
      {"gemv_t", [] { gemv_t(mat(3, 4), vec(4), vec(4), 0); }},
      {"gemv_t", [] { gemv_t(mat(3, 4), vec(3), vec(3)); }},
      {"gemv_t", [] { gemv_t(mat(3, 4), vec(3), vec(3), 0); }},
      {"gemv_t", [] { gemv_t(mat(3, 4), vec(3), vec(4), 0, {.bias = vec(3)}); }},
      {"gemv_t", [] { gemv_t(mat(3, 4), vec(3), vec(4), 0, {.residual = mat(1, 3)}); }},
      {"gemv_t", [] { gemv_t(mat(3, 4), vec(3), vec(4), 0, {.residual = mat(4, 1)}); }},
      {"gemv_t", [] { gemv_t(mat(3, 4), vec(3), vec(4), 0, {.act = unknown}); }},
      {"gemv", [] { gemv(mat(3, 4), vec(4), vec(3), 0, {.act = unknown}); }},
      {"ger", [] { ger(1, vec(4), vec(4), mat(3, 4)); }},
      {"ger", [] { ger(1, vec(3), vec(3), mat(3, 4)); }},
  });
}

TEST_CASE("contract: gemm" * doctest::skip(checks_are_off)) {
  check_each_aborts({
      {"gemm_nn", [] { gemm_nn(mat(2, 3), mat(3, 4), mat(3, 4)); }},
      {"gemm_nn", [] { gemm_nn(mat(2, 3), mat(4, 4), mat(2, 4)); }},
      {"gemm_nn", [] { gemm_nn(mat(2, 3), mat(3, 4), mat(2, 5)); }},
      {"gemm_nn", [] { gemm_nn(mat(2, 3), mat(3, 4), mat(2, 4), 0, {.bias = vec(2)}); }},
      {"gemm_nn", [] { gemm_nn(mat(2, 3), mat(3, 4), mat(2, 4), 0, {.residual = mat(4, 2)}); }},
      {"gemm_nn", [] { gemm_nn(mat(2, 3), mat(3, 4), mat(2, 4), 0, {.act = unknown}); }},
      {"gemm_nt", [] { gemm_nt(mat(2, 3), mat(4, 3), mat(3, 4)); }},
      {"gemm_nt", [] { gemm_nt(mat(2, 3), mat(4, 2), mat(2, 4)); }},
      {"gemm_nt", [] { gemm_nt(mat(2, 3), mat(4, 3), mat(2, 3)); }},
      {"gemm_nt", [] { gemm_nt(mat(2, 3), mat(4, 3), mat(2, 4), 0, {.bias = vec(2)}); }},
      {"gemm_nt", [] { gemm_nt(mat(2, 3), mat(4, 3), mat(2, 4), 0, {.residual = mat(1, 4)}); }},
      {"gemm_nt", [] { gemm_nt(mat(2, 3), mat(4, 3), mat(2, 4), 0, {.act = unknown}); }},
      {"gemm_tn", [] { gemm_tn(mat(3, 2), mat(3, 4), mat(2, 4), 0, {.act = unknown}); }},
      {"gemm_tn", [] { gemm_tn(mat(3, 2), mat(3, 4), mat(3, 4)); }},
      {"gemm_tn", [] { gemm_tn(mat(3, 2), mat(2, 4), mat(2, 4)); }},
      {"gemm_tn", [] { gemm_tn(mat(3, 2), mat(3, 4), mat(2, 3)); }},
      {"gemm_tn", [] { gemm_tn(mat(3, 2), mat(3, 4), mat(2, 4), 0, {.bias = vec(3)}); }},
      {"gemm_tn", [] { gemm_tn(mat(3, 2), mat(3, 4), mat(2, 4), 0, {.residual = mat(2, 3)}); }},
  });
}

TEST_CASE("contract: sparse rows" * doctest::skip(checks_are_off)) {
  static constexpr std::array<std::uint32_t, 3> starts{0, 1, 3}, falling{0, 3, 1}, beyond{0, 1, 4}, index{3, 0, 2};
  static std::array<std::uint32_t, 8> positions{};
  static constexpr std::array<std::uint8_t, 9> bytes{};
  static std::array<std::uint64_t, 2> bits{};
  static constexpr std::array<std::uint8_t, 65> image{};
  static std::array<std::uint32_t, pixel_list_size(image.size())> places{};
  static std::array<float, pixel_list_size(image.size())> pixels{};
  static constexpr auto values = [](std::size_t n) { return std::span<const float>(memory).first(n); };
  static constexpr auto list = [](std::size_t cols) { return sparse_rows{cols, starts, index, values(3)}; };
  check_each_aborts({
      {"nonzero_pixels", [] { nonzero_pixels(bytes, positions, vec(16)); }},
      {"nonzero_pixels", [] { nonzero_pixels(std::span(bytes).first(1), positions, vec(7)); }},
      {"sparse_rows", [] { sparse_rows(4, falling, index, values(3)); }},
      {"sparse_rows", [] { sparse_rows(4, beyond, index, values(3)); }},
      {"sparse_rows", [] { sparse_rows(4, starts, index, values(2)); }},
      {"nonzero_pixels", [] { nonzero_pixels(image, places, pixels, std::span(bits).first(1)); }},
      {"sparse_rows", [] { list(3); }},
      {"sparse_rows", [] { sparse_rows(4, starts, index, values(3), std::span(bits).first(1)); }},
      {"spmm_nn", [] { spmm_nn(list(4), mat(3, 5), mat(2, 5)); }},
      {"spmm_nn", [] { spmm_nn(list(4), mat(4, 5), mat(3, 5)); }},
      {"spmm_nn", [] { spmm_nn(list(4), mat(4, 5), mat(2, 4)); }},
      {"spmm_nn", [] { spmm_nn(list(4), mat(4, 5), mat(2, 5), {.bias = vec(4)}); }},
      {"spmm_nn", [] { spmm_nn(list(4), mat(4, 5), mat(2, 5), {.residual = mat(1, 5)}); }},
      {"spmm_nn", [] { spmm_nn(list(4), mat(4, 5), mat(2, 5), {.act = unknown}); }},
      {"spmm_tn", [] { spmm_tn(list(4), mat(3, 5), mat(4, 5)); }},
      {"spmm_tn", [] { spmm_tn(list(4), mat(2, 5), mat(5, 5)); }},
      {"spmm_tn", [] { spmm_tn(list(4), mat(2, 5), mat(4, 4)); }},
  });
}

TEST_CASE("contract: element by element" * doctest::skip(checks_are_off)) {
  check_each_aborts({
      {"activate", [] { activate(unknown, vec(3), vec(3)); }},
      {"activate", [] { activate({static_cast<activation_kind>(255), 0}, vec(3), vec(3)); }},
      {"activate", [] { activate({activation_kind::elu, -1.0f}, vec(3), vec(3)); }},
      {"activate", [] { activate({activation_kind::elu, nan}, vec(3), vec(3)); }},
      {"activate", [] { activate({activation_kind::leaky_relu, infinity}, vec(3), vec(3)); }},
      {"activate_backward", [] { activate_backward(unknown, vec(3), vec(3), vec(3)); }},
      {"activate", [] { activate(activation::relu, vec(3), vec(4)); }},
      {"activate_backward", [] { activate_backward(activation::relu, vec(3), vec(4), vec(3)); }},
      {"activate_backward", [] { activate_backward(activation::relu, vec(3), vec(3), vec(4)); }},
      {"add", [] { add(vec(3), vec(4), vec(3)); }},
      {"add", [] { add(vec(3), vec(3), vec(4)); }},
      {"add_relu", [] { add_relu(vec(3), vec(4), vec(3)); }},
      {"add_relu", [] { add_relu(vec(3), vec(3), vec(2)); }},
      {"add_relu_backward", [] { add_relu_backward(vec(3), vec(4), vec(3), vec(3)); }},
      {"add_relu_backward", [] { add_relu_backward(vec(3), vec(3), vec(4), vec(3)); }},
      {"add_relu_backward", [] { add_relu_backward(vec(3), vec(3), vec(3), vec(4)); }},
      {"axpy", [] { axpy(1, vec(3), vec(4)); }},
      {"column_sums", [] { column_sums(mat(3, 4), vec(3)); }},
      {"sgd", [] { sgd(1, vec(3), vec(4)); }},
      {"update", [] { update({.settings = {.which = optimizer::sgd}}, vec(3), vec(4), {}); }},
      {"update", [] { update({.settings = {.which = optimizer::sgd}}, vec(3), vec(3), vec(3)); }},
      {"update", [] { update({.settings = {.which = optimizer::adam}}, vec(3), vec(3), vec(3)); }},
      {"update", [] { update({.settings = {.which = optimizer::momentum}, .t = 0}, vec(3), vec(3), vec(3)); }},
      {"update", [] { update({.settings = {.which = no_optimizer}}, vec(3), vec(3), {}); }},
      {"exp", [] { exp(vec(3), vec(4)); }},
      {"log", [] { log(vec(3), vec(4)); }},
  });
}

void softmax_with_label(std::int32_t label) {
  std::array<std::int32_t, 3> labels{0, 1, label};
  softmax_cross_entropy(mat(3, 4), labels, 1, mat(3, 4));
}

TEST_CASE("contract: softmax_cross_entropy and argmax" * doctest::skip(checks_are_off)) {
  check_each_aborts({
      {"softmax_cross_entropy", [] { softmax_cross_entropy(mat(3, 4), ints(2), 1, mat(3, 4)); }},
      {"softmax_cross_entropy", [] { softmax_cross_entropy(mat(3, 4), ints(3), 1, mat(4, 3)); }},
      {"softmax_cross_entropy", [] { softmax_cross_entropy(mat(3, 4), ints(3), 1, mat(3, 3)); }},
      {"softmax_cross_entropy", [] { softmax_cross_entropy(mat(3, 0), ints(3), 1, mat(3, 0)); }},
      {"softmax_cross_entropy", [] { softmax_with_label(4); }},
      {"softmax_cross_entropy", [] { softmax_with_label(-1); }},
      {"softmax_cross_entropy", [] { softmax_with_label(INT32_MAX); }},
      {"softmax_cross_entropy", [] { softmax_with_label(INT32_MIN); }},
      {"argmax", [] { argmax(mat(3, 4), ints(4)); }},
      {"argmax", [] { argmax(mat(3, 0), ints(3)); }},
  });
}

[[noreturn]] void exit_42(const char* rule) noexcept {
  std::fprintf(stderr, "handled: %s", rule);
  _exit(42);
}
void do_nothing(const char*) noexcept {}

TEST_CASE("contract: an installed handler is called with the rule") {
  const death d = die([] {
    set_contract_handler(exit_42);
    contract_violated("f: x must be y");
  });
  CHECK(exited_with(d.status, 42));
  CHECK(d.text == "handled: f: x must be y");
}

TEST_CASE("contract: a handler that returns is followed by abort") {
  const death d = die([] {
    set_contract_handler(do_nothing);
    contract_violated("f: x must be y");
  });
  CHECK(d.aborted);
  CHECK(d.text == "");
}

TEST_CASE("contract: nullptr brings the default handler back") {
  const death d = die([] {
    set_contract_handler(exit_42);
    set_contract_handler(nullptr);
    contract_violated("f: x must be y");
  });
  CHECK(d.aborted);
  CHECK(d.text == "lanewise: contract violated: f: x must be y\n");
}

TEST_CASE("contract: set_contract_handler returns the one before") {
  const contract_handler before = set_contract_handler(do_nothing);
  CHECK((set_contract_handler(exit_42) == do_nothing));
  CHECK((set_contract_handler(before) == exit_42));
}

}  // namespace
}  // namespace lanewise::test
