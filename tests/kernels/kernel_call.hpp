// SPDX-License-Identifier: MIT
// One call of one kernel as data: operands with their values, how to call it, what the double reference expects. Tests
// that hold for every kernel (bounds, guard pages, bits across ISAs) are written once, over these.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include <lanewise/matrix_view.hpp>

#include "../support/random.hpp"

namespace lanewise::test {

enum class access { in, out, inout, scratch };

// A matrix, or a vector as a matrix of one row. All elements are four bytes wide: float or std::int32_t.
struct operand {
  access mode = access::in;
  std::size_t rows = 0;
  std::size_t cols = 0;
  std::vector<std::uint32_t> values;  // bits before the call, row after row; empty for out and scratch
  int in_memory_of = -1;              // placed exactly where this earlier operand is
  bool integers = false;

  bool written() const { return mode == access::out || mode == access::inout; }
};

operand input(random_source& random, values kind, std::size_t rows, std::size_t cols);
operand updated(random_source& random, values kind, std::size_t rows, std::size_t cols);  // read and written
operand output(std::size_t rows, std::size_t cols);

// An operand in memory.
struct placed {
  std::byte* data = nullptr;
  std::size_t rows = 0;
  std::size_t cols = 0;
  std::size_t stride = 0;

  matrix_view<const float> matrix() const { return {as<const float>(), rows, cols, stride}; }
  matrix_view<float> out_matrix() const { return {as<float>(), rows, cols, stride}; }
  std::span<const float> vector() const { return {as<const float>(), cols}; }
  std::span<float> out_vector() const { return {as<float>(), cols}; }
  std::span<const std::int32_t> integers() const { return {as<const std::int32_t>(), cols}; }
  std::span<std::int32_t> out_integers() const { return {as<std::int32_t>(), cols}; }
  std::span<std::byte> bytes() const { return {data, cols * 4}; }

 private:
  template <class T>
  T* as() const {
    return reinterpret_cast<T*>(data);
  }
};
using placed_operands = std::span<const placed>;

// What the reference says of every written element, in the order of operands, and of the returned value.
struct expectation {
  std::vector<double> want;
  std::vector<double> tolerance;
  double result = 0;
  double result_tolerance = 0;
};

struct kernel_call {
  std::string text;  // for messages
  std::vector<operand> operands;
  std::function<double(placed_operands)> run;  // the kernel's result; 0 if it returns none
  std::function<expectation(placed_operands)> reference;
};

struct outcome {
  std::vector<std::uint32_t> bits;  // of every written element, NaN as a class
  double result = 0;
  std::string damage;  // what was written beside the outputs; "" if nothing was
};

// The written elements as numbers.
std::vector<double> output_values(const kernel_call& call, const outcome& out);

// "" or the first difference.
std::string difference(const outcome& got, const outcome& want);

// Dense operands at 64-byte boundaries, outputs holding zeros, no two in the same memory, no scratch.
outcome run_clean(const kernel_call& call);
expectation expected(const kernel_call& call);

// How operands lie between guard pages.
struct layout {
  bool at_end = true;      // the last element touches the guard page behind; otherwise the first one lies
  std::size_t offset = 0;  // `offset` elements behind the guard page in front
  std::size_t gap = 0;     // stride - cols

  std::string text() const;
};

// Inputs in read-only memory, NaN in everything that is no operand (also in outputs, scratch, gaps between rows),
// operands that may share memory do so. The outcome must be that of the clean run, with no damage.
outcome run_guarded(const kernel_call& call, const layout& where);

}  // namespace lanewise::test
