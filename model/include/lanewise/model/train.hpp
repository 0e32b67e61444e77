// SPDX-License-Identifier: MIT
// The training loop: shuffled minibatches, one loop for batch 1 and batch N.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include <lanewise/model/data.hpp>
#include <lanewise/model/mlp.hpp>
#include <lanewise/model/optimizer.hpp>
#include <lanewise/model/schedule.hpp>

namespace lanewise {

struct train_options {
  std::size_t epochs = 10;
  std::size_t batch = 1;  // the last batch of an epoch may be smaller; the loss is the mean over the actual batch
  double lr = 0.005;
  lanewise::schedule schedule = {};  // linear over all planned steps
  update_options update = {};        // plain SGD
  std::uint64_t seed = 1;
};

struct epoch_report {
  std::size_t epoch = 0;         // 1 .. epochs
  double lr = 0;                 // of the epoch's last step
  double train_loss = 0;         // mean over the epoch, each sample before its update
  double train_accuracy = 0;     // likewise
  double test_loss = 0;          // after the epoch; 0 without test data
  double test_accuracy = 0;
  double seconds = 0;            // training alone, without evaluation
  double microseconds_per_sample = 0;
};

enum class train_end { finished, reached, stopped, diverged };  // reached: what train_observer::until looks for

struct train_result {
  train_end end = train_end::finished;
  std::vector<epoch_report> epochs;  // one for each epoch that was finished
  // Diverged: the epoch, from 1, and the step in it, from 1, whose loss was not finite; or after which the parameters
  // were looked at (at the end of an epoch, at a stop) and were not, though all losses were.
  std::size_t diverged_epoch = 0;
  std::size_t diverged_step = 0;
};

// Called after steps, about 10 times a second and at the end of each epoch; returning false stops the training there. An
// epoch that is complete by then is reported as any other; after the last one nothing is left to stop: it is finished.
struct progress {
  std::size_t epoch = 0;         // 1 ..
  std::size_t epochs = 0;
  std::size_t sample = 0;        // done in this epoch
  std::size_t samples = 0;
  double seconds = 0;            // since the training began
};

struct train_observer {
  std::function<bool(const progress&)> on_progress = {};
  std::function<void(const epoch_report&)> on_epoch = {};
  // Asked after on_epoch, unless the training was stopped; true ends it there. The schedule stays that of all epochs.
  std::function<bool(const epoch_report&)> until = {};
};

// Trains `net` in place, from the parameters it has. Order: Philox (seed, shuffle, epoch), Fisher-Yates. A loss that is
// not finite ends the training before that step's update: `net` then has the parameters that gave that loss, of which
// some may be infinite or NaN themselves. Whoever wants to go on from good ones keeps a clone(). All other runs leave
// finite parameters.
// test may be nullptr. Throws std::invalid_argument if net and data do not fit, a batch or number of epochs is 0, lr is
// not positive and finite as a float, or require_usable() does so for schedule or update. Bits are promised for the
// default floating-point environment (round to nearest, denormals kept); throws std::runtime_error in any other.
train_result train(mlp& net, const dataset& data, const dataset* test, const train_options& options,
                   const train_observer& observer = {});

}  // namespace lanewise
