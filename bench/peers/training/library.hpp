// SPDX-License-Identifier: MIT
// The ways in which a library's products can make a net: either order of the weights; all layers, or the first one alone and
// plain loops for the others, whose few weights do not repay a call.
#pragma once

#include "layered.hpp"
#include "plain_loops.hpp"

namespace lanewise::bench {

template <template <int, int, int, order> class Layer> struct ordered {
  template <int in, int out, int batch> using in_out = Layer<in, out, batch, order::in_out>;
  template <int in, int out, int batch> using out_in = Layer<in, out, batch, order::out_in>;
};

// `what` begins the variants' names.
template <template <int, int, int, order> class Layer>
std::vector<variant> library_variants(const task& t, const std::string& what) {
  std::vector<variant> found;
  at_size(t, [&]<int hidden, int batch>() {
    const auto add = [&]<template <int, int, int> class First>(const std::string& name) {
      add_layered<hidden, batch, First, First>(t, name, found);
      if constexpr (hidden <= 128) add_layered<hidden, batch, First, plain_layer>(t, name + ", other layers loops", found);
    };
    add.template operator()<ordered<Layer>::template in_out>(what + "[in][out]");
    add.template operator()<ordered<Layer>::template out_in>(what + "[out][in]");
  });
  return found;
}

}  // namespace lanewise::bench
