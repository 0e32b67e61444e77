// SPDX-License-Identifier: MIT
#include "sweep_grid.hpp"

#include <algorithm>
#include <limits>

#include <fmt/format.h>

#include <lanewise/model/text.hpp>

#include "exit_codes.hpp"
#include "flags.hpp"
#include "text.hpp"

namespace lanewise::cli {
namespace {

// What `read` makes of each part. One choice in two spellings would be trained twice.
template <class Read>
auto list_of(const std::string& flag, const std::string& text, const Read& read) {
  const std::vector<std::string> parts = split_at(text, ',');
  std::vector<decltype(read(text))> all;
  for (const std::string& part : parts) {
    if (part.empty()) throw usage_error(flag + " \"" + shortened(text) + "\": a part between commas is empty");
    const auto value = read(part);
    if (const auto same = std::ranges::find(all, value); same != all.end()) {
      const std::string& first = parts[static_cast<std::size_t>(same - all.begin())];
      throw usage_error(fmt::format("{} \"{}\": \"{}\" stands there twice{}", flag, shortened(text), shortened(part),
                                    first == part ? "" : ", first as \"" + shortened(first) + "\""));
    }
    all.push_back(value);
  }
  return all;
}

std::vector<std::uint64_t> seeds_from_to(const std::string& text) {
  constexpr std::uint64_t most = 10'000, highest = std::numeric_limits<std::uint64_t>::max();
  const std::vector<std::string> ends = split_at(text, '-');
  if (ends.size() > 2) throw usage_error("--seeds \"" + shortened(text) + "\": must be N or FIRST-LAST, as 1-3");
  const std::uint64_t first = whole_number("--seeds", ends.front(), 0, highest);
  const std::uint64_t last = whole_number("--seeds", ends.back(), 0, highest);
  if (last < first || last - first >= most)
    throw usage_error(fmt::format("--seeds \"{}\": the last must be from {} to {}", shortened(text), first,
                                  first + std::min(most - 1, highest - first)));
  std::vector<std::uint64_t> seeds;
  for (std::uint64_t i = 0; i <= last - first; ++i) seeds.push_back(first + i);
  return seeds;
}

}  // namespace

sweep_grid make_grid(const sweep_flags& flags) {
  sweep_grid grid;
  for (const std::vector<layer>& widths : flags.layers)
    for (const activation act : flags.acts) {
      const std::vector<layer> layers = with_hidden_activation(widths, act);
      for (const initializer init : flags.inits)
        for (const optimizer_and_rate& optimizer : flags.optimizers)
          grid.cases.push_back({layers, act, init, optimizer});
    }
  for (const std::uint64_t seed : flags.seeds)
    for (std::size_t i = 0; i < grid.cases.size(); ++i) {
      const optimizer_and_rate& by = grid.cases[i].optimizer;
      grid.runs.push_back({i, {.epochs = flags.epochs, .batch = flags.batch, .lr = by.lr, .schedule = flags.schedule,
                               .update = {.optimizer = default_settings(by.which)}, .seed = seed}});
    }
  return grid;
}

std::vector<std::vector<layer>> layers_list(const std::string& text) { return list_of("--layers", text, layer_widths); }

std::vector<activation> act_list(const std::string& text) { return list_of("--act", text, activation_name); }

std::vector<initializer> init_list(const std::string& text) {
  return list_of("--init", text, [](const std::string& part) { return one_of("--init", part, all_initializers); });
}

std::vector<optimizer_and_rate> optimizer_list(const std::string& text) {
  return list_of("--optimizer", text, [](const std::string& part) {
    const std::size_t colon = part.find(':');
    const std::string which_name = part.substr(0, colon);
    const optimizer which = one_of("--optimizer", which_name, all_optimizers);
    if (colon == std::string::npos) return optimizer_and_rate{which, traits(which).lr};
    return optimizer_and_rate{which, real_number("--optimizer " + which_name + ":", part.substr(colon + 1), 1e-30, 1e30)};
  });
}

std::vector<std::uint64_t> seed_list(const std::string& text) {
  std::vector<std::uint64_t> all;
  for (const std::vector<std::uint64_t>& seeds : list_of("--seeds", text, seeds_from_to))
    all.insert(all.end(), seeds.begin(), seeds.end());
  std::vector<std::uint64_t> sorted = all;
  std::ranges::sort(sorted);
  if (const auto twice = std::ranges::adjacent_find(sorted); twice != sorted.end())
    throw usage_error(fmt::format("--seeds \"{}\": {} stands there twice", shortened(text), *twice));
  return all;
}

}  // namespace lanewise::cli
