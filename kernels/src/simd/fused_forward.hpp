// SPDX-License-Identifier: MIT
// The forward half of lanewise/fused_mlp.hpp, of one sample or of some together. What one layer stores of a sample's vectors
// the next one loads as broadcasts, so that neither direction needs W in another order, nor sums across lanes where a
// broadcast will do.
#pragma once

#include "../per_isa.hpp"
#include "pixels.hpp"
#include "row_sums.hpp"
#include "softmax.hpp"

namespace lanewise::simd {
namespace {

constexpr std::size_t widest = 128;
constexpr std::size_t logits = 16;  // the width of the last layer

// A sample's vectors, of which each layer leaves two behind.
constexpr std::size_t most_vectors = 64 * 2 * widest;  // of fused_mlp::max_layers
inline float* z_of(const fused_layer& layer, float* vectors) noexcept { return vectors + layer.vectors; }
inline float* a_of(const fused_layer& layer, float* vectors) noexcept { return vectors + layer.vectors + layer.out; }

// Inlined although inference and training both have them: a call each costs a fiftieth of a step.

// sum = W^T a at `tile` columns: chains of fma, as many as make 64 accumulators, in the widest tile one.
constexpr std::size_t widest_tile = 64;
template <std::size_t tile>
[[gnu::always_inline]] inline void tile_sums(fused_layer layer, std::size_t column, const float* a,
                                             vf (&sum)[tile / width]) noexcept {
  constexpr std::size_t registers = tile / width, chains = widest_tile / tile;
  vf part[chains][registers];
#pragma GCC unroll 16
  for (std::size_t c = 0; c < chains; ++c)
#pragma GCC unroll 16
    for (std::size_t v = 0; v < registers; ++v) part[c][v] = zero();
  const float* row = layer.weights + column;
  for (std::size_t i = 0; i < layer.in; i += 4) {
    const vf quad = load_quad(a + i);
#pragma GCC unroll 4
    for (std::size_t e = 0; e < 4; ++e, row += layer.out) {
      const vf factor = splat_of_quad(quad, e);
#pragma GCC unroll 16
      for (std::size_t v = 0; v < registers; ++v)
        part[e % chains][v] = fma(factor, once(load(row + v * width)), part[e % chains][v]);
    }
  }
#pragma GCC unroll 16
  for (std::size_t v = 0; v < registers; ++v) {
    if constexpr (chains == 4)
      sum[v] = (part[0][v] + part[1][v]) + (part[2][v] + part[3][v]);
    else if constexpr (chains == 2)
      sum[v] = part[0][v] + part[1][v];
    else
      sum[v] = part[0][v];
  }
}

// a = relu(z) (+ a_in) at one register of columns.
[[gnu::always_inline]] inline void put_activation(const fused_layer& layer, std::size_t j, vf z, const float* a_in,
                                                  float* a) noexcept {
  store(a + j, layer.residual ? relu::forward(z) + load(a_in + j) : relu::forward(z));
}

// z = W^T a_in + b, a as above.
template <std::size_t tile>
[[gnu::always_inline]] inline void forward_tiles(fused_layer layer, const float* a_in, float* z, float* a) noexcept {
  for (std::size_t column = 0; column < layer.out; column += tile) {
    vf sum[tile / width];
    tile_sums<tile>(layer, column, a_in, sum);
    for (std::size_t v = 0; v < tile / width; ++v) {
      const std::size_t j = column + v * width;
      const vf zv = sum[v] + load(layer.bias + j);
      store(z + j, zv);
      put_activation(layer, j, zv, a_in, a);
    }
  }
}

[[gnu::always_inline]] inline void forward(fused_layer layer, const float* a_in, float* z, float* a) noexcept {
  if (layer.out == 16) return forward_tiles<16>(layer, a_in, z, a);
  if (layer.out == 32) return forward_tiles<32>(layer, a_in, z, a);
  forward_tiles<widest_tile>(layer, a_in, z, a);
}

// z = sum + b, a = relu(z) at one register of columns.
inline void finish_first(const fused_layer& layer, std::size_t j, vf sum, float* z, float* a) noexcept {
  const vf zv = sum + load(layer.bias + j);
  store(z + j, zv);
  store(a + j, relu::forward(zv));
}

// Lists tell where a row begins, not its number.
constexpr std::integral_constant<std::size_t, 1> by_offset;

// Calls body(column, lanes) for tiles of columns, each of `most` registers or of all that a row has.
template <std::size_t most, class Body>
[[gnu::always_inline]] inline void for_each_tile(std::size_t out, const Body& body) noexcept {
  const auto tiles_of = [&]<std::size_t n>(std::integral_constant<std::size_t, n>) __attribute__((always_inline)) {
    constexpr std::size_t registers = smaller(n / width, most);
    for (std::size_t column = 0; column < out; column += registers * width) body(column, row_lanes<registers>{});
  };
  if (out == 16) return tiles_of(std::integral_constant<std::size_t, 16>{});
  if (out == 32) return tiles_of(std::integral_constant<std::size_t, 32>{});
  if (out == 64) return tiles_of(std::integral_constant<std::size_t, 64>{});
  tiles_of(std::integral_constant<std::size_t, 128>{});
}

// The first layer, over the listed inputs: the sums of spmm_nn().
[[gnu::always_inline]] inline void forward_first(const fused_layer& layer, const listed_pixels& x, float* z,
                                                 float* a) noexcept {
  for_each_tile<4>(layer.out, [&](std::size_t column, auto lanes) __attribute__((always_inline)) {
    constexpr std::size_t registers = lanes.registers;
    vf sum[registers];
    narrow_sums(in_whole_blocks(x.count), listed_rows{layer.weights + column, by_offset, x.offset}, x.value, lanes, sum);
#pragma GCC unroll 4
    for (std::size_t v = 0; v < registers; ++v) finish_first(layer, column + v * width, sum[v], z, a);
  });
}

// The vectors of samples that go through the layers together: the sums of one hide the latency of those of another.
struct vectors_of_samples {
  std::size_t count;
  float* first;
  std::size_t stride;
  float* operator[](std::size_t s) const noexcept { return first + s * stride; }
};

// forward() of several samples: W is read once for all of them, which each chain of fma down its rows does not show.
[[gnu::noinline]] inline void forward_together(const fused_layer& layer, const fused_layer& before,
                                               vectors_of_samples vectors) noexcept {
  gemm_kernels<this_isa>::nn({vectors.count, layer.out, layer.in, a_of(before, vectors.first), vectors.stride, layer.weights,
                              layer.out, z_of(layer, vectors.first), vectors.stride, 0, {layer.bias, nullptr, 0, {}}, nullptr, 0});
  for (std::size_t s = 0; s < vectors.count; ++s) {
    const float *const a_in = a_of(before, vectors[s]), *const z = z_of(layer, vectors[s]);
    for (std::size_t j = 0; j < layer.out; j += width) put_activation(layer, j, load(z + j), a_in, a_of(layer, vectors[s]));
  }
}

// All layers but the last.
[[gnu::always_inline]] inline void forward_hidden(const fused_net& net, const listed_pixels* x,
                                                  vectors_of_samples vectors) noexcept {
  const fused_layer *layer = net.layers, *const last = layer + net.count - 1;
  for (std::size_t s = 0; s < vectors.count; ++s)
    forward_first(*layer, x[s], z_of(*layer, vectors[s]), a_of(*layer, vectors[s]));
  for (++layer; layer != last; ++layer) {
    if (vectors.count > 1 && layer->out >= widest_tile) {
      forward_together(*layer, layer[-1], vectors);
      continue;
    }
    for (std::size_t s = 0; s < vectors.count; ++s)
      forward(*layer, a_of(layer[-1], vectors[s]), z_of(*layer, vectors[s]), a_of(*layer, vectors[s]));
  }
}

// The last layer: the logits, -infinity in lanes beyond the classes.
[[gnu::always_inline]] inline void forward_last(const fused_net& net, float* vectors,
                                                vf (&row)[sum_of_groups::registers]) noexcept {
  const fused_layer* const last = net.layers + net.count - 1;
  tile_sums<logits>(*last, 0, a_of(last[-1], vectors), row);
  for (std::size_t v = 0; v < sum_of_groups::registers; ++v) {
    const mask is_class = load(lane_numbers + v * width) < splat(static_cast<float>(net.classes));
    row[v] = select(is_class, row[v] + load(last->bias + v * width), splat(lowest));
  }
}

}  // namespace
}  // namespace lanewise::simd
