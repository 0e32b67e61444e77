// SPDX-License-Identifier: MIT
#include <lanewise/model/mlp.hpp>

#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>
#include <stdexcept>

#include <lanewise/model/text.hpp>

#include "posix.hpp"

namespace lanewise {
namespace {

constexpr const char* grammar =
    "write the widths with dashes between them, inputs first, classes last, as 784-16-16r-10 (r adds a layer's input)";

constexpr std::size_t max_width = std::size_t{1} << 20;

[[noreturn]] void refuse(std::string_view text, const std::string& why) {
  throw std::invalid_argument("layers " + in_quotes(text) + ": " + why);
}

// The fewest digits that are read as that float again.
std::string shortest(float number) {
  std::array<char, 32> digits;
  return {digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr};
}

// A width with its optional suffix `r`, as it stands between two dashes.
struct part {
  std::size_t width = 0;
  bool residual = false;
};

part parse_part(std::string_view text, std::string_view token) {
  part p;
  const char* end = token.data() + token.size();
  const auto [rest, error] = std::from_chars(token.data(), end, p.width);
  if (error == std::errc::invalid_argument) refuse(text, in_quotes(token) + " is not a width; " + grammar);
  if (error != std::errc() || p.width < 1 || p.width > max_width)
    refuse(text, "width " + shortened(token) + " is out of range; a width is 1 to " + std::to_string(max_width));
  p.residual = rest != end && *rest == 'r';
  if (rest + (p.residual ? 1 : 0) != end)
    refuse(text, in_quotes(token) + " has an unknown suffix; " + grammar);
  return p;
}

std::vector<part> parse_parts(std::string_view text) {
  std::vector<part> parts;
  std::string_view rest = text;
  while (true) {
    const std::size_t dash = rest.find('-');
    parts.push_back(parse_part(text, rest.substr(0, dash)));
    if (dash == std::string_view::npos) return parts;
    rest.remove_prefix(dash + 1);
  }
}

}  // namespace

std::vector<layer> parse_layers(std::string_view text, activation hidden) {
  const std::vector<part> parts = parse_parts(text);
  if (parts.size() < 2) refuse(text, "needs at least an input and an output width, for example 784-10");
  if (parts.front().residual) refuse(text, "the input cannot be a residual; drop its r");
  if (parts.back().residual) refuse(text, "the last layer gives the logits and cannot be a residual; drop its r");
  std::vector<layer> layers;
  for (std::size_t i = 1; i < parts.size(); ++i) {
    const bool last = i + 1 == parts.size();
    const layer l{parts[i - 1].width, parts[i].width, last ? activation::identity : hidden, parts[i].residual};
    if (l.residual && l.in != l.out)
      refuse(text, "the residual " + std::to_string(l.out) + "r follows a width of " + std::to_string(l.in) +
                       "; both must be equal");
    layers.push_back(l);
  }
  return layers;
}

std::string layers_to_string(std::span<const layer> layers) {
  std::string text = layers.empty() ? "" : std::to_string(layers.front().in);
  for (const layer& l : layers) {
    text += '-';
    text += std::to_string(l.out);
    if (l.residual) text += 'r';
  }
  return text;
}

activation parse_activation(std::string_view text) {
  const auto refuse = [&](const std::string& why) {
    throw std::invalid_argument("activation " + in_quotes(text) + ": " + why);
  };
  const std::size_t colon = text.find(':');
  const std::optional<activation> usual = activation_from_name(text.substr(0, colon));
  if (!usual) refuse("must be one of " + activation_choices());
  activation act = *usual;
  if (colon == std::string_view::npos) return act;
  const std::string parameter(activation_table[static_cast<std::size_t>(act.kind)].parameter);
  if (parameter.empty()) refuse("has no parameter; leave out the colon and what follows");
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data() + colon + 1, end, act.parameter);
  if (error != std::errc() || rest != end || !is_valid(act))
    refuse("the " + parameter + " must be 0 or a number from " +
           shortest(std::numeric_limits<float>::denorm_min()) + " to " + shortest(std::numeric_limits<float>::max()));
  if (act.parameter == 0) act.parameter = 0;  // -0 would give zeros another sign
  return act;
}

std::string activation_to_string(activation act) {
  std::string text(name(act));
  if (activation_table[static_cast<std::size_t>(act.kind)].parameter.empty()) return text;
  return text + ":" + shortest(act.parameter);
}

std::string activation_choices() {
  std::string text;
  for (const activation_entry& entry : activation_table) {
    if (!text.empty()) text += ", ";
    text += entry.name;
    if (!entry.parameter.empty()) text.append("[:").append(entry.parameter).append("]");
  }
  return text;
}

std::vector<layer> with_hidden_activation(std::vector<layer> layers, activation act) {
  for (std::size_t l = 0; l + 1 < layers.size(); ++l) layers[l].act = act;
  return layers;
}

mlp::mlp(std::vector<layer> layers) : layers_(std::move(layers)) {
  if (layers_.empty()) throw std::invalid_argument("mlp: needs at least one layer");
  std::size_t offset = 0;
  for (std::size_t l = 0; l < layers_.size(); ++l) {
    const layer& here = layers_[l];
    if (here.in < 1 || here.in > max_width || here.out < 1 || here.out > max_width)
      throw std::invalid_argument("mlp: widths must be 1 to " + std::to_string(max_width));
    if (!is_valid(here.act)) throw std::invalid_argument("mlp: act must be a valid activation");
    if (here.residual && here.in != here.out) throw std::invalid_argument("mlp: a residual layer needs in == out");
    if (l > 0 && layers_[l - 1].out != here.in) throw std::invalid_argument("mlp: a layer's in must be the out before it");
    offsets_.push_back(offset);
    offset += (here.in + 1) * padded_width(here.out);
  }
  const layer& last = layers_.back();
  if (last.act != activation::identity || last.residual)
    throw std::invalid_argument("mlp: the last layer gives the logits, without activation and residual");
  parameters_ = aligned_buffer<float>(offset);
}

mlp mlp::clone() const {
  mlp copy(layers_);
  std::copy(parameters_.begin(), parameters_.end(), copy.parameters_.begin());
  return copy;
}

std::size_t mlp::parameter_count() const noexcept {
  std::size_t count = 0;
  for (const layer& l : layers_) count += (l.in + 1) * l.out;
  return count;
}

bool all_finite(std::span<const float> values) noexcept {
  for (const float v : values)
    if (!std::isfinite(v)) return false;
  return true;
}

}  // namespace lanewise
