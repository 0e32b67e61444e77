// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <new>
#include <string>
#include <type_traits>

#include <lanewise/aligned_buffer.hpp>
#include <lanewise/matrix_view.hpp>
#include <lanewise/version.hpp>

namespace lanewise::test {
namespace {

static_assert(std::is_trivially_copyable_v<matrix_view<float>>);
static_assert(std::is_convertible_v<matrix_view<float>, matrix_view<const float>>);
static_assert(!std::is_convertible_v<matrix_view<const float>, matrix_view<float>>);
static_assert(!std::is_copy_constructible_v<aligned_buffer<float>>);

TEST_CASE("views: elements lie row after row, a stride apart") {
  std::array<float, 10> data{0, 1, 2, 3, 4, 5, 6, 7, 8, 9};
  const matrix_view<float> a(data.data(), 2, 3, 5);
  CHECK(a.rows() == 2);
  CHECK(a.cols() == 3);
  CHECK(a.stride() == 5);
  CHECK(a(0, 2) == 2);
  CHECK(a(1, 0) == 5);
  CHECK(a.row(1).size() == 3);
  CHECK(a.row(1).data() == data.data() + 5);
  a(1, 2) = 70;
  CHECK(data[7] == 70);
  CHECK(matrix_view<float>(data.data(), 2, 5).stride() == 5);
}

TEST_CASE("views: a vector is a matrix of one row") {
  std::array<float, 4> data{};
  const matrix_view<float> row{std::span<float>(data)};
  CHECK(row.rows() == 1);
  CHECK(row.cols() == 4);
  CHECK(row.data() == data.data());
}

TEST_CASE("views: parts keep the stride") {
  std::array<float, 12> data{};
  const matrix_view<float> a(data.data(), 3, 4);
  CHECK(a.first_rows(2).rows() == 2);
  CHECK(a.first_rows(2).cols() == 4);
  CHECK(a.first_cols(1).cols() == 1);
  CHECK(a.first_cols(1).stride() == 4);
  CHECK(a.first_rows(3).first_cols(4).rows() == 3);
}

TEST_CASE("views: empty is what has no elements") {
  float x = 0;
  CHECK(matrix_view<float>().empty());
  CHECK(matrix_view<float>(nullptr, 0, 5).empty());
  CHECK(matrix_view<float>(nullptr, 5, 0).empty());
  CHECK_FALSE(matrix_view<float>(&x, 1, 1).empty());
}

TEST_CASE("aligned_buffer: zeros at a 64-byte boundary") {
  for (std::size_t n = 1; n < 200; ++n) {
    const aligned_buffer<float> buffer(n);
    CHECK(reinterpret_cast<std::uintptr_t>(buffer.data()) % 64 == 0);
    CHECK(buffer.size() == n);
    bool zeros = true;
    for (const float x : buffer) zeros &= x == 0;
    CHECK(zeros);
  }
  CHECK(aligned_buffer<float>(0).size() == 0);
  CHECK(aligned_buffer<float>().span().empty());
}

TEST_CASE("aligned_buffer: moves hand over the memory, clones copy it") {
  aligned_buffer<int> first(3);
  first[2] = 7;
  const int* memory = first.data();
  aligned_buffer<int> second(std::move(first));
  CHECK(second.data() == memory);
  const aligned_buffer<int> copy = second.clone();
  second[2] = 8;
  CHECK(copy[2] == 7);
  CHECK(copy.size() == 3);
  aligned_buffer<int> third(1);
  third = std::move(second);
  CHECK(third.data() == memory);
  CHECK(third[2] == 8);
}

TEST_CASE("aligned_buffer: a size that no memory has is refused, also where its bytes overflow") {
  using buffer = aligned_buffer<double>;
  CHECK_THROWS_AS(buffer(SIZE_MAX), std::bad_alloc);
  CHECK_THROWS_AS(buffer(SIZE_MAX / 8 + 2), std::bad_alloc);
  CHECK_THROWS_AS(buffer((std::size_t{1} << 61) + 1), std::bad_alloc);
}

TEST_CASE("version: three numbers") {
  const std::string text = version();
  CHECK(std::count(text.begin(), text.end(), '.') == 2);
}

}  // namespace
}  // namespace lanewise::test
