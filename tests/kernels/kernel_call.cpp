// SPDX-License-Identifier: MIT
#include "kernel_call.hpp"

#include <algorithm>
#include <cstring>
#include <memory>

#include <lanewise/aligned_buffer.hpp>

#include "../support/bits.hpp"
#include "../support/guarded_buffer.hpp"

namespace lanewise::test {
namespace {

constexpr std::size_t word = 4;               // bytes of an element
constexpr std::uint32_t poison = 0x7fc0dead;  // a NaN that no kernel makes
constexpr std::size_t window = 64;            // elements of poison kept and checked on both sides of an operand

std::size_t extent(const operand& o, std::size_t stride) {
  return o.rows == 0 || o.cols == 0 ? 0 : (o.rows - 1) * stride + o.cols;
}

void write_values(const operand& o, std::byte* memory, std::size_t stride) {
  if (o.values.empty()) return;
  for (std::size_t i = 0; i < o.rows; ++i)
    std::memcpy(memory + i * stride * word, o.values.data() + i * o.cols, o.cols * word);
}

void read_values(const operand& o, const std::byte* memory, std::size_t stride, std::vector<std::uint32_t>& bits) {
  if (extent(o, stride) == 0) return;
  const std::size_t first = bits.size();
  bits.resize(first + o.rows * o.cols);
  for (std::size_t i = 0; i < o.rows; ++i)
    std::memcpy(bits.data() + first + i * o.cols, memory + i * stride * word, o.cols * word);
  if (!o.integers)
    for (std::size_t i = first; i < bits.size(); ++i) bits[i] = canonical(bits[i]);
}

// The memory behind an operand, for qemu 7.2: it reads a whole vector where a mask of AVX excludes lanes.
constexpr std::size_t slack = 32;

struct clean_operands {
  std::vector<aligned_buffer<std::byte>> memory;
  std::vector<placed> views;

  explicit clean_operands(const kernel_call& call) {
    for (const operand& o : call.operands) {
      const std::size_t cols = o.mode == access::scratch ? 0 : o.cols;
      memory.emplace_back(o.rows * cols * word + slack);
      write_values(o, memory.back().data(), o.cols);
      views.push_back({memory.back().data(), o.rows, cols, o.cols});
    }
  }
};

// A guarded buffer for each operand of a call; they are used again by the next call.
guarded_buffer& slot(std::size_t index, std::size_t bytes) {
  static std::vector<std::unique_ptr<guarded_buffer>> slots;
  if (index >= slots.size()) slots.resize(index + 1);
  if (slots[index] == nullptr || slots[index]->size() < bytes)
    slots[index] = std::make_unique<guarded_buffer>(std::max(bytes, std::size_t{1} << 16));
  return *slots[index];
}

// One operand between guard pages, poisoned within and around.
class guarded_operand {
 public:
  guarded_operand(const operand& o, std::size_t index, const layout& where)
      : operand_(&o), stride_(o.cols + (where.gap == 0 ? 0 : where.gap + index)) {
    const std::size_t offset = where.at_end ? 0 : (where.offset + 5 * index) % 16;
    const std::size_t elements = extent(o, stride_);
    buffer_ = &slot(index, (offset + elements + window) * word);
    const std::size_t capacity = buffer_->size() / word;
    begin_ = where.at_end ? capacity - elements : offset;
    first_ = begin_ - std::min(begin_, window);
    last_ = std::min(begin_ + elements + window, capacity);
    for (std::size_t i = first_; i < last_; ++i) std::memcpy(buffer_->writable() + i * word, &poison, word);
  }

  std::byte* data() const { return buffer_->writable() + begin_ * word; }
  std::size_t stride() const { return stride_; }
  placed view(bool writable) const {
    return {writable ? data() : buffer_->readable() + begin_ * word, operand_->rows, operand_->cols, stride_};
  }

  // True if all the poison around the elements and between the rows is as it was.
  bool surroundings_intact() const {
    const std::size_t end = begin_ + extent(*operand_, stride_);
    if (!poisoned(first_, begin_) || !poisoned(end, last_)) return false;
    for (std::size_t i = 1; i < operand_->rows && end != begin_; ++i)
      if (!poisoned(begin_ + (i - 1) * stride_ + operand_->cols, begin_ + i * stride_)) return false;
    return true;
  }

 private:
  bool poisoned(std::size_t from, std::size_t to) const {
    for (std::size_t i = from; i < to; ++i)
      if (std::memcmp(buffer_->writable() + i * word, &poison, word) != 0) return false;
    return true;
  }

  const operand* operand_;
  std::size_t stride_;
  guarded_buffer* buffer_ = nullptr;
  std::size_t begin_ = 0;  // in elements: the operand; the poisoned window around it
  std::size_t first_ = 0;
  std::size_t last_ = 0;
};

operand with_values(random_source& random, values kind, std::size_t rows, std::size_t cols, access mode) {
  operand o;
  o.mode = mode;
  o.rows = rows;
  o.cols = cols;
  o.values.resize(rows * cols);
  for (std::uint32_t& bits : o.values) bits = std::bit_cast<std::uint32_t>(draw(random, kind));
  return o;
}

}  // namespace

operand input(random_source& random, values kind, std::size_t rows, std::size_t cols) {
  return with_values(random, kind, rows, cols, access::in);
}

operand updated(random_source& random, values kind, std::size_t rows, std::size_t cols) {
  return with_values(random, kind, rows, cols, access::inout);
}

operand output(std::size_t rows, std::size_t cols) {
  operand o;
  o.mode = access::out;
  o.rows = rows;
  o.cols = cols;
  return o;
}

std::vector<double> output_values(const kernel_call& call, const outcome& out) {
  std::vector<double> numbers;
  for (const operand& o : call.operands)
    for (std::size_t i = 0; o.written() && i < o.rows * o.cols; ++i) {
      const std::uint32_t bits = out.bits[numbers.size()];
      numbers.push_back(o.integers ? std::bit_cast<std::int32_t>(bits)
                                   : static_cast<double>(std::bit_cast<float>(bits)));
    }
  return numbers;
}

std::string difference(const outcome& got, const outcome& want) {
  if (!got.damage.empty()) return got.damage;
  if (bits_of(got.result) != bits_of(want.result)) return text("result is ", got.result, ", expected ", want.result);
  return got.bits == want.bits ? "" : difference(std::span(got.bits), std::span(want.bits));
}

outcome run_clean(const kernel_call& call) {
  const clean_operands operands(call);
  outcome out;
  out.result = call.run(operands.views);
  for (std::size_t i = 0; i < call.operands.size(); ++i)
    if (call.operands[i].written())
      read_values(call.operands[i], operands.memory[i].data(), call.operands[i].cols, out.bits);
  return out;
}

expectation expected(const kernel_call& call) { return call.reference(clean_operands(call).views); }

std::string layout::text() const {
  return test::text(at_end ? "flush with the end" : "offset from the start ", at_end ? "" : std::to_string(offset),
                    ", stride - cols ", gap);
}

outcome run_guarded(const kernel_call& call, const layout& where) {
  std::vector<guarded_operand> memory;
  std::vector<bool> writable;
  for (std::size_t i = 0; i < call.operands.size(); ++i) {
    const operand& o = call.operands[i];
    const bool shares = o.in_memory_of >= 0;
    memory.push_back(shares ? memory[static_cast<std::size_t>(o.in_memory_of)] : guarded_operand(o, i, where));
    write_values(o, memory[i].data(), memory[i].stride());
    writable.push_back(o.mode != access::in);
    if (shares && o.written()) writable[static_cast<std::size_t>(o.in_memory_of)] = true;
  }
  std::vector<placed> views;
  for (std::size_t i = 0; i < memory.size(); ++i) {
    const int shared = call.operands[i].in_memory_of;
    views.push_back(shared >= 0 ? views[static_cast<std::size_t>(shared)] : memory[i].view(writable[i]));
  }

  outcome out;
  out.result = call.run(views);
  for (std::size_t i = 0; i < memory.size(); ++i) {
    if (call.operands[i].written()) read_values(call.operands[i], memory[i].data(), memory[i].stride(), out.bits);
    if (writable[i] && !memory[i].surroundings_intact()) out.damage = text("memory around operand ", i, " was written");
  }
  return out;
}

}  // namespace lanewise::test
