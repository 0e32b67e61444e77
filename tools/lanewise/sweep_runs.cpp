// SPDX-License-Identifier: MIT
#include "sweep_runs.hpp"

#include <algorithm>
#include <new>
#include <system_error>
#include <thread>

#include <fmt/format.h>

#include <lanewise/model/errors.hpp>
#include <lanewise/model/evaluate.hpp>
#include <lanewise/model/init.hpp>
#include <lanewise/model/split.hpp>

#include "stop_signals.hpp"
#include "text.hpp"

namespace lanewise::cli {

namespace {

using steady = std::chrono::steady_clock;

[[noreturn]] void rethrow(const std::exception_ptr& failure, std::size_t side_by_side) {
  try {
    std::rethrow_exception(failure);
  } catch (const std::bad_alloc&) {
    if (side_by_side < 2) throw;
    throw io_error(fmt::format("not enough memory for {} side by side; choose fewer --jobs", counted(side_by_side, "run")));
  }
}

}  // namespace

sweep_runs::sweep_runs(const sweep_flags& flags, const sweep_grid& grid, const train_and_test& data,
                       const std::string& data_name, std::size_t validation, sweep_journal& journal)
    : grid_(grid), data_(data), validation_(validation), journal_(journal), bar_(!flags.quiet),
      results_(grid.runs.size()), done_(grid.runs.size()) {
  for (std::size_t i = 0; i < grid.runs.size(); ++i) {
    const sweep_run& run = grid.runs[i];
    settings_.push_back(settings_of(grid.cases[run.of], run, data_name, data.train.size(), validation));
    results_[i] = journal.find(settings_[i]);
    if (!results_[i]) left_.push_back(i);
  }
}

void sweep_runs::run(std::size_t jobs) {
  start_ = steady::now();
  std::vector<std::jthread> threads;
  const std::size_t wanted = std::min(jobs, left_.size());
  threads.reserve(wanted);
  try {
    for (std::size_t i = 0; i < wanted; ++i) threads.emplace_back([this] { work(); });
  } catch (const std::system_error&) {}  // no more threads are to be had: those that are there do it all
  const std::size_t started = threads.size();
  if (started == 0) work();
  threads.clear();  // waits for them
  bar_.hide();
  if (failure_) rethrow(failure_, started);
}

void sweep_runs::work() {
  try {
    for (std::size_t next = next_++; next < left_.size() && goes_on(); next = next_++) run_one(left_[next]);
  } catch (...) {
    const std::scoped_lock lock(mutex_);
    if (!failure_) failure_ = std::current_exception();
    failed_ = true;
  }
}

bool sweep_runs::goes_on() const { return stop_signal() == 0 && !failed_; }

// The same as `lanewise train` with these flags.
void sweep_runs::run_one(std::size_t index) {
  const sweep_run& run = grid_.runs[index];
  const sweep_case& what = grid_.cases[run.of];
  const train_and_validation parts = split_validation(data_.train, validation_, run.options.seed);
  mlp net(what.layers);
  initialize(net, what.init, run.options.seed);
  const train_observer observer{.on_progress = [&](const progress& now) { return moved(index, now); }};
  const train_result trained = train(net, parts.train, nullptr, run.options, observer);
  if (trained.end == train_end::stopped) return;
  sweep_result result{.diverged = trained.end == train_end::diverged};
  for (const epoch_report& epoch : trained.epochs) result.seconds += epoch.seconds;
  if (!result.diverged) {
    const evaluation validation = evaluate(net, parts.validation);
    result.validation_accuracy = validation.accuracy();
    result.validation_loss = validation.loss;
    result.test_accuracy = evaluate(net, data_.test).accuracy();
    result.train_accuracy = trained.epochs.back().train_accuracy;
  }
  const std::scoped_lock lock(mutex_);
  results_[index] = result;
  done_[index] = 1;
  ++finished_;
  journal_.add(settings_[index], result);
}

bool sweep_runs::moved(std::size_t index, const progress& now) {
  const std::scoped_lock lock(mutex_);
  const auto samples = static_cast<double>(now.samples);
  done_[index] = (static_cast<double>(now.epoch - 1) * samples + static_cast<double>(now.sample)) /
                 (static_cast<double>(now.epochs) * samples);
  const double each = samples * static_cast<double>(now.epochs);
  double done = 0;
  for (const std::size_t i : left_) done += done_[i];
  bar_.show({fmt::format("run {}/{}", results_.size() - left_.size() + finished_ + 1, results_.size()), done * each,
             static_cast<double>(left_.size()) * each, std::chrono::duration<double>(steady::now() - start_).count()});
  return goes_on();
}

}  // namespace lanewise::cli
