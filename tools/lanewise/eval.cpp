// SPDX-License-Identifier: MIT
// lanewise eval: what a saved net does with the test images.
#include <filesystem>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <system_error>
#include <vector>

#include <fmt/format.h>

#include <lanewise/cpu.hpp>
#include <lanewise/model/evaluate.hpp>
#include <lanewise/model/text.hpp>
#include <lanewise/model/weights.hpp>
#include <lanewise/version.hpp>

#include "commands.hpp"
#include "data_source.hpp"
#include "exit_codes.hpp"
#include "flags.hpp"
#include "json.hpp"
#include "text.hpp"

namespace lanewise::cli {
namespace {

struct eval_flags {
  std::string model;
  std::string data;
  std::optional<std::vector<layer>> layers;
  std::optional<activation> act;
  bool as_json = false;
};

struct class_row {
  std::size_t label = 0;
  std::uint64_t images = 0;
  std::uint64_t predicted = 0;  // images of any class that the net takes for this one
  std::uint64_t correct = 0;
  std::size_t confused_with = 0;  // the class most of its missed images were taken for
  std::uint64_t confused = 0;

  // Shares of nothing are unknown.
  std::optional<double> recall() const { return share(correct, images); }
  std::optional<double> precision() const { return share(correct, predicted); }

  static std::optional<double> share(std::uint64_t part, std::uint64_t whole) {
    if (whole == 0) return std::nullopt;
    return static_cast<double>(part) / static_cast<double>(whole);
  }
};

std::vector<class_row> class_rows(const evaluation& result) {
  std::vector<class_row> rows(result.classes);
  for (std::size_t label = 0; label < result.classes; ++label) {
    rows[label].label = label;
    for (std::size_t guess = 0; guess < result.classes; ++guess) {
      const std::uint64_t count = result.confusion[label * result.classes + guess];
      rows[label].images += count;
      rows[guess].predicted += count;
      if (guess == label) {
        rows[label].correct = count;
      } else if (count > rows[label].confused) {
        rows[label].confused = count;
        rows[label].confused_with = guess;
      }
    }
  }
  return rows;
}

// One format for the header and the lines of the table.
template <class... Columns> std::string table_line(const Columns&... columns) {
  return fmt::format("{:>5}  {:>7}  {:>7}  {:>8}  {:>11}  {}", columns...);
}

void print_table(const evaluation& result, standard_output& out) {
  const auto percent_or_dash = [](std::optional<double> share) { return share ? percent(*share) : std::string("-"); };
  out.line(table_line("class", "images", "correct", "recall %", "precision %", "most confused with"));
  for (const class_row& row : class_rows(result))
    out.line(table_line(row.label, thousands(row.images), thousands(row.correct), percent_or_dash(row.recall()),
                        percent_or_dash(row.precision()),
                        row.confused == 0 ? "-" : fmt::format("{} ({})", row.confused_with, thousands(row.confused))));
}

json class_json(const class_row& row) {
  const auto number_or_null = [](std::optional<double> share) { return share ? json(*share) : json(); };
  return {{"class", row.label},
          {"images", row.images},
          {"predicted", row.predicted},
          {"correct", row.correct},
          {"recall", number_or_null(row.recall())},
          {"precision", number_or_null(row.precision())},
          {"most_confused_with", row.confused == 0 ? json() : json(row.confused_with)},
          {"confused", row.confused}};
}

json result_json(const evaluation& result) {
  json classes = json::array(), confusion = json::array();
  for (const class_row& row : class_rows(result)) classes.push_back(class_json(row));
  for (std::size_t label = 0; label < result.classes; ++label) {
    const auto begin = result.confusion.begin() + static_cast<std::ptrdiff_t>(label * result.classes);
    confusion.push_back(std::vector(begin, begin + static_cast<std::ptrdiff_t>(result.classes)));
  }
  return {{"images", result.samples}, {"correct", result.correct}, {"accuracy", result.accuracy()},
          {"loss", result.loss},      {"classes", classes},        {"confusion", confusion}};
}

mlp load_net(const eval_flags& flags) {
  if (flags.act && !flags.layers)
    throw usage_error("--act: goes with --layers, for a model file that does not say its net; leave it out");
  std::error_code error;
  const std::filesystem::path inside = std::filesystem::path(flags.model) / "model.safetensors";
  if (std::filesystem::is_directory(flags.model, error))
    throw usage_error(fmt::format("{}: is a directory; name a model file{}", flags.model,
                                  std::filesystem::exists(inside, error) ? ": " + inside.string() : ""));
  try {
    if (!flags.layers) return load_weights(flags.model);
    return load_weights(flags.model, with_hidden_activation(*flags.layers, flags.act.value_or(activation::relu)));
  } catch (const std::invalid_argument& error_of_layers) { throw usage_error(error_of_layers.what()); }
}

int run_eval(const eval_flags& flags, standard_output& out) {
  const mlp net = load_net(flags);
  const std::filesystem::path directory = data_directory(flags.data);
  const std::string layers = layers_to_string(net.layers());
  const dataset test = load_test_data(directory, net.layers(), flags.model + " (" + shortened(layers) + ")");
  const evaluation result = evaluate(net, test);
  if (flags.as_json) {
    json object = {{"version", version()},
                   {"isa", active_isa()},
                   {"model", flags.model},
                   {"data", directory.string()},
                   {"layers", layers},
                   {"act", activation_to_string(net.layers().front().act)}};
    object.update(result_json(result));
    out.line(to_line(object));
  } else {
    out.line(fmt::format("{}: {} · {}: {} test images {}", one_line(flags.model), net_text(net.layers()),
                         one_line(data_name(directory)), thousands(test.size()), image_size(test)));
    out.line(fmt::format("test accuracy {} % ({} of {}) · loss {}\n", percent(result.accuracy()),
                         thousands(result.correct), thousands(result.samples), loss_text(result.loss)));
    print_table(result, out);
  }
  out.check("send it somewhere else");
  return exit_ok;
}

}  // namespace

command add_eval(CLI::App& program) {
  CLI::App* app = program.add_subcommand("eval",
                                         "Test a saved network: accuracy, loss, and a table of the classes.\n\n"
                                         "Examples:\n"
                                         "  lanewise eval out/model.safetensors --data data/mnist\n"
                                         "  lanewise eval out/model.safetensors --json | jq .accuracy");
  const auto flags = std::make_shared<eval_flags>();
  app->add_option("MODEL", flags->model, "the model file, safetensors")->required();
  add_flag_value(*app, "--data",
                 {"DIR", "as for train, test files alone are read; or digits, built in",
                  "$LANEWISE_DATA, else data/mnist"},
                 [=](const std::string& text) { flags->data = not_empty("--data", text); });
  add_flag_value(*app, "--layers", {"WIDTHS", "of a model file that does not say its own", ""},
                 [=](const std::string& text) { flags->layers = layer_widths(text); });
  add_flag_value(*app, "--act", {"NAME", "with --layers: the activation of the hidden layers, as for train", "relu"},
                 [=](const std::string& text) { flags->act = activation_name(text); });
  app->add_flag("--json", flags->as_json, "one JSON object, with the confusion matrix");
  return {app, [flags](standard_output& out) { return run_eval(*flags, out); }};
}

}  // namespace lanewise::cli
