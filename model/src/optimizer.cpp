// SPDX-License-Identifier: MIT
#include <lanewise/model/optimizer.hpp>

#include <algorithm>
#include <cmath>
#include <new>
#include <stdexcept>
#include <string>

namespace lanewise {
namespace {

void require(bool holds, const char* rule) {
  if (!holds) throw std::invalid_argument(std::string("optimizer: ") + rule);
}

bool is_length(double x) noexcept { return x >= 0 && std::isfinite(x); }
bool is_share(double x) noexcept { return x >= 0 && x < 1; }

std::size_t state_size(const update_options& options, std::size_t parameters) {
  std::size_t size = 0;
  if (__builtin_mul_overflow(traits(options.optimizer.which).states, parameters, &size)) throw std::bad_alloc();
  return size;
}

}  // namespace

void require_usable(const update_options& options) {
  const optimizer_settings& o = options.optimizer;
  require(is_known(o.which), "must be one of all_optimizers");
  require(is_length(o.weight_decay), "weight_decay must be finite and not negative");
  require(is_length(options.clip_norm), "clip_norm must be finite and not negative");
  require(is_share(o.momentum), "momentum must be at least 0 and below 1");
  require(is_share(o.beta1) && is_share(o.beta2), "betas must be at least 0 and below 1");
  require(is_share(o.alpha), "alpha must be at least 0 and below 1");
  require(static_cast<float>(o.eps) > 0 && o.eps <= 1, "eps must be above 0, as a float too, and at most 1");
}

parameter_update::parameter_update(const update_options& options, std::size_t parameters)
    : options_(options), state_(state_size(options, parameters)) {
  std::ranges::fill(state_.span(), 0.0f);
}

void parameter_update::operator()(std::span<const float> g, std::span<float> w, double lr) noexcept {
  const double clip = options_.clip_norm;
  const double scale = clip > 0 ? std::min(1.0, clip / (nrm2(g) + 1e-6)) : 1.0;
  update({.settings = options_.optimizer, .lr = lr, .t = ++steps_, .gradient_scale = scale}, g, w, state_.span());
}

}  // namespace lanewise
