// SPDX-License-Identifier: MIT
#include "start_net.hpp"

#include <map>
#include <utility>

#include <lanewise/model/init.hpp>
#include <lanewise/model/step.hpp>
#include <lanewise/model/workspace.hpp>

#include "training_data.hpp"

namespace lanewise::bench {

std::string residual_layers(std::size_t hidden) {
  const std::string width = std::to_string(hidden);
  return std::to_string(training_data::inputs) + '-' + width + '-' + width + "r-" +
         std::to_string(training_data::classes);
}

const mlp& start_net(std::string_view layers) {
  static std::map<std::string, mlp, std::less<>> nets;
  const auto known = nets.find(layers);
  if (known != nets.end()) return known->second;
  mlp net(parse_layers(layers));
  xavier_uniform(net, 1);
  workspace ws(net, 1);
  const training_data& data = shared_training_data();
  for (std::size_t s = 0; s < 4096; ++s)
    sgd_step(net, ws, data.batch_images(s, 1), data.batch_labels(s, 1), 0.005f);
  return nets.emplace(layers, std::move(net)).first->second;
}

}  // namespace lanewise::bench
