// SPDX-License-Identifier: MIT
#include "train_report.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include <fmt/format.h>

#include <lanewise/cpu.hpp>
#include <lanewise/model/text.hpp>
#include <lanewise/model/training_path.hpp>
#include <lanewise/version.hpp>

#include "build_info.hpp"
#include "data_source.hpp"
#include "optimizer_flags.hpp"
#include "text.hpp"

namespace lanewise::cli {
namespace {

struct table_row {
  std::string epoch, loss, train, validation, test, milliseconds, microseconds;
};

// One format for the header and the lines of the table. The first column takes "1000/1000", or what more epochs need.
// Without validation there is no column for it.
std::string table_line(std::size_t epochs, const table_row& row) {
  const std::size_t width = std::max<std::size_t>(9, 2 * std::to_string(epochs).size() + 1);
  return fmt::format("{:>{}}  {:>8}  {:>8}{}  {:>8}  {:>9}  {:>10}", row.epoch, width, row.loss, row.train,
                     row.validation.empty() ? "" : fmt::format("  {:>8}", row.validation), row.test,
                     row.milliseconds, row.microseconds);
}

std::string accuracy_line(const char* of, double accuracy, std::size_t images) {
  const auto correct = std::llround(accuracy * static_cast<double>(images));
  return fmt::format("{} accuracy {} % ({} of {})", of, percent(accuracy),
                     thousands(static_cast<std::uint64_t>(correct)), thousands(images));
}

std::string text_of(fused_obstacle obstacle, const train_options& options) {
  switch (obstacle) {
    case fused_obstacle::none: break;
    case fused_obstacle::optimizer:
      return fmt::format("only plain sgd is{}", options.batch == 1 ? "; a larger --batch is faster" : "");
    case fused_obstacle::shape: return "only hidden widths of 16, 32, 64 or 128 with at most 16 classes are";
    case fused_obstacle::activation: return "only relu is";
    case fused_obstacle::batch:
      return fmt::format("in batches above {} only hidden widths of {} are", fused_batch_limit, fused_width_of_any_batch);
  }
  return {};
}

// Which way the steps take, and why: see lanewise/model/training_path.hpp.
std::string path_line(const dataset& data, const mlp& net, const train_options& options) {
  const std::string share = fmt::format("{} % of the pixels are not zero", percent(data.nonzero_share()));
  const std::string limit = fmt::format("{:g} %", 100 * nonzero_path_below);
  switch (choose_training_path(net.layers(), data, options.batch, options.update)) {
    case training_path::fused: return fmt::format("steps fused, zero pixels skipped ({}, below {})", share, limit);
    case training_path::nonzero:
      return fmt::format("steps layer by layer, zero pixels skipped ({}, below {}), not fused: {}", share, limit,
                         text_of(why_not_fused(net.layers(), options.batch, options.update), options));
    case training_path::dense: break;
  }
  const bool adds_input = net.layers().front().residual;
  return "steps layer by layer, all pixels (" +
         (adds_input ? "the first layer adds its input)" : fmt::format("{}, at least {})", share, limit));
}

}  // namespace

train_report::train_report(standard_output& out, bool quiet) : out_(out), quiet_(quiet), bar_(!quiet) {}

void train_report::begin(const data_sets& data, const mlp& net, initializer init, const train_options& options) {
  if (quiet_) return;
  const bool validates = data.validation.size() > 0;
  const std::string validation = validates ? fmt::format(", {} for validation", thousands(data.validation.size())) : "";
  out_.line(fmt::format("lanewise {} · {} ({}) · {} · {}: {} + {} images {}{} · seed {}", version(), active_isa(),
                        active_isa_reason(), build_type, one_line(data_name(data.directory)), thousands(data.train.size()),
                        thousands(data.test.size()), image_size(data.train), validation, options.seed));
  out_.line(fmt::format("net {} · {} parameters · {} · epochs {} · batch {}", net_text(net.layers()),
                        thousands(net.parameter_count()), name(init), thousands(options.epochs),
                        thousands(options.batch)));
  out_.line(fmt::format("{} · {}", describe(options.update), describe(options.schedule, options.lr)));
  out_.line(path_line(data.train, net, options));
  out_.line("");
  out_.line(table_line(options.epochs,
                       {"epoch", "loss", "train %", validates ? "valid %" : "", "test %", "ms", "µs/sample"}));
}

void train_report::moved(const progress& now) {
  const auto samples = static_cast<double>(now.samples);
  now_ = {fmt::format("epoch {}/{}", now.epoch, now.epochs),
          static_cast<double>(now.epoch - 1) * samples + static_cast<double>(now.sample),
          static_cast<double>(now.epochs) * samples, now.seconds};
  bar_.show(now_);
}

void train_report::epoch_ended(const epoch_report& epoch, const std::optional<evaluation>& validation,
                               std::size_t epochs) {
  if (quiet_) return;
  bar_.hide();
  out_.line(table_line(epochs, {fmt::format("{}/{}", epoch.epoch, epochs), loss_text(epoch.train_loss),
                                percent(epoch.train_accuracy), validation ? percent(validation->accuracy()) : "",
                                percent(epoch.test_accuracy),
                                thousands(static_cast<std::uint64_t>(std::lround(1e3 * epoch.seconds))),
                                fmt::format("{:.3f}", epoch.microseconds_per_sample)}));
  bar_.show(now_);
}

void train_report::end(const train_summary& run, double total_seconds) {
  if (quiet_) return;
  out_.line("");
  say_whether_reached(run);
  if (run.validation) out_.line(accuracy_line("validation", run.validation->accuracy(), run.validation->samples));
  out_.line(accuracy_line("test", run.test_accuracy, run.test_images));
  out_.line(fmt::format("{:.1f} s in all, {:.1f} s of it training, the rest reading data and testing", total_seconds,
                        run.training_seconds));
}

void train_report::say_whether_reached(const train_summary& run) {
  if (!run.until_percent || !run.best) return;
  const char* of = run.validation ? "validation" : "test";
  if (run.reached)
    out_.line(fmt::format("reached {} % after epoch {} ({} data, --until-accuracy {:g})", percent(run.best->accuracy),
                          run.best->epoch, of, *run.until_percent));
  else
    out_.line(fmt::format("did not reach {:g} %: the most was {} % after epoch {} ({} data)", *run.until_percent,
                          percent(run.best->accuracy), run.best->epoch, of));
}

void train_report::files(const std::filesystem::path& model, const std::filesystem::path& log) {
  if (quiet_) return;
  out_.line(fmt::format("written: {} and {}", one_line(model.string()), one_line(log.string())));
}

}  // namespace lanewise::cli
