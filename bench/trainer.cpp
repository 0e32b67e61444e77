// SPDX-License-Identifier: MIT
#include "trainer.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include <lanewise/cpu.hpp>
#include <lanewise/model/mlp.hpp>
#include <lanewise/model/training_path.hpp>
#include <lanewise/model/training_steps.hpp>

#include "bench.hpp"
#include "loops_rows.hpp"
#include "start_net.hpp"

namespace lanewise::bench {
namespace {

// ---- lanewise -------------------------------------------------------------------------------------------------------

// From bytes, on the path that train() takes.
class lanewise_trainer final : public trainer {
 public:
  lanewise_trainer(std::string_view layers, std::size_t max_batch)
      : start_(start_net(layers)), net_(start_.clone()), max_batch_(max_batch) {}

  void restart() override { std::ranges::copy(start_.parameters(), net_.parameters().begin()); }
  double step(const training_data& data, std::size_t first, std::size_t batch) override {
    if (data_ != &data) {
      data_ = &data;
      steps_ = make_training_steps(choose_training_path(net_.layers(), data.bytes, max_batch_), net_, data.bytes, max_batch_);
    }
    return steps_->run(data.order, first, batch, learning_rate).loss;
  }
  const mlp& net() const { return net_; }

 private:
  const mlp& start_;
  mlp net_;
  std::size_t max_batch_;
  const training_data* data_ = nullptr;  // what steps_ are of
  std::unique_ptr<training_steps> steps_;
};

// ---- plain loops ----------------------------------------------------------------------------------------------------

template <std::size_t rows, std::size_t cols>
void copy_transposed(matrix_view<const float> from, float (&to)[rows][cols]) {  // [in][padded out] to [out][in]
  for (std::size_t o = 0; o < rows; ++o)
    for (std::size_t i = 0; i < cols; ++i) to[o][i] = from(i, o);
}

loops_parameters as_loops(const mlp& net) {
  loops_parameters p{};
  copy_transposed(net.weights(0), p.w0);
  copy_transposed(net.weights(1), p.small.w1);
  copy_transposed(net.weights(2), p.small.w2);
  std::copy_n(net.bias(0).begin(), loops_hidden, p.small.b0);
  std::copy_n(net.bias(1).begin(), loops_hidden, p.small.b1);
  std::copy_n(net.bias(2).begin(), loops_classes, p.small.b2);
  return p;
}

// Every float of p, padding too (it is zero in all).
std::span<const float> flat(const loops_parameters& p) {
  return {reinterpret_cast<const float*>(&p), sizeof p / sizeof(float)};
}

class loops_trainer final : public trainer {
 public:
  explicit loops_trainer(loops_step_function& step)
      : step_(step), start_(as_loops(start_net(seed_layers))), net_(start_) {}

  void restart() override { net_ = start_; }
  double step(const training_data& data, std::size_t first, std::size_t batch) override {
    return step_(net_, ws_, data.batch_images(first, batch).data(), data.batch_labels(first, batch).data(), batch,
                 learning_rate);
  }
  const loops_parameters& net() const { return net_; }

 private:
  loops_step_function& step_;
  loops_parameters start_;
  loops_parameters net_;
  loops_workspace ws_{};
};

// Every pixel and label occurs, so that no weight stays as it was.
const training_data& dense_data() {
  static const training_data data = [] {
    std::vector<std::uint8_t> pixels(training_data::samples * training_data::inputs), labels(training_data::samples);
    for (std::size_t i = 0; i < pixels.size(); ++i) pixels[i] = static_cast<std::uint8_t>(1 + i * 31 % 61);
    for (std::size_t s = 0; s < labels.size(); ++s) labels[s] = static_cast<std::uint8_t>(s % training_data::classes);
    return training_data("dense", {"dense", 28, 28, training_data::classes, std::move(pixels), std::move(labels)});
  }();
  return data;
}

void expect_equal_training(loops_trainer& loops, std::size_t batch, const training_data& data) {
  constexpr double tolerance = 1e-4;
  const std::string active(active_isa());
  select_isa(usable_isas().front());  // the same bits as on any other, sooner
  lanewise_trainer lanewise(seed_layers, batch);
  loops.restart();
  double ours = 0, theirs = 0;
  for (std::size_t step = 0; step < 100; ++step) {
    const std::size_t first = step * batch % training_data::samples;
    ours += lanewise.step(data, first, batch);
    theirs += loops.step(data, first, batch);
  }
  select_isa(active);
  const loops_parameters expected = as_loops(lanewise.net());
  double difference = std::abs(ours - theirs) / ours;
  for (std::size_t i = 0; i < flat(expected).size(); ++i)
    difference = std::max(difference, static_cast<double>(std::abs(flat(expected)[i] - flat(loops.net())[i])));
  if (!(difference <= tolerance))
    throw std::runtime_error("the plain loops train another net than lanewise: loss or weights differ by " +
                             std::to_string(difference) + " after 100 steps of " + std::to_string(batch));
}

// -march=haswell and -march=skylake-avx512 allow more than lanewise's own flags.
bool runs_here(std::string_view isa) {
  const std::vector<std::string_view> usable = usable_isas();
  if (std::ranges::find(usable, isa) == usable.end()) return false;
#if defined(__x86_64__)
  return isa == "sse2" || (__builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2"));
#else
  return true;
#endif
}

loops_step_function* find_loops(std::string_view isa) {
  for (const loops_row& row : loops_rows)
    if (row.isa == isa && runs_here(isa)) return row.step;
  return nullptr;
}

}  // namespace

bool has_loops(std::string_view isa) { return find_loops(isa) != nullptr; }

std::unique_ptr<trainer> make_lanewise_trainer(std::string_view layers, std::size_t max_batch) {
  return std::make_unique<lanewise_trainer>(layers, max_batch);
}

std::unique_ptr<trainer> make_loops_trainer(std::string_view isa, std::size_t batch) {
  auto loops = std::make_unique<loops_trainer>(*find_loops(isa));
  for (const training_data* data : {&dense_data(), &shared_training_data()}) expect_equal_training(*loops, batch, *data);
  loops->restart();
  return loops;
}

}  // namespace lanewise::bench
