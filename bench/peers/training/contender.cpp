// SPDX-License-Identifier: MIT
// The common part of all contenders that train. They read commands on standard input and answer each with a line:
//
//   prepare HIDDEN BATCH train|classify   ready VARIANT MICROSECONDS DIFFERENCE | none
//       Each variant trains 100 steps, or classifies, and must agree with lanewise's layer-by-layer step on all pixels; the
//       fastest is kept. DIFFERENCE: the largest one of a weight, or of the loss relative to it; or the share of images that
//       are in another class. A wrong result ends the program.
//   time FIRST COUNT                      MICROSECONDS of this thread a sample: samples FIRST .. FIRST + COUNT - 1, from the
//                                         parameters at the start, after the same was done once to warm the caches
//   write FOLDER HIDDEN BATCH             what a contender that is no C++ needs to do the same: the task, and what 100 steps
//                                         must come to, as files HIDDEN-BATCH-...; answers with FOLDER
//   describe                              version, and what it was held to
//   data                                  NAME SAMPLES MEAN: how many pixels of an image are not zero
#include "contender.hpp"

#include <cmath>
#include <cstdio>
#include <fstream>
#include <limits>
#include <stdexcept>

#include <lanewise/loss.hpp>
#include <lanewise/model/step.hpp>
#include <lanewise/model/workspace.hpp>

#include "../protocol.hpp"
#include "net_values.hpp"
#include "start_net.hpp"
#include "training_data.hpp"

namespace lanewise::bench {
namespace {

constexpr std::size_t images_to_classify = 10'000;
constexpr double tolerance = 1e-4;

double largest_difference(std::span<const float> a, std::span<const float> b) {
  if (a.size() != b.size()) return std::numeric_limits<double>::infinity();
  double largest = 0;
  for (std::size_t i = 0; i < a.size(); ++i)
    if (const double d = std::abs(static_cast<double>(a[i]) - b[i]); !(d <= largest)) largest = d;
  return largest;
}

// What every contender must come to: lanewise's steps on all pixels, layer by layer.
struct expected_training {
  std::size_t samples;
  double loss = 0;
  std::array<layer_values, 3> values;

  // Fewer samples and smaller steps of a wide net: among millions of sums some are so near zero that rounding decides
  // whether a unit lives.
  expected_training(const mlp& start, const task& t)
      : samples(static_cast<std::size_t>(std::min(100 * t.batch, t.hidden <= 128 ? 2048 : 256))) {
    const auto batch = static_cast<std::size_t>(t.batch);
    mlp net = start.clone();
    workspace ws(net, batch);
    const training_data& data = shared_training_data();
    for (std::size_t s = 0; s < samples; s += batch)
      loss += sgd_step(net, ws, data.batch_images(s, batch), data.batch_labels(s, batch), t.learning_rate);
    values = values_of(net);
  }

  double difference(training_run& run) const {
    run.restart();
    double largest = std::abs(run.train(0, samples) - loss) / loss;
    const std::array<layer_values, 3> found = run.parameters();
    for (std::size_t l = 0; l < 3; ++l) {
      largest = std::max(largest, largest_difference(found[l].weights, values[l].weights));
      largest = std::max(largest, largest_difference(found[l].bias, values[l].bias));
    }
    return largest;
  }
};

std::vector<std::int32_t> expected_classes(const mlp& net) {
  workspace ws(net, 1);
  std::vector<std::int32_t> expected(images_to_classify);
  for (std::size_t i = 0; i < expected.size(); ++i)
    argmax(forward(net, ws, shared_training_data().batch_images(i, 1)), std::span(expected).subspan(i, 1));
  return expected;
}

task task_of(const mlp& start, std::size_t hidden, std::size_t batch) {
  const training_data& data = shared_training_data();
  const float learning_rate = batch == 1 ? 0.005f : hidden <= 128 ? 0.1f : 0.01f;
  return {static_cast<int>(hidden), static_cast<int>(batch), learning_rate, values_of(start),
          {data.bytes.image(0).data(), data.bytes.size() * data.bytes.inputs()}, data.images.span(), data.labels};
}

class task_files {
 public:
  task_files(const std::string& folder, std::size_t hidden, std::size_t batch)
      : prefix_(folder + '/' + std::to_string(hidden) + '-' + std::to_string(batch) + '-') {}

  void write(const mlp& start, const task& t) const {
    const expected_training expected(start, t);
    save<std::uint8_t>("bytes", {t.bytes});
    save<std::int32_t>("labels", {t.labels});
    save_values("start", t.start);
    save_values("expected", expected.values);
    const std::vector<std::int32_t> wanted = expected_classes(start);
    save<std::int32_t>("classes", {wanted});
    const double check[] = {t.learning_rate, static_cast<double>(expected.samples), expected.loss};
    save<double>("check", {check});
  }

 private:
  template <class T> void save(const char* name, std::vector<std::span<const T>> parts) const {
    std::ofstream file(prefix_ + name, std::ios::binary);
    for (const std::span<const T> part : parts)
      file.write(reinterpret_cast<const char*>(part.data()), static_cast<std::streamsize>(part.size_bytes()));
    if (!file.flush()) throw std::runtime_error(prefix_ + name + " cannot be written");
  }
  void save_values(const char* name, const std::array<layer_values, 3>& values) const {
    std::vector<std::span<const float>> parts;
    for (const layer_values& layer : values) parts.insert(parts.end(), {layer.weights, layer.bias});
    save(name, parts);
  }

  std::string prefix_;
};

class contest {
 public:
  void prepare(std::size_t hidden, std::size_t batch, bool classifies) {
    const std::string layers = residual_layers(hidden);
    const mlp& start = start_net(layers);
    run_.reset();
    classifies_ = classifies;
    task_ = task_of(start, hidden, batch);
    classes_.assign(classifies ? images_to_classify : 0, -1);
    double best = std::numeric_limits<double>::infinity(), best_difference = 0;
    std::string name;
    for (const variant& candidate : variants(task_)) {
      std::unique_ptr<training_run> run = candidate.make();
      if (classifies && !run->classify(classes_)) continue;
      const double found = classifies ? wrong_share(start) : difference(start, *run);
      if (!(found <= tolerance))
        throw std::runtime_error(candidate.name + " of " + layers + " differs by " + std::to_string(found) +
                                 " from what it should compute");
      const std::size_t count = classifies ? images_to_classify : 2048 / (hidden > 128 ? 16 : 1);
      const double time = std::min(time_of(*run, 0, count), time_of(*run, 0, count));
      if (time < best) best = time, best_difference = found, name = candidate.name, run_ = std::move(run);
    }
    if (run_)
      std::printf("ready %s %.4f %.2e\n", name.c_str(), best, best_difference);
    else
      std::printf("none\n");
  }

  double time(std::size_t first, std::size_t count) {
    if (!run_) throw std::runtime_error("nothing is prepared");
    return time_of(*run_, first, count);
  }

 private:
  double time_of(training_run& run, std::size_t first, std::size_t count) {
    double start = 0;
    for (int pass = 0; pass < 2; ++pass) {
      run.restart();
      start = thread_nanoseconds();
      if (classifies_)
        run.classify(classes_);
      else
        run.train(first, count);
    }
    return (thread_nanoseconds() - start) * 1e-3 / static_cast<double>(count);
  }

  double difference(const mlp& start, training_run& run) const { return expected_training(start, task_).difference(run); }

  double wrong_share(const mlp& net) const {
    const std::vector<std::int32_t> expected = expected_classes(net);
    std::size_t wrong = 0;
    for (std::size_t i = 0; i < expected.size(); ++i) wrong += expected[i] != classes_[i] ? 1 : 0;
    return static_cast<double>(wrong) / static_cast<double>(expected.size());
  }

  task task_;
  bool classifies_ = false;
  std::vector<std::int32_t> classes_;
  std::unique_ptr<training_run> run_;
};

void print_data() {
  const training_data& data = shared_training_data();
  std::printf("%s %zu %.2f\n", data.name.c_str(), data.bytes.size(),
              data.bytes.nonzero_share() * static_cast<double>(data.bytes.inputs()));
}

}  // namespace
}  // namespace lanewise::bench

int main() {
  using namespace lanewise::bench;
  contest contest;
  return answer({
      {"describe", [](std::istream&) { std::printf("%s\n", describe().c_str()); }},
      {"data", [](std::istream&) { print_data(); }},
      {"prepare",
       [&](std::istream& words) {
         std::size_t hidden = 0, batch = 0;
         std::string what;
         words >> hidden >> batch >> what;
         contest.prepare(hidden, batch, what == "classify");
       }},
      {"write",
       [](std::istream& words) {
         std::string folder;
         std::size_t hidden = 0, batch = 0;
         words >> folder >> hidden >> batch;
         const lanewise::mlp& start = start_net(residual_layers(hidden));
         task_files(folder, hidden, batch).write(start, task_of(start, hidden, batch));
         std::printf("%s\n", folder.c_str());
       }},
      {"time",
       [&](std::istream& words) {
         std::size_t first = 0, count = 0;
         words >> first >> count;
         std::printf("%.5f\n", contest.time(first, count));
       }},
  });
}
