// SPDX-License-Identifier: MIT
// The steps of lanewise/fused_mlp.hpp, on one sample and on a batch.
#include "simd/dot.hpp"
#include "simd/fused_forward.hpp"
#include "simd/row_updates.hpp"

namespace lanewise {

using namespace simd;

namespace {

// ---- backward and update ----------------------------------------------------------------------------------------------

// dz in registers where there is room for it, so that stores to W do not make it be loaded again.
template <std::size_t out>
struct gradient_row {
  static constexpr std::size_t registers = out / width;
  static constexpr bool is_kept = registers <= 4;
  const float* dz;
  vf kept[is_kept ? registers : 1];

  explicit gradient_row(const float* from) noexcept : dz(from) {
    if constexpr (is_kept)
      for (std::size_t v = 0; v < registers; ++v) kept[v] = load(dz + v * width);
  }
  vf operator[](std::size_t v) const noexcept {
    if constexpr (is_kept)
      return kept[v];
    else
      return load(dz + v * width);
  }
};

// The register whose tree_sum() is row . dz, in 32 virtual lanes; with `updates` also row += a dz, from one load of the row.
template <std::size_t out, bool updates>
[[gnu::always_inline]] inline vf dot_and_update(float* row, const gradient_row<out>& dz, vf a) noexcept {
  constexpr std::size_t present = smaller(out, dot_lanes) / width;
  vf product[present];
#pragma GCC unroll 32
  for (std::size_t v = 0; v < out / width; ++v) {
    const vf weights = in_register(load(row + v * width));
    product[v % present] = v < present ? weights * dz[v] : fma(weights, dz[v], product[v % present]);
    if constexpr (updates) store(row + v * width, fma(a, dz[v], weights));
  }
  return tree_of_registers<dot_registers, present>(product);
}

// What a layer hands down to the one before it, whose z becomes dz = relu'(z) da. Where that one has a residual, da is passed
// on: it is added to what that layer hands down.
struct handed_down {
  float* z;
  float* da;
  bool adds, keeps;  // the da of the layer above to this one's; this one's for the layer below

  void put(std::size_t i, vf sum) const noexcept {
    const vf whole = adds ? sum + load(da + i) : sum;
    if (keeps) store(da + i, whole);
    store(z + i, relu::backward(load(z + i), whole));
  }
};

// da = W dz (+ what was passed on); with `updates` also W += a_in dz^T
template <std::size_t out, bool updates>
void backward_through(fused_layer layer, const float* a_in, const float* dz, handed_down down) noexcept {
  const gradient_row<out> gradient(dz);
  float* row = layer.weights;
  for (std::size_t i = 0; i < layer.in; i += width) {
    vf sums[width];
#pragma GCC unroll 16
    for (std::size_t r = 0; r < width; ++r, row += out)
      sums[r] = dot_and_update<out, updates>(row, gradient, updates ? splat(a_in[i + r]) : zero());
    down.put(i, tree_sums(sums));
  }
}

template <bool updates>
void backward(fused_layer layer, const float* a_in, const float* dz, handed_down down) noexcept {
  switch (layer.out) {
    case 16: return backward_through<16, updates>(layer, a_in, dz, down);
    case 32: return backward_through<32, updates>(layer, a_in, dz, down);
    case 64: return backward_through<64, updates>(layer, a_in, dz, down);
    default: return backward_through<128, updates>(layer, a_in, dz, down);
  }
}

// b += dz
inline void update_bias(const fused_layer& layer, const float* dz) noexcept {
  for (std::size_t j = 0; j < layer.out; j += width) store(layer.bias + j, load(layer.bias + j) + load(dz + j));
}

// From dz of the last layer to that of the first; with `updates` all layers but the first are updated on the way.
template <bool updates>
inline void backward_all(const fused_net& net, float* vectors) noexcept {
  alignas(64) float da[widest];
  bool adds = false;
  for (const fused_layer* layer = net.layers + net.count - 1; layer != net.layers; --layer) {
    const fused_layer& before = layer[-1];
    const float* dz = z_of(*layer, vectors);
    backward<updates>(*layer, a_of(before, vectors), dz, {z_of(before, vectors), da, adds, before.residual});
    if constexpr (updates) update_bias(*layer, dz);
    adds = before.residual;
  }
}

// W += x dz^T, the listed rows of it, sample after sample.
void update_first(const fused_layer& layer, std::size_t samples, const listed_pixels* x, const float* dz,
                  std::size_t stride) noexcept {
  for_each_tile<8>(layer.out, [&](std::size_t column, auto lanes) __attribute__((always_inline)) {
    constexpr std::size_t registers = lanes.registers;
    for (std::size_t s = 0; s < samples; ++s) {
      vf d[registers];
      for (std::size_t v = 0; v < registers; ++v) d[v] = load(dz + s * stride + column + v * width);
      update_listed_rows(x[s].count, layer.weights + column, by_offset, x[s].offset, x[s].value, d, lanes);
    }
  });
}

// ---- steps ------------------------------------------------------------------------------------------------------------

// Forward; scale (softmax - onehot(label)) as dz of the last layer.
[[gnu::always_inline]] inline fused_result loss_and_gradient(const fused_net& net, const listed_pixels& x,
                                                             std::int32_t label, float scale, float* vectors) noexcept {
  constexpr std::size_t registers = sum_of_groups::registers;
  float* z = z_of(net.layers[net.count - 1], vectors);
  vf row[registers], gradient[registers];
  forward_all(net, x, vectors, row);
  for (std::size_t v = 0; v < registers; ++v) store(z + v * width, row[v]);
  for (std::size_t v = 0; v < registers; ++v) gradient[v] = row[v];
  const softmax_sums sums = softmax_gradient(gradient, label, scale);
  const std::size_t correct = position_of(sums.max, row) == static_cast<float>(label) ? 1 : 0;
  const double loss = sums.loss(static_cast<double>(z[label]));
  for (std::size_t v = 0; v < registers; ++v) store(z + v * width, gradient[v]);
  return {loss, correct};
}

bool is_finite(double x) noexcept { return x - x == 0; }

}  // namespace

template <class Isa>
std::size_t fused_mlp_kernels<Isa>::list(const pixels_call& call) noexcept {
  return list_pixels_in_blocks(call);
}

template <class Isa>
void fused_mlp_kernels<Isa>::forward(const fused_net& net, const listed_pixels& x, float* y) noexcept {
  alignas(64) float vectors[most_vectors];
  vf row[sum_of_groups::registers];
  forward_all(net, x, vectors, row);
  for_each_register(net.classes, [&](std::size_t j, auto lanes) { lanes.store(y + j, row[j / width]); });
}

template <class Isa>
fused_result fused_mlp_kernels<Isa>::step(const fused_call& call) noexcept {
  alignas(64) float vectors[most_vectors];
  const fused_result result = loss_and_gradient(call.net, call.x, call.label, call.scale, vectors);
  // Here, while the loss and its gradient are on their way. In pieces between the layers it took longer.
  *call.next_count = list_pixels_in_blocks(call.next);
  if (!is_finite(result.loss)) return result;
  backward_all<true>(call.net, vectors);
  const fused_layer& first = call.net.layers[0];
  update_first(first, 1, &call.x, z_of(first, vectors), 0);
  update_bias(first, z_of(first, vectors));
  return result;
}

template <class Isa>
fused_result fused_mlp_kernels<Isa>::batch_step(const fused_batch_call& call) noexcept {
  const fused_net& net = call.net;
  fused_result all{0, 0};
  for (std::size_t s = 0; s < call.samples; ++s) {
    float* vectors = call.vectors + s * call.stride;
    const fused_result one = loss_and_gradient(net, call.x[s], call.labels[s], call.scale, vectors);
    all.loss += one.loss;
    all.correct += one.correct;
    backward_all<false>(net, vectors);
  }
  if (!is_finite(all.loss)) return all;
  // Chains over the samples: W += A^T dZ of small layers is a product whose C stays in registers.
  for (std::size_t l = 0; l < net.count; ++l) {
    const fused_layer& layer = net.layers[l];
    const float* dz = z_of(layer, call.vectors);
    if (l == 0) {
      update_first(layer, call.samples, call.x, dz, call.stride);
    } else {
      const float* a = a_of(net.layers[l - 1], call.vectors);
      gemm_kernels<Isa>::tn({layer.in, layer.out, call.samples, a, call.stride, dz, call.stride, layer.weights, layer.out, 1,
                             {}, nullptr, 0});
    }
    elementwise_kernels<Isa>::column_sums(call.samples, layer.out, dz, call.stride, 1, layer.bias);
  }
  return all;
}

template struct fused_mlp_kernels<this_isa>;

}  // namespace lanewise
