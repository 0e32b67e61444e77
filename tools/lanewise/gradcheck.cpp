// SPDX-License-Identifier: MIT
// lanewise gradcheck: whether the gradient that training goes along is the gradient of the loss.
#include <limits>
#include <memory>
#include <stdexcept>

#include <fmt/format.h>

#include <lanewise/cpu.hpp>
#include <lanewise/model/gradient_check.hpp>
#include <lanewise/model/init.hpp>
#include <lanewise/model/text.hpp>
#include <lanewise/version.hpp>

#include "commands.hpp"
#include "exit_codes.hpp"
#include "flags.hpp"
#include "json.hpp"
#include "text.hpp"

namespace lanewise::cli {
namespace {

struct gradcheck_flags {
  std::vector<layer> layers = parse_layers("784-16-16r-10");
  activation act = activation::relu;
  gradient_check_options options;
  bool as_json = false;
};

void print_result(const gradcheck_flags& flags, const gradient_check_result& r, standard_output& out) {
  out.line(fmt::format("net {} · {} · {} parameters · {} · seed {} · batch {}",
                       shortened(layers_to_string(flags.layers)), activation_to_string(flags.act),
                       thousands(r.parameters), active_isa(), flags.options.seed, flags.options.batch));
  if (!r.overflow.empty()) return;
  const auto figure = [&](const char* what, double error, double bound, bool holds, const std::string& worst) {
    out.line(fmt::format("{:<44} {:8.2e}  (at most {:g})  {}  worst {}", what, error, bound, holds ? "holds" : "FAILS",
                         worst));
  };
  if (r.checked > r.skipped)
    figure("gradient in double against differences", r.difference_error, gradient_check_result::difference_bound,
           r.differences_hold(), r.difference_worst);
  figure("steps in float, as a share of their bounds", r.float_error, 1, r.floats_hold(), r.float_worst);
  out.line(fmt::format("differences at {} of {} parameters; {} of them left out, at kinks and bends",
                       thousands(r.checked), thousands(r.parameters), thousands(r.skipped)));
}

json result_json(const gradcheck_flags& flags, const gradient_check_result& r) {
  return {{"version", version()},
          {"isa", active_isa()},
          {"layers", layers_to_string(flags.layers)},
          {"act", activation_to_string(flags.act)},
          {"seed", flags.options.seed},
          {"batch", flags.options.batch},
          {"parameters", r.parameters},
          {"checked", r.checked},
          {"skipped", r.skipped},
          {"difference_error", r.checked > r.skipped ? json(r.difference_error) : json()},
          {"difference_worst", r.difference_worst},
          {"float_error", r.float_error},
          {"float_worst", r.float_worst},
          {"overflow", r.overflow.empty() ? json() : json(r.overflow)},
          {"tells_enough", r.tells_enough()},
          {"holds", r.holds()}};
}

std::string why_not(const gradient_check_result& r) {
  if (!r.overflow.empty())
    return fmt::format(
        "{} is too large for a float, so nothing can be told; choose a smaller parameter of --act, or fewer layers",
        r.overflow);
  if (!r.differences_hold() || !r.floats_hold())
    return "the gradient does not hold; tell the authors of lanewise the lines above";
  return fmt::format(
      "differences left out at {} of {} parameters, where the loss has a kink or bends too much: too many to tell; "
      "choose another --seed or a smaller --batch",
      thousands(r.skipped), thousands(r.checked));
}

int run_gradcheck(const gradcheck_flags& flags, standard_output& out) {
  mlp net(with_hidden_activation(flags.layers, flags.act));
  xavier_uniform(net, flags.options.seed);
  const gradient_check_result result = check_gradient(net, flags.options);
  if (flags.as_json)
    out.line(to_line(result_json(flags, result)));
  else
    print_result(flags, result, out);
  out.check("send it somewhere else");
  if (result.holds()) return exit_ok;
  print_error(why_not(result));
  return exit_failure;
}

}  // namespace

command add_gradcheck(CLI::App& program) {
  CLI::App* app = program.add_subcommand("gradcheck",
                                         "Check the gradient of a network against differences of its loss.\n\n"
                                         "Examples:\n"
                                         "  lanewise gradcheck\n"
                                         "  lanewise gradcheck --layers 64-32-32r-10 --act gelu\n"
                                         "  lanewise gradcheck --act silu --json | jq .difference_error");
  const auto flags = std::make_shared<gradcheck_flags>();
  add_flag_value(*app, "--layers", {"WIDTHS", "as for train", "784-16-16r-10"},
                 [=](const std::string& text) { flags->layers = layer_widths(text); });
  add_flag_value(*app, "--act", {"NAME", "activation of the hidden layers, as for train", "relu"},
                 [=](const std::string& text) { flags->act = activation_name(text); });
  add_flag_value(*app, "--batch", {"N", "random samples", "4"}, [=](const std::string& text) {
    flags->options.batch = whole_number("--batch", text, 1, 4096);
  });
  add_flag_value(*app, "--seed", {"N", "of weights, samples and, above 20,000 parameters, the 2,000 looked at", "1"},
                 [=](const std::string& text) {
                   flags->options.seed = whole_number("--seed", text, 0, std::numeric_limits<std::uint64_t>::max());
                 });
  app->add_flag("--json", flags->as_json, "one JSON object");
  return {app, [flags](standard_output& out) { return run_gradcheck(*flags, out); }};
}

}  // namespace lanewise::cli
