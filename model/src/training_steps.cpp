// SPDX-License-Identifier: MIT
#include <lanewise/model/training_steps.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <utility>
#include <vector>

#include <lanewise/contract.hpp>
#include <lanewise/loss.hpp>
#include <lanewise/model/batch_input.hpp>
#include <lanewise/model/workspace.hpp>

namespace lanewise {
namespace {

// ---- layer by layer ---------------------------------------------------------------------------------------------------

class layered_steps final : public training_steps {
 public:
  layered_steps(training_path path, mlp& net, const dataset& data, std::size_t max_batch, const update_options& update)
      : net_(net), data_(data), workspace_(net, max_batch), input_(path, data.inputs(), max_batch, net.layers().front().out),
        labels_(max_batch), predicted_(max_batch) {
    if (!update.is_plain_sgd()) update_.emplace(update, net.parameters().size());
  }

  outcome run(std::span<const std::uint32_t> order, std::size_t first, std::size_t batch, float lr) override {
    const std::span<std::int32_t> labels = std::span(labels_).first(batch);
    const std::span<std::int32_t> predicted = std::span(predicted_).first(batch);
    input_.gather(data_, order.subspan(first, batch), labels);
    outcome result;
    result.loss = step(labels, lr);
    if (!std::isfinite(result.loss)) return result;
    argmax(workspace_.z(net_.layers().size() - 1, batch).first_cols(net_.classes()), predicted);
    for (std::size_t i = 0; i < batch; ++i) result.correct += predicted[i] == labels[i] ? 1 : 0;
    return result;
  }

 private:
  double step(std::span<const std::int32_t> labels, float lr) {
    if (!update_) return input_.sgd_step(net_, workspace_, labels, lr);
    const double loss = input_.backward(net_, workspace_, labels);
    if (std::isfinite(loss)) (*update_)(workspace_.gradients(), net_.parameters(), static_cast<double>(lr));
    return loss;
  }

  mlp& net_;
  const dataset& data_;
  workspace workspace_;
  batch_input input_;
  std::optional<parameter_update> update_;  // none: plain SGD, in place
  std::vector<std::int32_t> labels_, predicted_;
};

// ---- fused --------------------------------------------------------------------------------------------------------------

// The image some places further, to be fetched: they come in an order that no CPU foresees. Its label is fetched here.
std::span<const std::uint8_t> image_ahead(const dataset& data, std::span<const std::uint32_t> order, std::size_t i) noexcept {
  constexpr std::size_t ahead = 8;
  const std::size_t later = order[std::min(i + ahead, order.size() - 1)];
  __builtin_prefetch(&data.labels()[later]);
  return data.image(later);
}

// Steps of one sample. Each lists the pixels of the next one.
class fused_steps final : public training_steps {
 public:
  fused_steps(mlp& net, const dataset& data)
      : data_(data), net_(fused_view(net)), memory_{owned_pixel_list(data.inputs()), owned_pixel_list(data.inputs())},
        now_(memory_[0].list), next_(memory_[1].list) {}

  outcome run(std::span<const std::uint32_t> order, std::size_t first, std::size_t, float lr) override {
    const bool is_last = first + 1 == order.size();
    if (listed_ != order[first]) net_.list_pixels(data_.image(order[first]), now_);
    const fused_mlp::result result =
        net_.sgd_step(now_, data_.label(order[first]), lr,
                      is_last ? std::span<const std::uint8_t>() : data_.image(order[first + 1]), next_,
                      image_ahead(data_, order, first));
    std::swap(now_, next_);
    listed_ = is_last ? std::nullopt : std::optional(order[first + 1]);
    return {result.loss, result.correct};
  }

 private:
  const dataset& data_;
  fused_mlp net_;
  std::array<owned_pixel_list, 2> memory_;
  pixel_list now_, next_;                // of this image and the next
  std::optional<std::uint32_t> listed_;  // which image now_ is of
};

class fused_batches final : public training_steps {
 public:
  fused_batches(mlp& net, const dataset& data, std::size_t max_batch)
      : data_(data), net_(fused_view(net)), scratch_(net_.scratch_bytes(max_batch)), labels_(max_batch) {
    for (std::size_t i = 0; i < max_batch; ++i) lists_.push_back(memory_.emplace_back(data.inputs()).list);
  }

  outcome run(std::span<const std::uint32_t> order, std::size_t first, std::size_t batch, float lr) override {
    if (batch > lists_.size()) contract_violated("training_steps::run: batch must be at most max_batch");
    for (std::size_t i = 0; i < batch; ++i) {
      net_.list_pixels(data_.image(order[first + i]), lists_[i], image_ahead(data_, order, first + i));
      labels_[i] = data_.label(order[first + i]);
    }
    const fused_mlp::result result =
        net_.sgd_step(std::span(lists_).first(batch), std::span(labels_).first(batch), lr, scratch_.span());
    return {result.loss, result.correct};
  }

 private:
  const dataset& data_;
  fused_mlp net_;
  aligned_buffer<std::byte> scratch_;
  std::vector<std::int32_t> labels_;
  std::vector<owned_pixel_list> memory_;
  std::vector<pixel_list> lists_;  // in that memory
};

}  // namespace

fused_mlp fused_view(mlp& net) {
  std::vector<fused_layer_views> layers;
  for (std::size_t l = 0; l < net.layers().size(); ++l)
    layers.push_back({net.weights(l), net.bias(l), net.layers()[l].residual});
  return fused_mlp(layers, net.classes());
}

std::unique_ptr<training_steps> make_training_steps(training_path path, mlp& net, const dataset& data,
                                                    std::size_t max_batch, const update_options& update) {
  if (path == training_path::fused) {
    if (!update.is_plain_sgd()) contract_violated("make_training_steps: the fused path is for plain SGD only");
    if (max_batch == 1) return std::make_unique<fused_steps>(net, data);
    return std::make_unique<fused_batches>(net, data, max_batch);
  }
  return std::make_unique<layered_steps>(path, net, data, max_batch, update);
}

}  // namespace lanewise
