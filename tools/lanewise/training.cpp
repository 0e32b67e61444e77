// SPDX-License-Identifier: MIT
#include "training.hpp"

#include <limits>

#include <lanewise/cpu.hpp>
#include <lanewise/version.hpp>

#include "stop_signals.hpp"

namespace lanewise::cli {

using steady = std::chrono::steady_clock;

train_result training::run(mlp& net) {
  epoch_started_ = steady::now();
  train_result result = train(net, data_.train, &data_.test, flags_.options,
                              {[this](const progress& now) { return moved(now); },
                               [this, &net](const epoch_report& epoch) { epoch_ended(net, epoch); },
                               [this](const epoch_report& epoch) { return is_reached(epoch); }});
  report_.training_ended();
  return result;
}

train_summary training::summary(const train_result& result) const {
  train_summary summary;
  summary.training_seconds = seconds_;
  summary.test_accuracy = last_.test_accuracy;
  summary.test_images = data_.test.size();
  summary.validation = validation_;
  summary.reached = result.end == train_end::reached;
  if (result.end != train_end::stopped) {
    summary.until_percent = flags_.until_percent;
    summary.best = best_;
  }
  return summary;
}

bool training::moved(const progress& now) {
  now_ = now;
  stopped_after_ = std::chrono::duration<double>(steady::now() - epoch_started_).count();
  report_.moved(now);
  return stop_signal() == 0;
}

void training::epoch_ended(const mlp& net, const epoch_report& epoch) {
  if (data_.validation.size() > 0) validation_ = evaluate(net, data_.validation);
  if (!best_ || watched_accuracy(epoch) > best_->accuracy) best_ = {watched_accuracy(epoch), epoch.epoch};
  report_.epoch_ended(epoch, validation_, flags_.options.epochs);
  record(epoch, data_.train.size());
  epoch_started_ = steady::now();
}

// Accuracies are multiples of one in the number of images, which is far above the slack for 100 * x not being exact.
bool training::is_reached(const epoch_report& epoch) const {
  constexpr double slack = 1e-9;
  return flags_.until_percent && 100 * watched_accuracy(epoch) >= *flags_.until_percent - slack;
}

double training::watched_accuracy(const epoch_report& epoch) const {
  return validation_ ? validation_->accuracy() : epoch.test_accuracy;
}

void training::record_unfinished_epoch(const mlp& net) {
  if (now_.sample == now_.samples) return;  // stopped after an epoch, which has its record
  constexpr double unknown = std::numeric_limits<double>::quiet_NaN();
  const evaluation test = evaluate(net, data_.test);
  if (data_.validation.size() > 0) validation_ = evaluate(net, data_.validation);
  record({.epoch = now_.epoch,
          .lr = unknown,
          .train_loss = unknown,
          .train_accuracy = unknown,
          .test_loss = test.loss,
          .test_accuracy = test.accuracy(),
          .seconds = stopped_after_,
          .microseconds_per_sample = 1e6 * stopped_after_ / static_cast<double>(now_.sample)},
         now_.sample);
}

void training::record(const epoch_report& epoch, std::size_t samples) {
  seconds_ += epoch.seconds;
  last_ = epoch;
  log_.write(record_of(epoch, samples));
}

json training::record_of(const epoch_report& epoch, std::size_t samples) const {
  json record = {{"epoch", epoch.epoch},
                 {"samples", samples},
                 {"lr", epoch.lr},
                 {"train_loss", epoch.train_loss},
                 {"train_accuracy", epoch.train_accuracy},
                 {"test_loss", epoch.test_loss},
                 {"test_accuracy", epoch.test_accuracy},
                 {"seconds", seconds_},
                 {"microseconds_per_sample", epoch.microseconds_per_sample},
                 {"isa", active_isa()},
                 {"seed", flags_.options.seed},
                 {"version", version()},
                 {"layers", layers_to_string(flags_.layers)},
                 {"init", name(flags_.init)},
                 {"act", activation_to_string(flags_.act)},
                 {"data", data_.directory.string()},
                 {"epochs", flags_.options.epochs},
                 {"batch", flags_.options.batch},
                 {"base_lr", flags_.options.lr}};
  add_to_record(record, flags_.options);
  if (validation_) {
    record["validation_loss"] = validation_->loss;
    record["validation_accuracy"] = validation_->accuracy();
  }
  if (flags_.until_percent) {
    record["until_accuracy"] = *flags_.until_percent / 100;
    record["reached"] = is_reached(epoch);
  }
  return record;
}

}  // namespace lanewise::cli
