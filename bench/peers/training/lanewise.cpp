// SPDX-License-Identifier: MIT
// lanewise, from the bytes, on the path that train() takes.
#include <algorithm>
#include <numeric>

#include <lanewise/model/evaluate.hpp>
#include <lanewise/model/training_steps.hpp>

#include "../lanewise_version.hpp"
#include "contender.hpp"
#include "net_values.hpp"
#include "start_net.hpp"
#include "training_data.hpp"

namespace lanewise::bench {
namespace {

class lanewise_run final : public training_run {
 public:
  explicit lanewise_run(const task& t)
      : task_(t), start_(start_net(residual_layers(static_cast<std::size_t>(t.hidden)))), net_(start_.clone()),
        data_(shared_training_data()),
        path_(choose_training_path(net_.layers(), data_.bytes, batch())),
        steps_(make_training_steps(path_, net_, data_.bytes, batch())) {}

  void restart() override { std::ranges::copy(start_.parameters(), net_.parameters().begin()); }

  double train(std::size_t first, std::size_t count) override {
    double loss = 0;
    for (std::size_t s = first; s < first + count; s += batch())
      loss += steps_->run(data_.order, s, batch(), task_.learning_rate).loss;
    return loss;
  }

  std::array<layer_values, 3> parameters() const override { return values_of(net_); }

  bool classify(std::span<std::int32_t> into) override {
    predict(net_, data_.bytes, into);
    return true;
  }

 private:
  std::size_t batch() const { return static_cast<std::size_t>(task_.batch); }

  const task& task_;
  const mlp& start_;
  mlp net_;
  const training_data& data_;
  training_path path_;
  std::unique_ptr<training_steps> steps_;
};

}  // namespace

std::vector<variant> variants(const task& t) {
  return {{"lanewise", [&t] { return std::make_unique<lanewise_run>(t); }}};
}

std::string describe() { return describe_lanewise(); }

}  // namespace lanewise::bench
