// SPDX-License-Identifier: MIT
// The step of lanewise/fused_mlp.hpp. A sample's vectors lie on the stack; what one layer stores the next one loads as
// broadcasts, so that neither direction needs W in another order, nor sums across lanes where a broadcast will do.
#include "per_isa.hpp"
#include "simd/dot.hpp"
#include "simd/pixels.hpp"
#include "simd/row_sums.hpp"
#include "simd/row_updates.hpp"
#include "simd/softmax.hpp"

namespace lanewise {

using namespace simd;

namespace {

constexpr std::size_t widest = 128;
constexpr std::size_t deepest = 64;  // fused_mlp::max_layers
constexpr std::size_t logits = 16;   // the width of the last layer

// What the layers of one sample leave behind.
struct layer_vectors {
  alignas(64) float z[widest];
  float a[widest];
};

// ---- forward --------------------------------------------------------------------------------------------------------

// Inlined although inference and training both have them: a call each costs a fiftieth of a step.

// sum = W^T a at `tile` columns: chains of fma, as many as make 64 accumulators.
template <std::size_t tile>
[[gnu::always_inline]] inline void tile_sums(fused_layer layer, std::size_t column, const float* a,
                                             vf (&sum)[tile / width]) noexcept {
  constexpr std::size_t registers = tile / width, chains = 64 / tile;
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

// z = W^T a_in + b, a = relu(z) (+ a_in)
template <std::size_t tile>
[[gnu::always_inline]] inline void forward_tiles(fused_layer layer, const float* a_in, float* z, float* a) noexcept {
  for (std::size_t column = 0; column < layer.out; column += tile) {
    vf sum[tile / width];
    tile_sums<tile>(layer, column, a_in, sum);
    for (std::size_t v = 0; v < tile / width; ++v) {
      const std::size_t j = column + v * width;
      const vf zv = sum[v] + load(layer.bias + j);
      store(z + j, zv);
      store(a + j, layer.residual ? relu::forward(zv) + load(a_in + j) : relu::forward(zv));
    }
  }
}

[[gnu::always_inline]] inline void forward(fused_layer layer, const float* a_in, float* z, float* a) noexcept {
  if (layer.out == 16) return forward_tiles<16>(layer, a_in, z, a);
  if (layer.out == 32) return forward_tiles<32>(layer, a_in, z, a);
  forward_tiles<64>(layer, a_in, z, a);
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
    const whole lanes[registers] = {};
    for (std::size_t column = 0; column < out; column += registers * width) body(column, lanes);
  };
  if (out == 16) return tiles_of(std::integral_constant<std::size_t, 16>{});
  if (out == 32) return tiles_of(std::integral_constant<std::size_t, 32>{});
  if (out == 64) return tiles_of(std::integral_constant<std::size_t, 64>{});
  tiles_of(std::integral_constant<std::size_t, 128>{});
}

// The first layer, over the listed inputs: the sums of spmm_nn().
[[gnu::always_inline]] inline void forward_first(const fused_layer& layer, const listed_pixels& x, float* z,
                                                 float* a) noexcept {
  for_each_tile<4>(layer.out, [&](std::size_t column, const auto& lanes) __attribute__((always_inline)) {
    constexpr std::size_t registers = sizeof lanes / sizeof lanes[0];
    vf sum[registers];
    narrow_sums(x.count, listed_rows{layer.weights + column, by_offset, x.offset}, x.value, lanes, sum);
#pragma GCC unroll 4
    for (std::size_t v = 0; v < registers; ++v) finish_first(layer, column + v * width, sum[v], z, a);
  });
}

// All layers: the logits, -infinity in lanes beyond the classes.
[[gnu::always_inline]] inline void forward_all(const fused_net& net, const listed_pixels& x, layer_vectors* s,
                                               vf (&row)[sum_of_groups::registers]) noexcept {
  const std::size_t last = net.count - 1;
  forward_first(net.layers[0], x, s[0].z, s[0].a);
  for (std::size_t l = 1; l < last; ++l) forward(net.layers[l], s[l - 1].a, s[l].z, s[l].a);
  tile_sums<logits>(net.layers[last], 0, s[last - 1].a, row);
  for (std::size_t v = 0; v < sum_of_groups::registers; ++v) {
    const mask is_class = load(lane_numbers + v * width) < splat(static_cast<float>(net.classes));
    row[v] = select(is_class, row[v] + load(net.layers[last].bias + v * width), splat(lowest));
  }
}

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

// The register whose tree_sum() is row . dz, in 32 virtual lanes, and row += a dz: both from one load of the row.
template <std::size_t out>
[[gnu::always_inline]] inline vf dot_and_update(float* row, const gradient_row<out>& dz, vf a) noexcept {
  constexpr std::size_t present = smaller(out, dot_lanes) / width;
  vf product[present];
#pragma GCC unroll 32
  for (std::size_t v = 0; v < out / width; ++v) {
    const vf weights = in_register(load(row + v * width));
    product[v % present] = v < present ? weights * dz[v] : fma(weights, dz[v], product[v % present]);
    store(row + v * width, fma(a, dz[v], weights));
  }
  return tree_of_registers<dot_registers, present>(product);
}

// da_in = W dz (+ passed_on, which may be da_in), W += a_in dz^T
template <std::size_t out>
void backward_through(fused_layer layer, const float* a_in, const float* dz, const float* passed_on,
                      float* da_in) noexcept {
  const gradient_row<out> gradient(dz);
  float* row = layer.weights;
  for (std::size_t i = 0; i < layer.in; i += width) {
    vf sums[width];
#pragma GCC unroll 16
    for (std::size_t r = 0; r < width; ++r, row += out) sums[r] = dot_and_update<out>(row, gradient, splat(a_in[i + r]));
    const vf da = tree_sums(sums);
    store(da_in + i, passed_on != nullptr ? da + load(passed_on + i) : da);
  }
}

void backward(fused_layer layer, const float* a_in, const float* dz, const float* passed_on,
              float* da_in) noexcept {
  switch (layer.out) {
    case 16: return backward_through<16>(layer, a_in, dz, passed_on, da_in);
    case 32: return backward_through<32>(layer, a_in, dz, passed_on, da_in);
    case 64: return backward_through<64>(layer, a_in, dz, passed_on, da_in);
    default: return backward_through<128>(layer, a_in, dz, passed_on, da_in);
  }
}

// b += dz
void update_bias(fused_layer layer, const float* dz) noexcept {
  for (std::size_t j = 0; j < layer.out; j += width) store(layer.bias + j, load(layer.bias + j) + load(dz + j));
}

// W += x dz^T, the listed rows of it.
void update_first(const fused_layer& layer, const listed_pixels& x, const float* dz) noexcept {
  for_each_tile<8>(layer.out, [&](std::size_t column, const auto& lanes) __attribute__((always_inline)) {
    constexpr std::size_t registers = sizeof lanes / sizeof lanes[0];
    vf d[registers];
    for (std::size_t v = 0; v < registers; ++v) d[v] = load(dz + column + v * width);
    update_listed_rows(x.count, layer.weights + column, by_offset, x.offset, x.value, d, lanes);
  });
}

}  // namespace

template <class Isa>
void fused_mlp_kernels<Isa>::forward(const fused_net& net, const listed_pixels& x, float* y) noexcept {
  layer_vectors s[deepest];
  vf row[sum_of_groups::registers];
  forward_all(net, x, s, row);
  for_each_register(net.classes, [&](std::size_t j, auto lanes) { lanes.store(y + j, row[j / width]); });
}

template <class Isa>
fused_result fused_mlp_kernels<Isa>::sgd_step(const fused_call& call) noexcept {
  layer_vectors s[deepest];
  const fused_layer* layers = call.net.layers;
  const std::size_t last = call.net.count - 1;
  vf row[sum_of_groups::registers];
  forward_all(call.net, call.x, s, row);
  for (std::size_t v = 0; v < sum_of_groups::registers; ++v) store(s[last].z + v * width, row[v]);
  fused_result result;
  vf gradient[sum_of_groups::registers];
  for (std::size_t v = 0; v < sum_of_groups::registers; ++v) gradient[v] = row[v];
  const softmax_sums sums = softmax_gradient(gradient, call.label, call.scale);

  result.correct = position_of(sums.max, row) == static_cast<float>(call.label);
  result.loss = sums.loss(static_cast<double>(s[last].z[call.label]));
  // Here, while the loss and its gradient are on their way. In pieces between the layers it took longer.
  result.next_count = list_pixels(call.next);
  if (!(result.loss - result.loss == 0)) return result;  // infinite or NaN

  alignas(64) float dz[widest], da[widest];
  for (std::size_t v = 0; v < sum_of_groups::registers; ++v) store(dz + v * width, gradient[v]);
  const float* passed_on = nullptr;
  for (std::size_t l = last; l > 0; --l) {
    const fused_layer& layer = layers[l];
    backward(layer, s[l - 1].a, dz, passed_on, da);
    update_bias(layer, dz);
    for (std::size_t j = 0; j < layer.in; j += width) store(dz + j, relu::backward(load(s[l - 1].z + j), load(da + j)));
    passed_on = layers[l - 1].residual ? da : nullptr;
  }
  update_first(layers[0], call.x, dz);
  update_bias(layers[0], dz);
  return result;
}

template struct fused_mlp_kernels<this_isa>;

}  // namespace lanewise
