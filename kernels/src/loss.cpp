// SPDX-License-Identifier: MIT
#include <lanewise/loss.hpp>

#include <limits>

#include "dispatch.hpp"
#include "expects.hpp"
#include "per_isa.hpp"

namespace lanewise {

double softmax_cross_entropy(const matrix_view<const float>& logits, std::span<const std::int32_t> labels, float scale,
                             const matrix_view<float>& dlogits) noexcept {
  LANEWISE_EXPECTS(logits.rows() == labels.size(), "softmax_cross_entropy: labels.size() must equal logits.rows()");
  LANEWISE_EXPECTS(logits.rows() == dlogits.rows(), "softmax_cross_entropy: dlogits must have as many rows as logits");
  LANEWISE_EXPECTS(logits.cols() == dlogits.cols(), "softmax_cross_entropy: dlogits must have as many columns as logits");
  LANEWISE_EXPECTS(logits.cols() <= std::size_t{1} << 24, "softmax_cross_entropy: at most 2^24 classes");
  for (const std::int32_t label : labels)
    LANEWISE_EXPECTS(label >= 0 && static_cast<std::size_t>(label) < logits.cols(),
                     "softmax_cross_entropy: each label must be at least 0 and below the number of classes");
  const auto kernel = active_kernel([]<class I> { return &loss_kernels<I>::softmax_cross_entropy; });
  return kernel(logits.rows(), logits.cols(), logits.data(), logits.stride(), labels.data(), scale,
                dlogits.data(), dlogits.stride());
}

void argmax(const matrix_view<const float>& a, std::span<std::int32_t> out) noexcept {
  LANEWISE_EXPECTS(a.rows() == out.size(), "argmax: out.size() must equal a.rows()");
  LANEWISE_EXPECTS(a.rows() == 0 || a.cols() > 0, "argmax: rows must have at least one element");
  LANEWISE_EXPECTS(a.cols() <= static_cast<std::size_t>(std::numeric_limits<std::int32_t>::max()),
                   "argmax: at most 2^31 - 1 columns");
  const auto kernel = active_kernel([]<class I> { return &loss_kernels<I>::argmax; });
  kernel(a.rows(), a.cols(), a.data(), a.stride(), out.data());
}

}  // namespace lanewise
