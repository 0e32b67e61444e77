// SPDX-License-Identifier: MIT
#include <lanewise/model/batch_input.hpp>

#include <limits>
#include <new>

#include <lanewise/contract.hpp>
#include <lanewise/model/step.hpp>
#include <lanewise/sparse_rows.hpp>

namespace lanewise {
namespace {

std::size_t elements_of(bool is_dense, std::size_t inputs, std::size_t max_batch) {
  const std::size_t row = is_dense ? inputs : pixel_list_size(inputs);
  std::size_t elements = 0;
  const bool too_many = __builtin_mul_overflow(row, max_batch, &elements);
  // starts_ counts in 32 bits.
  if (too_many || (!is_dense && elements > std::numeric_limits<std::uint32_t>::max()))
    throw std::bad_alloc();
  return elements;
}

}  // namespace

batch_input::batch_input(training_path path, std::size_t inputs, std::size_t max_batch, std::size_t updated_columns)
    : is_dense_(path == training_path::dense), inputs_(inputs), max_batch_(max_batch),
      words_(max_batch > 1 && updated_columns >= least_columns_for_bits ? nonzero_bits_size(inputs) : 0),
      values_(elements_of(is_dense_, inputs, max_batch)) {
  if (is_dense_) return;
  index_ = aligned_buffer<std::uint32_t>(values_.size());
  bits_ = aligned_buffer<std::uint64_t>(max_batch * words_);
  starts_.resize(max_batch + 1);
}

void batch_input::gather(const dataset& data, std::span<const std::uint32_t> indices,
                         std::span<std::int32_t> labels) noexcept {
  if (indices.size() > max_batch_) contract_violated("batch_input::gather: more images than max_batch");
  batch_ = indices.size();
  if (is_dense_) return data.gather(indices, {values_.data(), batch_, inputs_}, labels);
  if (data.inputs() != inputs_) contract_violated("batch_input::gather: the images must have the inputs of this object");
  if (labels.size() != batch_) contract_violated("batch_input::gather: labels.size() must equal indices.size()");
  std::size_t end = 0;
  for (std::size_t r = 0; r < batch_; ++r) {
    if (indices[r] >= data.size()) contract_violated("batch_input::gather: every index must be below data.size()");
    end += nonzero_pixels(data.image(indices[r]), index_.span().subspan(end), values_.span().subspan(end),
                          bits_.span().subspan(r * words_, words_));
    starts_[r + 1] = static_cast<std::uint32_t>(end);
    labels[r] = data.label(indices[r]);
  }
}

sparse_rows batch_input::nonzero() const noexcept {
  return {inputs_, std::span(starts_).first(batch_ + 1), index_.span(), values_.span(), bits_.span()};
}

matrix_view<const float> batch_input::forward(const mlp& net, workspace& ws) const noexcept {
  return is_dense_ ? lanewise::forward(net, ws, dense()) : lanewise::forward(net, ws, nonzero());
}

double batch_input::backward(const mlp& net, workspace& ws, std::span<const std::int32_t> labels) const noexcept {
  return is_dense_ ? lanewise::backward(net, ws, dense(), labels)
                                    : lanewise::backward(net, ws, nonzero(), labels);
}

double batch_input::sgd_step(mlp& net, workspace& ws, std::span<const std::int32_t> labels, float lr) const noexcept {
  return is_dense_ ? lanewise::sgd_step(net, ws, dense(), labels, lr)
                                    : lanewise::sgd_step(net, ws, nonzero(), labels, lr);
}

}  // namespace lanewise
