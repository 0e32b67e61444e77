// SPDX-License-Identifier: MIT
// The seed's equations in double, sample by sample: the specification of lanewise/model/step.hpp.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <lanewise/model/mlp.hpp>

#include "../../kernels/ref/activation.hpp"

namespace lanewise {

using vec = std::vector<double>;

// As training reads an image.
inline vec as_input(std::span<const std::uint8_t> image) {
  vec x;
  for (const std::uint8_t u : image) x.push_back(static_cast<double>(static_cast<float>(u) / 255.0f));
  return x;
}

class reference_net {
 public:
  struct layer_parameters {
    layer shape;
    vec w;  // [out][in]
    vec b;
  };
  std::vector<layer_parameters> layers;

  explicit reference_net(const mlp& net) : reference_net(net, net.parameters()) {}

  // From a block of floats laid out like net's parameters (its gradients, for example).
  reference_net(const mlp& net, std::span<const float> block) {
    for (std::size_t l = 0; l < net.layers().size(); ++l) {
      const layer& here = net.layers()[l];
      layer_parameters p{here, vec(here.out * here.in), vec(here.out)};
      for (std::size_t o = 0; o < here.out; ++o) {
        for (std::size_t i = 0; i < here.in; ++i)
          p.w[o * here.in + i] = static_cast<double>(net.weights_in(block, l)(i, o));
        p.b[o] = static_cast<double>(net.bias_in(block, l)[o]);
      }
      layers.push_back(p);
    }
  }

  // Sees each vector of a sample as soon as it is computed, with what it was computed from, and may change its numbers:
  // everything after it is computed from those.
  struct onlooker {
    virtual ~onlooker() = default;
    virtual void z(std::size_t, const vec& /*in*/, vec& /*z*/) {}
    virtual void a(std::size_t, const vec& /*z*/, const vec& /*in*/, vec& /*a*/) {}  // of hidden layers
    virtual void dlogits(const vec& /*z*/, std::int32_t /*label*/, vec& /*dz*/) {}
    virtual void dz(std::size_t, const vec& /*da*/, vec& /*dz*/) {}  // of hidden layers
    virtual void da(std::size_t, const vec& /*dz*/, const vec& /*da*/, vec& /*da*/) {}  // from those of the layer after it
    virtual void gradient(std::size_t, const vec& /*in*/, const vec& /*dz*/) {}
  };
  struct nobody : onlooker {};

  // z and a of every layer for one sample.
  struct trace {
    std::vector<vec> z, a;
  };
  trace run(const vec& x) const {
    nobody looks;
    return run(x, looks);
  }
  trace run(const vec& x, onlooker& looks) const {
    trace t;
    const vec* in = &x;
    for (std::size_t l = 0; l < layers.size(); ++l) {
      const layer_parameters& p = layers[l];
      vec z = p.b, a(p.shape.out);
      for (std::size_t o = 0; o < p.shape.out; ++o)
        for (std::size_t i = 0; i < p.shape.in; ++i) z[o] += p.w[o * p.shape.in + i] * (*in)[i];
      looks.z(l, *in, z);
      for (std::size_t o = 0; o < p.shape.out; ++o) {
        a[o] = ref::value(p.shape.act, z[o]);
        if (p.shape.residual) a[o] += (*in)[o];
      }
      if (l + 1 < layers.size()) looks.a(l, z, *in, a);
      t.z.push_back(z);
      t.a.push_back(a);
      in = &t.a.back();
    }
    return t;
  }

  static double cross_entropy(const vec& z, std::int32_t label) {
    const auto max = std::max_element(z.begin(), z.end());
    double others = 0;  // the maximum itself adds 1, in which a small loss would drown
    for (auto v = z.begin(); v != z.end(); ++v)
      if (v != max) others += std::exp(*v - *max);
    return std::log1p(others) + (*max - z[static_cast<std::size_t>(label)]);
  }
  double loss(const vec& x, std::int32_t label) const { return cross_entropy(run(x).z.back(), label); }

  // Adds scale times the gradient of one sample's loss to `into`, which has the layers of this net.
  void add_gradient(const vec& x, std::int32_t label, double scale, reference_net& into) const {
    nobody looks;
    add_gradient(x, label, scale, into, looks);
  }
  void add_gradient(const vec& x, std::int32_t label, double scale, reference_net& into, onlooker& looks) const {
    const trace t = run(x, looks);
    vec d = t.z.back();  // gradient of z of the layer at hand
    const double max = *std::max_element(d.begin(), d.end());
    double sum = 0;
    for (double& v : d) sum += v = std::exp(v - max);
    for (double& v : d) v *= scale / sum;
    d[static_cast<std::size_t>(label)] -= scale;
    looks.dlogits(t.z.back(), label, d);
    vec da;
    for (std::size_t l = layers.size(); l-- > 0;) {
      const layer_parameters& p = layers[l];
      if (l + 1 < layers.size()) {
        for (std::size_t o = 0; o < p.shape.out; ++o)
          d[o] = da[o] * ref::derivative(p.shape.act, t.z[l][o]);
        looks.dz(l, da, d);
      }
      const vec& in = l == 0 ? x : t.a[l - 1];
      vec da_in(p.shape.in);
      for (std::size_t o = 0; o < p.shape.out; ++o) {
        for (std::size_t i = 0; i < p.shape.in; ++i) {
          into.layers[l].w[o * p.shape.in + i] += d[o] * in[i];
          da_in[i] += p.w[o * p.shape.in + i] * d[o];
        }
        into.layers[l].b[o] += d[o];
        if (p.shape.residual) da_in[o] += da[o];
      }
      looks.gradient(l, in, d);
      if (l > 0) looks.da(l - 1, d, da, da_in);
      da = da_in;
      d.assign(l == 0 ? 0 : layers[l - 1].shape.out, 0.0);
    }
  }

  // All numbers in one row: w then b, layer by layer.
  std::vector<double*> numbers() {
    std::vector<double*> all;
    for (layer_parameters& p : layers) {
      for (double& v : p.w) all.push_back(&v);
      for (double& v : p.b) all.push_back(&v);
    }
    return all;
  }
  void fill(double value) {
    for (double* v : numbers()) *v = value;
  }
};

}  // namespace lanewise
