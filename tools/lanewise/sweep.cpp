// SPDX-License-Identifier: MIT
// lanewise sweep: trains every combination of some choices with several seeds, side by side, and compares them.
#include <algorithm>
#include <csignal>
#include <limits>
#include <memory>
#include <span>
#include <thread>

#include <fmt/format.h>

#include <lanewise/model/errors.hpp>
#include <lanewise/model/files.hpp>
#include <lanewise/model/text.hpp>

#include "commands.hpp"
#include "data_source.hpp"
#include "exit_codes.hpp"
#include "flags.hpp"
#include "optimizer_flags.hpp"
#include "output_files.hpp"
#include "stop_signals.hpp"
#include "sweep_grid.hpp"
#include "sweep_journal.hpp"
#include "sweep_results.hpp"
#include "sweep_runs.hpp"
#include "text.hpp"

namespace lanewise::cli {
namespace {

using std::filesystem::path;

struct out_files {
  explicit out_files(const path& directory)
      : table(directory / "sweep.csv"), summaries(directory / "sweep.json"), journal(directory / "runs.jsonl") {}

  path table, summaries, journal;
};

std::string percent_and_spread(const mean_and_spread& m) {
  if (m.count == 0) return "diverged";
  return percent(m.mean) + (m.count > 1 ? " ± " + percent(m.spread) : "");
}

// fmt counts bytes before its version 9: "±" is two.
std::string padded(const std::string& text, std::size_t columns) {
  const std::size_t taken = text_columns(text);
  return std::string(taken < columns ? columns - taken : 0, ' ') + text;
}

void print_table(standard_output& out, const sweep_grid& grid, const std::vector<sweep_summary>& summaries) {
  std::size_t layers = 6, act = 3, init = 4;
  for (const sweep_case& c : grid.cases) {
    layers = std::max(layers, layers_to_string(c.layers).size());
    act = std::max(act, activation_to_string(c.act).size());
    init = std::max(init, name(c.init).size());
  }
  const auto line = [&](const std::string& valid, const std::string& test, const std::string& seconds,
                        const std::string& parameters, const std::string& widths, const std::string& activation,
                        std::string_view weights, const std::string& optimizer) {
    out.line(fmt::format("{}  {}  {:>8}  {:>10}  {:<{}}  {:<{}}  {:<{}}  {}", padded(valid, 14), padded(test, 14), seconds,
                         parameters, widths, layers, activation, act, weights, init, optimizer));
  };
  line("valid %", "test %", "s a run", "parameters", "layers", "act", "init", "optimizer");
  for (const sweep_summary& s : summaries) {
    const sweep_case& c = grid.cases[s.of];
    const bool some_diverged = s.diverged > 0 && s.diverged < s.runs;
    line(percent_and_spread(s.validation), percent_and_spread(s.test), fmt::format("{:.2f}", s.seconds.mean),
         thousands(mlp(c.layers).parameter_count()), layers_to_string(c.layers), activation_to_string(c.act), name(c.init),
         fmt::format("{}:{:g}{}", name(c.optimizer.which), c.optimizer.lr,
                     some_diverged ? fmt::format("  ({} of {} runs diverged)", s.diverged, s.runs) : ""));
  }
}

train_and_test load_for_all(const sweep_flags& flags, const path& directory) {
  const std::vector<layer>& first = flags.layers.front();
  for (const std::vector<layer>& layers : flags.layers)
    if (layers.front().in != first.front().in || layers.back().out != first.back().out)
      throw usage_error("--layers: all nets of a sweep must begin and end with the same widths");
  return load_data(directory, first, "--layers " + shortened(layers_to_string(first)));
}

std::size_t validation_images(const sweep_flags& flags, const dataset& train) {
  const std::size_t count = flags.validation > 0 ? flags.validation : train.size() / 10;
  if (count == 0 || count >= train.size())
    throw usage_error(fmt::format("--validation {}: must be at least 1 and leave some of the {} training images", count,
                                  thousands(train.size())));
  if (flags.batch > train.size() - count)
    throw usage_error(fmt::format("--batch {}: more than the {} training images; choose at most that many", flags.batch,
                                  thousands(train.size() - count)));
  return count;
}

// However the directory was spelled.
std::string name_for_good(const path& directory) {
  std::error_code unknown;
  const path canonical = std::filesystem::canonical(directory, unknown);
  return data_name(unknown ? directory : canonical);
}

// The journal is written anew once, then grows by a record a run; the others have a line for several runs.
void require_writable(const out_files& files, std::size_t runs) {
  for (const path& file : {files.table, files.summaries, files.journal}) require_replaceable(file);
  constexpr std::uintmax_t for_tables = 1 << 20, for_a_run = 1 << 10;
  std::error_code unknown;
  const std::uintmax_t journal = std::filesystem::file_size(files.journal, unknown);
  require_space(files.journal.parent_path(), (unknown ? 0 : journal) + for_tables + runs * for_a_run);
}

void write_file(const path& file, const std::string& text) { replace_file(file, std::as_bytes(std::span(text))); }

int run_sweep(const sweep_flags& flags, standard_output& out) {
  check_warm_up(flags.schedule, flags.epochs);
  require_directory_name(flags.out);
  const sweep_grid grid = make_grid(flags);
  const path directory = data_directory(flags.data);
  const train_and_test data = load_for_all(flags, directory);
  const std::size_t validation = validation_images(flags, data.train);
  const directory_lock lock(flags.out);
  const out_files files(flags.out);
  require_writable(files, grid.runs.size());
  watch_stop_signals();
  sweep_journal journal(files.journal);
  sweep_runs all(flags, grid, data, name_for_good(directory), validation, journal);
  const std::size_t jobs = flags.jobs > 0 ? flags.jobs : std::max(1u, std::thread::hardware_concurrency());
  const auto say = [&](const std::string& text) {
    if (!flags.quiet) out.line(text);
  };
  say(fmt::format("{} x {} = {}, {} of them done before; validation on {}", counted(grid.cases.size(), "combination"),
                  counted(flags.seeds.size(), "seed"), counted(grid.runs.size(), "run"),
                  thousands(grid.runs.size() - all.left()), counted(validation, "image")));
  all.run(jobs);

  const std::vector<sweep_summary> summaries = sum_up(grid, all.results());
  if (!flags.quiet && !summaries.empty()) print_table(out, grid, summaries);
  if (!summaries.empty()) {  // else the tables of the sweep before are worth more
    write_file(files.table, as_csv(grid, summaries));
    write_file(files.summaries, to_line(as_json(grid, summaries, all.settings())) + '\n');
  }
  const auto done = std::ranges::count_if(all.results(), [](const auto& result) { return result.has_value(); });
  if (static_cast<std::size_t>(done) < grid.runs.size()) {
    const int signal = stop_signal();
    print_error(fmt::format("stopped by {} after {} of {} runs; the same command goes on from there",
                            signal == SIGINT ? "SIGINT" : "SIGTERM", done, grid.runs.size()));
    return exit_signal + signal;
  }
  say(fmt::format("written: {0}/sweep.csv, {0}/sweep.json and {0}/runs.jsonl", one_line(flags.out.string())));
  out.check("the sweep itself is complete, its files are in " + flags.out.string());
  return exit_ok;
}

}  // namespace

command add_sweep(CLI::App& program) {
  CLI::App* app = program.add_subcommand(
      "sweep",
      "Train every combination of some choices, with several seeds, and compare them.\n\n"
      "Lists have commas between their parts. What is done is kept: the same command, or one with more choices, goes on\n"
      "where it stopped. A run gives what lanewise train gives with the same flags.\n\n"
      "Examples:\n"
      "  lanewise sweep --init xavier-uniform,he-normal --seeds 1-5\n"
      "  lanewise sweep --optimizer sgd:0.05,adam,adamw:0.002 --batch 32 --epochs 5\n"
      "  lanewise sweep --layers 784-16-16r-10,784-64-64r-10 --data digits --out out/widths");
  const auto flags = std::make_shared<sweep_flags>();
  add_flag_value(*app, "--data", {"DIR", "as for lanewise train", "$LANEWISE_DATA, else data/mnist"},
                 [=](const std::string& text) { flags->data = not_empty("--data", text); });
  add_flag_value(*app, "--layers", {"LIST", "nets, as for lanewise train", "784-16-16r-10"},
                 [=](const std::string& text) { flags->layers = layers_list(text); });
  add_flag_value(*app, "--act", {"LIST", activation_choices(), "relu"},
                 [=](const std::string& text) { flags->acts = act_list(text); });
  add_flag_value(*app, "--init", {"LIST", one_or_another(names_of(all_initializers)), "xavier-uniform"},
                 [=](const std::string& text) { flags->inits = init_list(text); });
  add_flag_value(*app, "--optimizer", {"LIST", "NAME or NAME:LR; " + one_or_another(names_of(all_optimizers)), "sgd"},
                 [=](const std::string& text) { flags->optimizers = optimizer_list(text); });
  add_flag_value(*app, "--seeds", {"LIST", "numbers and ranges, as 1-3,7", "1-3"},
                 [=](const std::string& text) { flags->seeds = seed_list(text); });
  add_flag_value(*app, "--epochs", {"N", "passes over the training images", "10"},
                 [=](const std::string& text) { flags->epochs = whole_number("--epochs", text, 1, 1'000'000); });
  add_flag_value(*app, "--batch", {"N", "images a step", "1"},
                 [=](const std::string& text) { flags->batch = whole_number("--batch", text, 1, 1 << 20); });
  add_schedule_flags(*app, flags->schedule);
  add_flag_value(*app, "--validation", {"N", "training images set aside in each run", "a tenth"},
                 [=](const std::string& text) {
                   flags->validation = whole_number("--validation", text, 1, std::numeric_limits<std::uint32_t>::max());
                 });
  add_flag_value(*app, "--jobs", {"N", "runs side by side", "as many as there are cores"},
                 [=](const std::string& text) { flags->jobs = whole_number("--jobs", text, 1, 1024); });
  add_flag_value(*app, "--out", {"DIR", "where sweep.csv, sweep.json and runs.jsonl go", "out/sweep"},
                 [=](const std::string& text) { flags->out = not_empty("--out", text); });
  app->add_flag("-q,--quiet", flags->quiet, "print errors and warnings only");
  return {app, [flags](standard_output& out) { return run_sweep(*flags, out); }};
}

}  // namespace lanewise::cli
