// SPDX-License-Identifier: MIT
// lanewise train: everything is checked before anything is trained or written; nothing is lost when a run ends early.
#include <chrono>
#include <cmath>
#include <csignal>
#include <limits>
#include <memory>
#include <stdexcept>

#include <fmt/format.h>

#include <lanewise/model/errors.hpp>
#include <lanewise/model/files.hpp>
#include <lanewise/model/init.hpp>
#include <lanewise/model/split.hpp>
#include <lanewise/model/text.hpp>
#include <lanewise/model/train.hpp>
#include <lanewise/model/weights.hpp>

#include "commands.hpp"
#include "data_source.hpp"
#include "exit_codes.hpp"
#include "flags.hpp"
#include "output_files.hpp"
#include "stop_signals.hpp"
#include "text.hpp"
#include "train_log.hpp"
#include "train_report.hpp"
#include "training.hpp"

namespace lanewise::cli {
namespace {

using std::filesystem::path;

struct out_files {
  explicit out_files(const path& directory) : model(directory / "model.safetensors"), log(directory / "train.jsonl") {}

  path model, log;
};

data_sets load_sets(const train_flags& flags, const path& directory) {
  train_and_test data = load_data(directory, flags.layers, "--layers " + shortened(layers_to_string(flags.layers)));
  if (!flags.validation) return {directory, std::move(data.train), std::move(data.test), {}};
  if (*flags.validation >= data.train.size())
    throw usage_error(fmt::format("--validation {}: leaves none of the {} training images; choose fewer",
                                  *flags.validation, thousands(data.train.size())));
  train_and_validation parts = split_validation(data.train, *flags.validation, flags.options.seed);
  return {directory, std::move(parts.train), std::move(data.test), std::move(parts.validation)};
}

void require_batch_fits(const train_flags& flags, const dataset& train) {
  if (flags.options.batch <= train.size()) return;
  const std::string who_took = flags.validation ? fmt::format(" that --validation {} leaves", *flags.validation) : "";
  throw usage_error(fmt::format("--batch {}: more than the {}{}; choose at most that many", flags.options.batch,
                                counted(train.size(), "training image"), who_took));
}

void require_savable_net(std::span<const layer> layers) {
  try {
    require_savable(layers);
  } catch (const std::invalid_argument& error) {
    throw usage_error(fmt::format("--layers {}: {}", shortened(layers_to_string(layers)), error.what()));
  }
}

void require_writable(const out_files& files, const mlp& net) {
  for (const path& file : {files.model, files.log}) require_replaceable(file);
  require_creatable(train_log::part_of(files.log));
  constexpr std::uintmax_t for_header_and_log = 1 << 20;
  require_space(files.model.parent_path(), net.parameter_count() * sizeof(float) + for_header_and_log);
}

double usual_lr(const train_options& options) { return traits(options.update.optimizer.which).lr; }

// What to try where the loss or the weights left all finite numbers.
std::string advice_on_divergence(double lr, double usual) {
  constexpr double small = 1e-3;  // of the usual rate: then it is not the rate
  if (lr > usual) return fmt::format("try --lr {:g}", usual);
  if (lr > usual * small) return fmt::format("try --lr {:g}, or another --act or --init", lr / 10);
  return "that rate is small already: try another --act or --init";
}

int report_divergence(const train_result& result, const mlp& net, const train_flags& flags) {
  const double lr = flags.options.lr;
  // Nothing is updated by a step whose loss is not finite.
  if (result.diverged_epoch == 1 && result.diverged_step == 1 && all_finite(net.parameters()))
    print_error(fmt::format(
        "diverged before the first step, whatever the learning rate: the loss of the first weights is not finite; "
        "{} stays as it was; try another --act, another --init or fewer layers",
        flags.out.string()));
  else
    print_error(fmt::format("diverged in epoch {}, step {} at a learning rate of {:g}: the loss or a weight is no longer "
                            "finite; {} stays as it was; {}",
                            result.diverged_epoch, thousands(result.diverged_step), lr, flags.out.string(),
                            advice_on_divergence(lr, usual_lr(flags.options))));
  return exit_diverged;
}

// A net that always gives the same answer is not worth its file, and no error: its losses are finite.
void warn_if_at_chance(double accuracy, const dataset& test, const train_options& options) {
  const double chance = share_of_commonest_class(test);
  if (accuracy > chance || chance == 1) return;
  const bool is_fast = options.lr > usual_lr(options);
  print_error(fmt::format(
      "warning: accuracy is at chance ({} %): always answering the same class gets {} %, so nothing was learned; {}",
      percent(accuracy), percent(chance),
      is_fast ? "try a smaller --lr, another --act or residuals (\"r\" in --layers)" : "try more --epochs or a larger --lr"));
}

int report_interruption(const training& run, const path& out) {
  const progress& at = run.last_progress();
  const int signal = stop_signal();
  print_error(
      fmt::format("stopped by {} in epoch {} of {} after {} of {} images; what was learned so far is saved in {}",
                  signal == SIGINT ? "SIGINT" : "SIGTERM", thousands(at.epoch), thousands(at.epochs),
                  thousands(at.sample), thousands(at.samples), out.string()));
  return exit_signal + signal;
}

int run_train(const train_flags& flags, standard_output& out) {
  const auto start = std::chrono::steady_clock::now();
  require_savable_net(flags.layers);
  require_directory_name(flags.out);
  const path directory = data_directory(flags.data);
  const data_sets data = load_sets(flags, directory);
  require_batch_fits(flags, data.train);
  check_warm_up(flags.options.schedule, flags.options.epochs);
  mlp net(with_hidden_activation(flags.layers, flags.act));
  const directory_lock lock(flags.out);
  const out_files files(flags.out);
  require_writable(files, net);
  watch_stop_signals();  // before the log is there, which a signal would leave half-written
  train_log log(files.log);

  train_report report(out, flags.quiet);
  report.begin(data, net, flags.init, flags.options);
  initialize(net, flags.init, flags.options.seed);
  training run(flags, data, report, log);
  const train_result result = run.run(net);
  if (result.end == train_end::diverged) return report_divergence(result, net, flags);

  save_weights(files.model, net);  // first: testing a wide net takes long, and a second signal ends the program
  if (result.end == train_end::stopped) run.record_unfinished_epoch(net);
  log.finish();
  report.end(run.summary(result), std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  report.files(files.model, files.log);
  if (result.end == train_end::stopped) return report_interruption(run, flags.out);
  warn_if_at_chance(run.test_accuracy(), data.test, flags.options);
  out.check("the run itself is complete, its files are in " + flags.out.string());
  return exit_ok;
}

}  // namespace

command add_train(CLI::App& program) {
  CLI::App* app =
      program.add_subcommand("train",
                             "Train a network on images: IDX files as MNIST's, .npy or CSV.\n\n"
                             "Examples:\n"
                             "  lanewise train --data data/mnist\n"
                             "  lanewise train --data digits    # built in; the same images whatever the --seed\n"
                             "  lanewise train --layers 784-128-10 --lr 0.01 --epochs 5 --out out/wide\n"
                             "  lanewise train --optimizer adam --batch 64 --schedule cosine --warm-up 1\n"
                             "  lanewise train --validation 5000 --until-accuracy 95\n"
                             "  LANEWISE_ISA=sse2 lanewise train --quiet    # the same model, byte for byte");
  const auto flags = std::make_shared<train_flags>();
  train_options& options = flags->options;
  add_flag_value(*app, "--data",
                 {"DIR", "IDX (MNIST), .npy or CSV files, plain or .gz; or digits, built in",
                  "$LANEWISE_DATA, else data/mnist"},
                 [=](const std::string& text) { flags->data = not_empty("--data", text); });
  add_flag_value(*app, "--layers", {"WIDTHS", "input-hidden-...-classes; r adds a layer's input", "784-16-16r-10"},
                 [=](const std::string& text) { flags->layers = layer_widths(text); });
  add_flag_value(*app, "--init", {"NAME", one_or_another(names_of(all_initializers)), "xavier-uniform"},
                 [=](const std::string& text) { flags->init = one_of("--init", text, all_initializers); });
  add_flag_value(*app, "--act", {"NAME", "activation of the hidden layers: " + activation_choices(), "relu"},
                 [=](const std::string& text) { flags->act = activation_name(text); });
  add_flag_value(*app, "--epochs", {"N", "passes over the training images", "10"}, [&options](const std::string& text) {
    options.epochs = whole_number("--epochs", text, 1, 1'000'000);
  });
  add_flag_value(*app, "--batch", {"N", "images a step", "1"},
                 [&options](const std::string& text) { options.batch = whole_number("--batch", text, 1, 1 << 20); });
  add_optimizer_flags(*app, flags->optimizer);
  add_flag_value(*app, "--seed", {"N", "of the first weights and the order of the images", "1"},
                 [&options](const std::string& text) {
                   options.seed = whole_number("--seed", text, 0, std::numeric_limits<std::uint64_t>::max());
                 });
  add_flag_value(*app, "--validation", {"N", "training images set aside by the seed, reported apart", ""},
                 [=](const std::string& text) {
                   flags->validation = whole_number("--validation", text, 1, std::numeric_limits<std::uint32_t>::max());
                 });
  add_flag_value(*app, "--until-accuracy",
                 {"P", "stop after an epoch with P % right, of validation else of test data", ""},
                 [=](const std::string& text) { flags->until_percent = real_number("--until-accuracy", text, 1, 100); });
  add_flag_value(*app, "--out", {"DIR", "where model.safetensors and train.jsonl go", "out"},
                 [=](const std::string& text) { flags->out = not_empty("--out", text); });
  app->add_flag("-q,--quiet", flags->quiet, "print errors and warnings only");
  return {app, [flags](standard_output& out) {
            flags->optimizer.apply_to(flags->options);
            return run_train(*flags, out);
          }};
}

}  // namespace lanewise::cli
