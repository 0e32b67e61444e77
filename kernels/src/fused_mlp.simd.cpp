// SPDX-License-Identifier: MIT
// The steps of lanewise/fused_mlp.hpp, on one sample and on a batch.
#include "simd/dot.hpp"
#include "simd/fused_forward.hpp"
#include "simd/row_updates.hpp"
#include "simd/softmax_lanes.hpp"

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

// As many samples of a batch go through the layers together: 4 to 16 took the same time, and 16 fill the lanes of a register.
constexpr std::size_t samples_at_once = 16;

// What a layer hands down to the one before it, whose z becomes dz = relu'(z) da. Where that one has a residual, da is passed
// on: it is added to what that layer hands down.
struct handed_down {
  float (*da)[widest];  // of each sample
  bool adds, keeps;     // the da of the layer above to this one's; this one's for the layer below

  void put(float* z, float* da_of_sample, vf sum) const noexcept {
    const vf whole = adds ? sum + load(da_of_sample) : sum;
    if (keeps) store(da_of_sample, whole);
    store(z, relu::backward(load(z), whole));
  }
};

// da = W dz (+ what was passed on) of each sample; with `updates` also W += a_in dz^T. Rows of W that are in the cache go to all
// samples.
template <std::size_t out, bool updates>
void backward_through(const fused_layer& layer, const fused_layer& before, vectors_of_samples vectors,
                      handed_down down) noexcept {
  float* rows = layer.weights;
  for (std::size_t i = 0; i < layer.in; i += width, rows += width * out)
    for (std::size_t s = 0; s < vectors.count; ++s) {
      const float* const a_in = a_of(before, vectors[s]) + i;
      const gradient_row<out> gradient(z_of(layer, vectors[s]));
      vf sums[width];
#pragma GCC unroll 16
      for (std::size_t r = 0; r < width; ++r)
        sums[r] = dot_and_update<out, updates>(rows + r * out, gradient, updates ? splat(a_in[r]) : zero());
      down.put(z_of(before, vectors[s]) + i, down.da[s] + i, tree_sums(sums));
    }
}

template <bool updates>
void backward(const fused_layer& layer, const fused_layer& before, vectors_of_samples vectors, handed_down down) noexcept {
  switch (layer.out) {
    case 16: return backward_through<16, updates>(layer, before, vectors, down);
    case 32: return backward_through<32, updates>(layer, before, vectors, down);
    case 64: return backward_through<64, updates>(layer, before, vectors, down);
    default: return backward_through<128, updates>(layer, before, vectors, down);
  }
}

// b += dz
inline void update_bias(const fused_layer& layer, const float* dz) noexcept {
  for (std::size_t j = 0; j < layer.out; j += width) store(layer.bias + j, load(layer.bias + j) + load(dz + j));
}

// From dz of the last layer to that of the first; with `updates`, of one sample, all layers but the first are updated on the way.
template <bool updates>
inline void backward_all(const fused_net& net, vectors_of_samples vectors) noexcept {
  alignas(64) float da[samples_at_once][widest];
  bool adds = false;
  for (const fused_layer* layer = net.layers + net.count - 1; layer != net.layers; --layer) {
    const fused_layer& before = layer[-1];
    backward<updates>(*layer, before, vectors, {da, adds, before.residual});
    if constexpr (updates) update_bias(*layer, z_of(*layer, vectors.first));
    adds = before.residual;
  }
}

// W += x dz^T, the listed rows of it, sample after sample. The zeros behind a list spare a loop over what remains of it, whose
// length no CPU foresees. With a vectors_of_samples for the last three parameters steps 128 wide took 10 % longer: gcc spills more.
void update_first(const fused_layer& layer, std::size_t samples, const listed_pixels* x, const float* dz,
                  std::size_t stride) noexcept {
  for_each_tile<8>(layer.out, [&](std::size_t column, auto lanes) __attribute__((always_inline)) {
    constexpr std::size_t registers = lanes.registers;
    for (std::size_t s = 0; s < samples; ++s) {
      vf d[registers];
      for (std::size_t v = 0; v < registers; ++v) d[v] = load(dz + s * stride + column + v * width);
      constexpr std::size_t together = rows_at_once<registers>;
      const std::size_t count = (x[s].count + together - 1) / together * together;
      update_listed_rows(count, layer.weights + column, by_offset, x[s].offset, x[s].value, d, lanes);
    }
  });
}

// Not inlined: in a function as large as a step of a batch gcc runs out of registers for the pointers to the lists.
[[gnu::noinline]] void update_first_by_batch(const fused_layer& layer, const fused_batch_call& call) noexcept {
  update_first(layer, call.samples, call.x, z_of(layer, call.vectors), call.stride);
}

// ---- steps ------------------------------------------------------------------------------------------------------------

// The last layer; scale (softmax - onehot(label)) as its dz.
[[gnu::always_inline]] inline fused_result loss_and_gradient(const fused_net& net, std::int32_t label, float scale,
                                                             float* vectors) noexcept {
  constexpr std::size_t registers = sum_of_groups::registers;
  float* z = z_of(net.layers[net.count - 1], vectors);
  vf row[registers], gradient[registers];
  forward_last(net, vectors, row);
  for (std::size_t v = 0; v < registers; ++v) store(z + v * width, row[v]);
  for (std::size_t v = 0; v < registers; ++v) gradient[v] = row[v];
  const softmax_sums sums = softmax_gradient(gradient, label, scale);
  const std::size_t correct = position_of(sums.max, row) == static_cast<float>(label) ? 1 : 0;
  const double loss = sums.loss(static_cast<double>(z[label]));
  for (std::size_t v = 0; v < registers; ++v) store(z + v * width, gradient[v]);
  return {loss, correct};
}

// The same of `width` samples.
void add_losses_and_gradients(const fused_net& net, const std::int32_t* labels, float scale, vectors_of_samples vectors,
                              fused_result& all) noexcept {
  const fused_layer& last = net.layers[net.count - 1];
  const group_lanes whole(logits);
  for (std::size_t s = 0; s < width; ++s) {
    vf row[sum_of_groups::registers];
    forward_last(net, vectors[s], row);
    whole.store(z_of(last, vectors[s]), row);
  }
  float* const z = z_of(last, vectors.first);
  softmax_gradients(net.classes, whole, z, vectors.stride, labels, scale, z, vectors.stride, all.loss, &all.correct);
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
  forward_hidden(net, &x, {1, vectors, 0});
  forward_last(net, vectors, row);
  for_each_register(net.classes, [&](std::size_t j, auto lanes) { lanes.store(y + j, row[j / width]); });
}

template <class Isa>
fused_result fused_mlp_kernels<Isa>::step(const fused_call& call) noexcept {
  alignas(64) float vectors[most_vectors];
  forward_hidden(call.net, &call.x, {1, vectors, 0});
  const fused_result result = loss_and_gradient(call.net, call.label, call.scale, vectors);
  // Here, while the loss and its gradient are on their way. In pieces between the layers it took longer; and so did, by a
  // twentieth, a function each for what is before and behind it.
  *call.next_count = call.list(call.next);
  if (!is_finite(result.loss)) return result;
  backward_all<true>(call.net, {1, vectors, 0});
  const fused_layer& first = call.net.layers[0];
  update_first(first, 1, &call.x, z_of(first, vectors), 0);
  update_bias(first, z_of(first, vectors));
  return result;
}

template <class Isa>
fused_result fused_mlp_kernels<Isa>::batch_step(const fused_batch_call& call) noexcept {
  const fused_net& net = call.net;
  fused_result all{0, 0};
  for (std::size_t first = 0; first < call.samples; first += samples_at_once) {
    const vectors_of_samples vectors{smaller(samples_at_once, call.samples - first), call.vectors + first * call.stride,
                                     call.stride};
    forward_hidden(net, call.x + first, vectors);
    std::size_t s = 0;
    for (; s + width <= vectors.count; s += width)
      add_losses_and_gradients(net, call.labels + first + s, call.scale, {width, vectors[s], vectors.stride}, all);
    for (; s < vectors.count; ++s) {
      const fused_result one = loss_and_gradient(net, call.labels[first + s], call.scale, vectors[s]);
      all.loss += one.loss;
      all.correct += one.correct;
    }
    backward_all<false>(net, vectors);
  }
  if (!is_finite(all.loss)) return all;
  // Chains over the samples: W += A^T dZ of small layers is a product whose C stays in registers.
  for (std::size_t l = 0; l < net.count; ++l) {
    const fused_layer& layer = net.layers[l];
    const float* dz = z_of(layer, call.vectors);
    if (l == 0) {
      update_first_by_batch(layer, call);
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
