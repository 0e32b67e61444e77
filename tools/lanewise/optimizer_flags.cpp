// SPDX-License-Identifier: MIT
#include "optimizer_flags.hpp"

#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <lanewise/model/text.hpp>

#include "exit_codes.hpp"
#include "flags.hpp"
#include "text.hpp"

namespace lanewise::cli {
namespace {

constexpr double below_one = 0.999999;

// The names of those that have it.
std::string optimizers_with(bool optimizer_traits::*part) {
  std::vector<std::string_view> names;
  for (const optimizer which : all_optimizers)
    if (traits(which).*part) names.push_back(name(which));
  return one_or_another(names);
}

void require_part(const char* flag, bool is_given, optimizer which, bool optimizer_traits::*part) {
  if (is_given && !(traits(which).*part))
    throw usage_error(
        fmt::format("{}: --optimizer {} has none; it goes with {}", flag, name(which), optimizers_with(part)));
}

// "0.001; sgd 0.005, rmsprop 0.01": the last optimiser's, and those that differ.
std::string default_rates() {
  const double usual = traits(all_optimizers.back()).lr;
  std::string text = fmt::format("{:g}", usual), separator = "; ";
  for (const optimizer which : all_optimizers)
    if (traits(which).lr != usual) {
      text += fmt::format("{}{} {:g}", separator, name(which), traits(which).lr);
      separator = ", ";
    }
  return text;
}

std::string default_decays() {
  std::string text = "0";
  for (const optimizer which : all_optimizers)
    if (traits(which).weight_decay > 0) text += fmt::format("; {} {:g}", name(which), traits(which).weight_decay);
  return text;
}

std::array<double, 2> betas_of(const std::string& text) {
  const std::vector<std::string> parts = split_at(text, ',');
  if (parts.size() != 2 || parts[0].empty() || parts[1].empty())
    throw usage_error(fmt::format("--betas \"{}\": must be two numbers with a comma between them, as 0.9,0.999",
                                  shortened(text)));
  return {real_number("--betas", parts[0], 0, below_one), real_number("--betas", parts[1], 0, below_one)};
}

// SHAPE, or step:EPOCHS or step:EPOCHS:FACTOR.
void read_schedule(const std::string& text, schedule& into) {
  const std::vector<std::string> parts = split_at(text, ':');
  const bool is_step = parts.front() == name(schedule_shape::step);
  if (is_step ? parts.size() < 2 || parts.size() > 3 : parts.size() > 1)
    throw usage_error(fmt::format("--schedule \"{}\": must be {}", shortened(text),
                                  is_step ? "step:EPOCHS or step:EPOCHS:FACTOR, as step:3:0.1"
                                          : one_or_another(names_of(all_schedule_shapes))));
  into.shape = one_of("--schedule", parts.front(), all_schedule_shapes);
  if (parts.size() > 1) into.step_epochs = real_number("--schedule step:EPOCHS", parts[1], 0.001, 1e6);
  if (parts.size() > 2) into.step_factor = real_number("--schedule step:EPOCHS:FACTOR", parts[2], 1e-6, 1);
}

}  // namespace

void optimizer_flags::apply_to(train_options& options) const {
  require_part("--momentum", momentum.has_value(), which, &optimizer_traits::has_momentum);
  require_part("--betas", betas.has_value(), which, &optimizer_traits::has_betas);
  require_part("--alpha", alpha.has_value(), which, &optimizer_traits::has_alpha);
  require_part("--eps", eps.has_value(), which, &optimizer_traits::has_eps);
  optimizer_settings& o = options.update.optimizer = default_settings(which);
  o.weight_decay = weight_decay.value_or(o.weight_decay);
  o.momentum = momentum.value_or(o.momentum);
  if (betas) o.beta1 = (*betas)[0], o.beta2 = (*betas)[1];
  o.alpha = alpha.value_or(o.alpha);
  o.eps = eps.value_or(o.eps);
  options.update.clip_norm = clip_norm.value_or(0);
  options.lr = lr.value_or(traits(which).lr);
  options.schedule = schedule;
}

void add_schedule_flags(CLI::App& app, schedule& into) {
  add_flag_value(app, "--schedule",
                 {"NAME", "linear or cosine (fall to 0 over the run), constant, or step:EPOCHS[:FACTOR]", "linear"},
                 [&](const std::string& text) { read_schedule(text, into); });
  add_flag_value(app, "--warm-up", {"EPOCHS", "raise the learning rate from 0 first; may be a fraction", "0"},
                 [&](const std::string& text) { into.warm_up_epochs = real_number("--warm-up", text, 0, 1e6); });
}

void check_warm_up(const schedule& schedule, std::size_t epochs) {
  if (schedule.warm_up_epochs > static_cast<double>(epochs))
    throw usage_error(fmt::format("--warm-up {}: longer than the run, which has {}; choose at most that",
                                  schedule.warm_up_epochs, counted(epochs, "epoch")));
}

void add_optimizer_flags(CLI::App& app, optimizer_flags& flags) {
  const auto number = [&](const char* flag, const flag_help& help, double low, double high,
                          std::optional<double>& into) {
    add_flag_value(app, flag, help, [=, &into](const std::string& text) { into = real_number(flag, text, low, high); });
  };
  add_flag_value(app, "--optimizer", {"NAME", one_or_another(names_of(all_optimizers)), "sgd"},
                 [&](const std::string& text) { flags.which = one_of("--optimizer", text, all_optimizers); });
  number("--lr", {"X", "learning rate at the start", default_rates()}, 1e-30, 1e30, flags.lr);
  add_schedule_flags(app, flags.schedule);
  number("--weight-decay", {"X", "pull weights to 0, by X times the learning rate a step", default_decays()}, 0, 1e6,
         flags.weight_decay);
  number("--clip-norm", {"X", "shorten gradients to this length", "none"}, 1e-30, 1e30, flags.clip_norm);
  number("--momentum", {"X", "of " + optimizers_with(&optimizer_traits::has_momentum), "0.9"}, 0, below_one,
         flags.momentum);
  add_flag_value(app, "--betas", {"X,Y", "of " + optimizers_with(&optimizer_traits::has_betas), "0.9,0.999"},
                 [&](const std::string& text) { flags.betas = betas_of(text); });
  number("--alpha", {"X", "of " + optimizers_with(&optimizer_traits::has_alpha), "0.99"}, 0, below_one, flags.alpha);
  number("--eps", {"X", "of " + optimizers_with(&optimizer_traits::has_eps), "1e-8"}, 1e-30, 1, flags.eps);
}

std::string describe(const update_options& update) {
  const optimizer_settings& o = update.optimizer;
  const optimizer_traits has = traits(o.which);
  std::string text(has.name);
  if (has.has_momentum) text += fmt::format(", momentum {:g}", o.momentum);
  if (has.has_betas) text += fmt::format(", betas {:g} {:g}", o.beta1, o.beta2);
  if (has.has_alpha) text += fmt::format(", alpha {:g}", o.alpha);
  if (has.has_eps) text += fmt::format(", eps {:g}", o.eps);
  if (o.weight_decay > 0) text += fmt::format(", weight decay {:g}", o.weight_decay);
  if (update.clip_norm > 0) text += fmt::format(", gradients clipped to {:g}", update.clip_norm);
  return text;
}

std::string describe(const schedule& schedule, double lr) {
  const auto epochs = [](double count) { return fmt::format("{} epoch{}", count, count == 1 ? "" : "s"); };
  std::string text = fmt::format("learning rate {:g}", lr);
  switch (schedule.shape) {
    case schedule_shape::constant: text += ", constant"; break;
    case schedule_shape::linear: text += " falling linearly to 0"; break;
    case schedule_shape::cosine: text += " falling as a cosine to 0"; break;
    case schedule_shape::step:
      text += fmt::format(", times {:g} every {}", schedule.step_factor, epochs(schedule.step_epochs));
  }
  return schedule.warm_up_epochs > 0 ? text + " after a warm-up of " + epochs(schedule.warm_up_epochs) : text;
}

void add_to_record(json& record, const train_options& options) {
  const optimizer_settings& o = options.update.optimizer;
  const optimizer_traits has = traits(o.which);
  record["optimizer"] = has.name;
  if (has.has_momentum) record["momentum"] = o.momentum;
  if (has.has_betas) record["betas"] = {o.beta1, o.beta2};
  if (has.has_alpha) record["alpha"] = o.alpha;
  if (has.has_eps) record["eps"] = o.eps;
  record["weight_decay"] = o.weight_decay;
  if (options.update.clip_norm > 0) record["clip_norm"] = options.update.clip_norm;
  record["schedule"] = name(options.schedule.shape);
  if (options.schedule.shape == schedule_shape::step) {
    record["step_epochs"] = options.schedule.step_epochs;
    record["step_factor"] = options.schedule.step_factor;
  }
  record["warm_up_epochs"] = options.schedule.warm_up_epochs;
}

}  // namespace lanewise::cli
