// SPDX-License-Identifier: MIT
#include <lanewise/model/evaluate.hpp>

#include <algorithm>
#include <numeric>
#include <stdexcept>
#include <string>

#include <lanewise/loss.hpp>
#include <lanewise/model/batch_input.hpp>
#include <lanewise/model/training_path.hpp>
#include <lanewise/model/workspace.hpp>

namespace lanewise {

evaluation evaluate(const mlp& net, const dataset& data) {
  if (net.inputs() != data.inputs())
    throw std::invalid_argument("the net has " + std::to_string(net.inputs()) + " inputs, the images have " +
                                std::to_string(data.inputs()) + " pixels; choose layers that begin with " +
                                std::to_string(data.inputs()));
  if (net.classes() < data.classes())
    throw std::invalid_argument("the net has " + std::to_string(net.classes()) + " classes, the data " +
                                std::to_string(data.classes()) + "; choose layers that end with " +
                                std::to_string(data.classes()));
  if (net.classes() > max_classes)
    throw std::invalid_argument("the net has " + std::to_string(net.classes()) +
                                " classes, but labels are bytes; choose layers that end with at most " +
                                std::to_string(max_classes));
  constexpr std::size_t max_batch = 96;  // one block of rows of the matrix product
  workspace ws(net, max_batch);
  const bool is_dense = choose_training_path(net.layers(), data, max_batch) == training_path::dense;
  batch_input input(is_dense ? input_path::dense : input_path::nonzero, data.inputs(), max_batch);
  aligned_buffer<float> gradient(max_batch * net.classes());  // comes with the loss, not used here
  std::vector<std::int32_t> labels(max_batch), predicted(max_batch);
  std::vector<std::uint32_t> indices(max_batch);

  evaluation result;
  result.samples = data.size();
  result.classes = net.classes();
  result.confusion.resize(net.classes() * net.classes());
  for (std::size_t first = 0; first < data.size(); first += max_batch) {
    const std::size_t batch = std::min(max_batch, data.size() - first);
    std::iota(indices.begin(), indices.end(), static_cast<std::uint32_t>(first));
    const std::span<std::int32_t> y = std::span(labels).first(batch);
    input.gather(data, std::span(indices).first(batch), y);
    const matrix_view<const float> logits = input.forward(net, ws);
    result.loss += softmax_cross_entropy(logits, y, 1, {gradient.data(), batch, net.classes()});
    argmax(logits, std::span(predicted).first(batch));
    for (std::size_t i = 0; i < batch; ++i) {
      const auto truth = static_cast<std::size_t>(y[i]), guess = static_cast<std::size_t>(predicted[i]);
      result.correct += truth == guess ? 1 : 0;
      ++result.confusion[truth * net.classes() + guess];
    }
  }
  if (data.size() > 0) result.loss /= static_cast<double>(data.size());
  return result;
}

}  // namespace lanewise
