// SPDX-License-Identifier: MIT
#include <lanewise/model/evaluate.hpp>

#include <algorithm>
#include <numeric>
#include <stdexcept>
#include <string>

#include <lanewise/aligned_buffer.hpp>
#include <lanewise/fused_mlp.hpp>
#include <lanewise/loss.hpp>
#include <lanewise/model/batch_input.hpp>
#include <lanewise/model/training_path.hpp>
#include <lanewise/model/training_steps.hpp>
#include <lanewise/model/workspace.hpp>

namespace lanewise {
namespace {

constexpr std::size_t max_batch = 96;  // one block of rows of the matrix product

// The logits of images `first` to first + batch - 1, layer by layer.
class layered_logits {
 public:
  layered_logits(training_path path, const mlp& net, const dataset& data)
      : net_(net), data_(data), workspace_(net, max_batch), input_(path, data.inputs(), max_batch), labels_(max_batch),
        indices_(max_batch) {}

  matrix_view<const float> operator()(std::size_t first, std::size_t batch) {
    std::iota(indices_.begin(), indices_.end(), static_cast<std::uint32_t>(first));
    input_.gather(data_, std::span(indices_).first(batch), std::span(labels_).first(batch));
    return input_.forward(net_, workspace_);
  }

 private:
  const mlp& net_;
  const dataset& data_;
  workspace workspace_;
  batch_input input_;
  std::vector<std::int32_t> labels_;
  std::vector<std::uint32_t> indices_;
};

// The same, each by one function.
class fused_logits {
 public:
  fused_logits(const mlp& net, const dataset& data)
      : copy_(net.clone()), net_(fused_view(copy_)), data_(data), x_(data.inputs()), logits_(max_batch * net.classes()) {}

  matrix_view<const float> operator()(std::size_t first, std::size_t batch) {
    const matrix_view<float> logits(logits_.data(), batch, copy_.classes());
    for (std::size_t i = 0; i < batch; ++i) {
      const std::size_t later = std::min(first + i + ahead, data_.size() - 1);
      net_.list_pixels(data_.image(first + i), x_.list, data_.image(later));
      net_.forward(x_.list, logits.row(i));
    }
    return logits;
  }

 private:
  // Images lie one behind another, but a prefetcher of the CPU loses its way in the rows of weights between two of them.
  static constexpr std::size_t ahead = 4;

  mlp copy_;  // which fused_mlp could change
  fused_mlp net_;
  const dataset& data_;
  owned_pixel_list x_;
  aligned_buffer<float> logits_;
};

template <class LogitsOf, class Body>
void for_each_batch(LogitsOf logits_of, std::size_t images, const Body& body) {
  for (std::size_t first = 0; first < images; first += max_batch)
    body(first, logits_of(first, std::min(max_batch, images - first)));
}

// Calls body(first, logits) for the first images, on the path that training at batch 1 takes.
template <class Body>
void for_each_batch(const mlp& net, const dataset& data, std::size_t images, const Body& body) {
  const training_path path = choose_training_path(net.layers(), data, 1);
  if (path == training_path::fused) return for_each_batch(fused_logits(net, data), images, body);
  for_each_batch(layered_logits(path, net, data), images, body);
}

void require_inputs(const mlp& net, const dataset& data) {
  if (net.inputs() == data.inputs()) return;
  throw std::invalid_argument("the net has " + std::to_string(net.inputs()) + " inputs, the images have " +
                              std::to_string(data.inputs()) + " pixels; choose layers that begin with " +
                              std::to_string(data.inputs()));
}

void require_classes(const mlp& net, const dataset& data) {
  if (net.classes() < data.classes())
    throw std::invalid_argument("the net has " + std::to_string(net.classes()) + " classes, the data " +
                                std::to_string(data.classes()) + "; choose layers that end with " +
                                std::to_string(data.classes()));
  if (net.classes() > max_classes)
    throw std::invalid_argument("the net has " + std::to_string(net.classes()) +
                                " classes, but labels are bytes; choose layers that end with at most " +
                                std::to_string(max_classes));
}

}  // namespace

void predict(const mlp& net, const dataset& data, std::span<std::int32_t> predicted) {
  require_inputs(net, data);
  if (predicted.size() > data.size()) throw std::invalid_argument("predict: predicted.size() must be at most data.size()");
  for_each_batch(net, data, predicted.size(), [&](std::size_t first, matrix_view<const float> logits) {
    argmax(logits, predicted.subspan(first, logits.rows()));
  });
}

evaluation evaluate(const mlp& net, const dataset& data) {
  require_inputs(net, data);
  require_classes(net, data);
  aligned_buffer<float> gradient(max_batch * net.classes());  // comes with the loss, not used here
  std::vector<std::int32_t> labels(max_batch), predicted(max_batch);
  evaluation result;
  result.samples = data.size();
  result.classes = net.classes();
  result.confusion.resize(net.classes() * net.classes());
  for_each_batch(net, data, data.size(), [&](std::size_t first, matrix_view<const float> logits) {
    const std::size_t batch = logits.rows();
    for (std::size_t i = 0; i < batch; ++i) labels[i] = data.label(first + i);
    result.loss += softmax_cross_entropy(logits, std::span(labels).first(batch), 1,
                                         {gradient.data(), batch, net.classes()});
    argmax(logits, std::span(predicted).first(batch));
    for (std::size_t i = 0; i < batch; ++i) {
      const auto truth = static_cast<std::size_t>(labels[i]), guess = static_cast<std::size_t>(predicted[i]);
      result.correct += truth == guess ? 1 : 0;
      ++result.confusion[truth * net.classes() + guess];
    }
  });
  if (data.size() > 0) result.loss /= static_cast<double>(data.size());
  return result;
}

}  // namespace lanewise
