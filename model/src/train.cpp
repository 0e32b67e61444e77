// SPDX-License-Identifier: MIT
#include <lanewise/model/train.hpp>

#include <algorithm>
#include <cfenv>
#include <chrono>
#include <cmath>
#include <limits>
#include <numeric>
#include <stdexcept>

#include <lanewise/model/evaluate.hpp>
#include <lanewise/model/rng.hpp>
#include <lanewise/model/training_path.hpp>
#include <lanewise/model/training_steps.hpp>

namespace lanewise {
namespace {

using clock = std::chrono::steady_clock;

double seconds_since(clock::time_point start) { return std::chrono::duration<double>(clock::now() - start).count(); }

void require_default_float_environment() {
  volatile float denormal = 0x1p-140f;
  const bool kept = denormal * 1.0f != 0.0f;
  if (std::fegetround() != FE_TONEAREST || !kept)
    throw std::runtime_error(
        "the floating-point environment rounds otherwise than to nearest or flushes denormals; "
        "restore the default (is something linked with -ffast-math?)");
}

void require_fit(const mlp& net, const dataset& data, const train_options& options) {
  if (data.size() == 0) throw std::invalid_argument("train: the data set is empty");
  if (net.inputs() != data.inputs() || net.classes() < data.classes())
    throw std::invalid_argument("train: the net is " + std::to_string(net.inputs()) + " -> " +
                                std::to_string(net.classes()) + ", the data " + std::to_string(data.inputs()) +
                                " pixels -> " + std::to_string(data.classes()) +
                                " classes; choose layers that begin and end with these");
  if (net.classes() > max_classes)
    throw std::invalid_argument("train: the net has " + std::to_string(net.classes()) +
                                " classes, but labels are bytes; choose layers that end with at most " +
                                std::to_string(max_classes));
  if (options.epochs == 0 || options.batch == 0) throw std::invalid_argument("train: epochs and batch must be at least 1");
  const auto lr = options.lr <= std::numeric_limits<float>::max() ? static_cast<float>(options.lr) : 0.0f;
  if (!(lr > 0)) throw std::invalid_argument("train: lr must be positive and finite as a float");
  require_usable(options.schedule);
  require_usable(options.update);
}

// One training run: the state between steps.
class trainer {
 public:
  trainer(mlp& net, const dataset& data, const dataset* test, const train_options& options,
          const train_observer& observer)
      : net_(net), data_(data), test_(test), options_(options), observer_(observer),
        batch_(std::min(options.batch, data.size())),
        steps_(make_training_steps(choose_training_path(net.layers(), data, options.batch, options.update), net, data,
                                   batch_, options.update)),
        order_(data.size()), plan_{(data.size() + batch_ - 1) / batch_, options.epochs} {}

  train_result run() {
    start_ = reported_ = clock::now();
    while (result_.end == train_end::finished && result_.epochs.size() < options_.epochs) run_epoch();
    return std::move(result_);
  }

 private:
  struct totals {
    double loss = 0;
    std::size_t correct = 0;
    std::size_t samples = 0;
  };

  std::size_t steps_in(const totals& sums) const { return (sums.samples + batch_ - 1) / batch_; }
  bool is_last_step(std::size_t epoch, const totals& sums) const {
    return epoch + 1 == options_.epochs && sums.samples == data_.size();
  }

  void run_epoch() {
    const std::size_t epoch = result_.epochs.size();  // from 0
    const clock::time_point begin = clock::now();
    std::iota(order_.begin(), order_.end(), 0u);
    random_stream random(options_.seed, stream::shuffle, static_cast<std::uint32_t>(epoch));
    shuffle(order_, random);
    totals sums;
    while (sums.samples < data_.size()) {
      lr_ = learning_rate(options_.schedule, options_.lr, steps_done_, plan_);
      if (!step(sums)) return diverge(epoch, steps_in(sums) + 1);
      ++steps_done_;
      if (!keep_going(epoch, sums.samples) && !is_last_step(epoch, sums)) {
        result_.end = train_end::stopped;
        break;
      }
    }
    // A finite loss may have had an infinite gradient, or a step may have been too long for a float.
    if (!all_finite(net_.parameters())) return diverge(epoch, steps_in(sums));
    if (sums.samples == data_.size()) report(epoch, sums, seconds_since(begin));
  }

  // False if the loss is not finite; then nothing was updated.
  bool step(totals& sums) {
    const std::size_t batch = std::min(batch_, data_.size() - sums.samples);
    const training_steps::outcome outcome = steps_->run(order_, sums.samples, batch, static_cast<float>(lr_));
    if (!std::isfinite(outcome.loss)) return false;
    sums.correct += outcome.correct;
    sums.loss += outcome.loss;
    sums.samples += batch;
    return true;
  }

  // Asks the observer about ten times a second; reading the clock after every sample would cost 2 %.
  bool keep_going(std::size_t epoch, std::size_t samples) {
    const bool epoch_ends = samples == data_.size();
    if (!observer_.on_progress || (samples < next_look_ && !epoch_ends)) return true;
    next_look_ = epoch_ends ? 0 : samples + 64;
    const clock::time_point now = clock::now();
    if (now - reported_ < std::chrono::milliseconds(100) && !epoch_ends) return true;
    reported_ = now;
    return observer_.on_progress({epoch + 1, options_.epochs, samples, data_.size(), seconds_since(start_)});
  }

  void diverge(std::size_t epoch, std::size_t step) {
    result_.end = train_end::diverged;
    result_.diverged_epoch = epoch + 1;
    result_.diverged_step = step;
  }

  void report(std::size_t epoch, const totals& sums, double seconds) {
    const auto samples = static_cast<double>(sums.samples);
    epoch_report r;
    r.epoch = epoch + 1;
    r.lr = lr_;
    r.train_loss = sums.loss / samples;
    r.train_accuracy = static_cast<double>(sums.correct) / samples;
    r.seconds = seconds;
    r.microseconds_per_sample = seconds * 1e6 / samples;
    if (test_ != nullptr) {
      const evaluation e = evaluate(net_, *test_);
      r.test_loss = e.loss;
      r.test_accuracy = e.accuracy();
    }
    result_.epochs.push_back(r);
    if (observer_.on_epoch) observer_.on_epoch(r);
    if (result_.end == train_end::finished && observer_.until && observer_.until(r)) result_.end = train_end::reached;
  }

  mlp& net_;
  const dataset& data_;
  const dataset* test_;
  const train_options& options_;
  const train_observer& observer_;
  std::size_t batch_;
  std::unique_ptr<training_steps> steps_;
  std::vector<std::uint32_t> order_;
  planned_steps plan_;
  std::size_t steps_done_ = 0;
  std::size_t next_look_ = 0;  // at the clock, in samples of the epoch
  double lr_ = 0;
  clock::time_point start_, reported_;
  train_result result_;
};

}  // namespace

train_result train(mlp& net, const dataset& data, const dataset* test, const train_options& options,
                   const train_observer& observer) {
  require_default_float_environment();
  require_fit(net, data, options);
  return trainer(net, data, test, options, observer).run();
}

}  // namespace lanewise
