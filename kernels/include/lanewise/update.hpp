// SPDX-License-Identifier: MIT
// Optimiser updates over flat arrays, in place.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace lanewise {

// Plain stochastic gradient descent: w_i = fma(-lr, g_i, w_i). One rounding. Sizes equal, no overlap.
// Reference: kernels/ref/update.hpp. Seed: W <- W - eta grad W.
void sgd(float lr, std::span<const float> g, std::span<float> w) noexcept;

// The formulas and defaults are those of torch.optim; each weight has its own m, v or b, at first 0. In step t, from 1
// on, with d = weight_decay w + gradient_scale g:
enum class optimizer : std::uint8_t {
  sgd,       // w <- w - lr d
  momentum,  // b <- momentum b + d                                           w <- w - lr b
  nesterov,  // b as before (Nesterov 1983; Sutskever et al. 2013)            w <- w - lr (d + momentum b)
  rmsprop,   // v <- alpha v + (1 - alpha) d^2  (Hinton 2012)                 w <- w - lr d / (sqrt(v) + eps)
  adam,      // m <- m + (1 - beta1) (d - m), v <- beta2 v + (1 - beta2) d^2  (Kingma and Ba 2015)
             //             w <- w - lr / (1 - beta1^t) m / (sqrt(v / (1 - beta2^t)) + eps)
  adamw,     // w <- w - lr weight_decay w, then adam with d = gradient_scale g  (Loshchilov and Hutter 2019)
};

inline constexpr std::array all_optimizers{optimizer::sgd,     optimizer::momentum, optimizer::nesterov,
                                           optimizer::rmsprop, optimizer::adam,     optimizer::adamw};

// What an optimiser is called on the command line, how many floats it keeps for each weight, what it has beside lr,
// weight_decay and gradient_scale, and its defaults.
struct optimizer_traits {
  std::string_view name;
  std::size_t states = 0;
  bool has_momentum = false, has_betas = false, has_alpha = false, has_eps = false;
  double lr = 0.001, weight_decay = 0;
};

constexpr optimizer_traits traits(optimizer which) noexcept {
  switch (which) {
    case optimizer::sgd: return {.name = "sgd", .lr = 0.005};  // torch.optim: 0.001
    case optimizer::momentum: return {.name = "momentum", .states = 1, .has_momentum = true};
    case optimizer::nesterov: return {.name = "nesterov", .states = 1, .has_momentum = true};
    case optimizer::rmsprop: return {.name = "rmsprop", .states = 1, .has_alpha = true, .has_eps = true, .lr = 0.01};
    case optimizer::adam: return {.name = "adam", .states = 2, .has_betas = true, .has_eps = true};
    case optimizer::adamw:
      return {.name = "adamw", .states = 2, .has_betas = true, .has_eps = true, .weight_decay = 0.01};
  }
  return {.name = "unknown"};
}

constexpr std::string_view name(optimizer which) noexcept { return traits(which).name; }

// False for what a cast made of some other number. Such an optimiser goes to the contract handler.
constexpr bool is_known(optimizer which) noexcept { return static_cast<std::size_t>(which) < all_optimizers.size(); }

// What stays the same from step to step. The numbers that an optimiser does not have are not looked at.
struct optimizer_settings {
  optimizer which = optimizer::sgd;
  double weight_decay = 0;
  double momentum = 0.9;
  double beta1 = 0.9, beta2 = 0.999;
  double alpha = 0.99;
  double eps = 1e-8;  // for 0 / 0 not to arise it must be above 0 as a float
};

constexpr optimizer_settings default_settings(optimizer which) noexcept {
  return {.which = which, .weight_decay = traits(which).weight_decay};
}

// All numbers of one step; each goes into the formulas as a float, 1 - beta and lr / (1 - beta^t) after they were
// computed in double (beta^t by power(), lanewise/math.hpp).
struct update_step {
  optimizer_settings settings;
  double lr = 0;
  std::uint64_t t = 1;
  double gradient_scale = 1;
};

// Updates w and state from g. g.size() == w.size() = n; state is what the optimiser keeps, at first zeros: as many arrays
// of n as traits(settings.which).states says, one behind the other, b or v or m and then v. No overlap; t >= 1.
//
// Numerics: each product that is added to something is an fma, the other operations of the formulas round once, in the
// order of kernels/ref/update.hpp, which gives the same bits when it is run in float; equal bits on every ISA. The error
// is within what a running error analysis of the formula gives (tests/support/running_error.hpp).
void update(const update_step& step, std::span<const float> g, std::span<float> w, std::span<float> state) noexcept;

// The Euclidean norm of x, in double: the squares are exact, they are added in 16 virtual lanes, lane = i mod 16, and then
// by a tree 8-4-2-1. Relative error below (n / 16 + 6) 2^-53. For clipping by global norm.
double nrm2(std::span<const float> x) noexcept;

}  // namespace lanewise
