// SPDX-License-Identifier: MIT
#include <lanewise/model/step.hpp>

#include <algorithm>
#include <cmath>
#include <type_traits>

#include <lanewise/activation.hpp>
#include <lanewise/contract.hpp>
#include <lanewise/elementwise.hpp>
#include <lanewise/gemm.hpp>
#include <lanewise/gemv.hpp>
#include <lanewise/loss.hpp>
#include <lanewise/sparse_rows.hpp>

namespace lanewise {
namespace {

bool is_dense(const matrix_view<const float>& m) noexcept { return m.stride() == m.cols(); }
template <class T>
std::span<T> flat(matrix_view<T> m) noexcept { return {m.data(), m.rows() * m.cols()}; }

// A batch of one is a vector, and gemv is the faster kernel for it.

// z = a W + b
void multiply_forward(const matrix_view<const float>& a, const matrix_view<const float>& weights,
                      std::span<const float> bias, const matrix_view<float>& z, workspace& ws) noexcept {
  if (a.rows() == 1)
    gemv_t(weights, a.row(0), z.row(0), 0, {.bias = bias});
  else
    gemm_nn(a, weights, z, 0, {.bias = bias}, ws.scratch());
}

// da = beta da + dz W^T
void multiply_backward(const matrix_view<const float>& dz, const matrix_view<const float>& weights, float beta,
                       const matrix_view<float>& da, workspace& ws) noexcept {
  if (dz.rows() == 1)
    gemv(weights, dz.row(0), da.row(0), beta);
  else
    gemm_nt(dz, weights, da, beta, {}, ws.scratch());
}

// dw = beta dw + a^T dz
void outer_product(const matrix_view<const float>& a, const matrix_view<const float>& dz, float beta,
                   const matrix_view<float>& dw, workspace& ws) noexcept {
  if (a.rows() == 1 && beta == 1)
    ger(1, a.row(0), dz.row(0), dw);
  else
    gemm_tn(a, dz, dw, beta, {}, ws.scratch());
}

// The same for a first layer that touches only the weights of non-zero inputs.
void multiply_forward(const sparse_rows& a, const matrix_view<const float>& weights, std::span<const float> bias,
                      const matrix_view<float>& z, workspace&) noexcept {
  spmm_nn(a, weights, z, {.bias = bias});
}
void outer_product(const sparse_rows& a, const matrix_view<const float>& dz, float beta, const matrix_view<float>& dw,
                   workspace&) noexcept {
  if (beta == 0) std::ranges::fill(flat(dw), 0.0f);
  spmm_tn(a, dz, dw);
}

// Rows, columns first to first + count - 1.
template <class T>
matrix_view<T> some_rows(const matrix_view<T>& m, std::size_t first, std::size_t count) noexcept {
  return {m.data() + first * m.stride(), count, m.cols(), m.stride()};
}
template <class T>
matrix_view<T> some_cols(const matrix_view<T>& m, std::size_t first, std::size_t count) noexcept {
  return {m.data() + first, m.rows(), count, m.stride()};
}

// multiply_backward() and outer_product(). A small batch has little to do with weights that come from beyond L2: where they are
// what is updated, too, some rows at a time serve for both; no sum is split, bits are the same. Batches of 1, 8, 16, 32 through
// 784-1024-1024r-10 take 0.85, 0.80, 0.90, 0.95 of the time on avx512, of 1, 8, 16 0.84, 0.94, 1.01 on avx2; but of 64 1.00 and
// 1.04, and gradients that are stored 0.99 to 1.04 (Emerald Rapids).
void multiply_backward_and_outer_product(const matrix_view<const float>& dz, const matrix_view<const float>& weights,
                                         const matrix_view<const float>& a, float beta_da, const matrix_view<float>& da,
                                         float beta_dw, const matrix_view<float>& dw, workspace& ws) noexcept {
  constexpr std::size_t few_samples = 32, floats_at_once = std::size_t{1} << 17;  // 512 KB: half of a small L2
  const std::size_t rows = weights.rows();
  const bool in_turns = dz.rows() <= few_samples && dw.data() == weights.data();
  const std::size_t at_once = in_turns ? std::max<std::size_t>(floats_at_once / weights.cols() / 16 * 16, 16) : rows;
  for (std::size_t i = 0; i < rows; i += at_once) {
    const std::size_t count = std::min(at_once, rows - i);
    multiply_backward(dz, some_rows(weights, i, count), beta_da, some_cols(da, i, count), ws);
    outer_product(some_cols(a, i, count), dz, beta_dw, some_rows(dw, i, count), ws);
  }
}

std::size_t inputs_of(const matrix_view<const float>& x) noexcept { return x.cols(); }
std::size_t inputs_of(const sparse_rows& x) noexcept { return x.cols(); }

// a_out = a_in + act(z). Row by row where a_in is not padded as the workspace is.
void activate_residual(const layer& l, const matrix_view<const float>& z, const matrix_view<const float>& a_in,
                       const matrix_view<float>& a_out) noexcept {
  const auto one_run = [&](std::span<const float> z_run, std::span<const float> in_run, std::span<float> out_run) {
    if (l.act == activation::relu) return add_relu(z_run, in_run, out_run);
    activate(l.act, z_run, out_run);
    add(in_run, out_run, out_run);
  };
  if (is_dense(a_in) && a_in.cols() == z.cols()) return one_run(flat(z), flat(a_in), flat(a_out));
  for (std::size_t i = 0; i < z.rows(); ++i)
    one_run(z.row(i).first(l.out), a_in.row(i).first(l.out), a_out.row(i).first(l.out));
}

// dz = da_out act'(z), da_in = da_out
void activate_residual_backward(const layer& l, const matrix_view<const float>& z,
                                const matrix_view<const float>& da_out, const matrix_view<float>& dz,
                                const matrix_view<float>& da_in) noexcept {
  if (l.act == activation::relu) return add_relu_backward(flat(z), flat(da_out), flat(dz), flat(da_in));
  activate_backward(l.act, flat(z), flat(da_out), flat(dz));
  std::copy_n(da_out.data(), flat(da_out).size(), da_in.data());
}

std::size_t last_layer(const mlp& net) noexcept { return net.layers().size() - 1; }

// The loss, its gradient times `scale` in dz of the last layer.
double loss_gradient(const mlp& net, workspace& ws, std::span<const std::int32_t> labels, float scale) noexcept {
  const std::size_t last = last_layer(net);
  const std::size_t batch = labels.size();
  return softmax_cross_entropy(ws.z(last, batch).first_cols(net.classes()), labels, scale,
                               ws.dz(last, batch).first_cols(net.classes()));
}

// dz of layer l, and the part of its input's gradient that the residual passes on.
void activation_gradient(const layer& here, workspace& ws, std::size_t l, std::size_t batch) noexcept {
  if (here.residual && l > 0)
    activate_residual_backward(here, ws.z(l, batch), ws.da(l, batch), ws.dz(l, batch), ws.da(l - 1, batch));
  else
    activate_backward(here.act, flat(ws.z(l, batch)), flat(ws.da(l, batch)), flat(ws.dz(l, batch)));
}

// From dz of the last layer back to the first: target = beta target + gradient, for `target` laid out like the parameters
// (or the parameters themselves: a layer's weights are used for its input's gradient before they change).
template <class Input>
void propagate_back(const mlp& net, workspace& ws, const Input& x, float beta, std::span<float> target) noexcept {
  const std::size_t batch = x.rows();
  for (std::size_t l = last_layer(net) + 1; l-- > 0;) {
    const layer& here = net.layers()[l];
    const matrix_view<float> dz = ws.dz(l, batch);
    const matrix_view<float> dw = net.weights_in(target, l);
    if (l != last_layer(net)) activation_gradient(here, ws, l, batch);
    if (l == 0) {
      outer_product(x, dz, beta, dw, ws);
    } else {
      multiply_backward_and_outer_product(dz, net.weights(l), ws.a(l - 1, batch).first_cols(here.in),
                                          here.residual ? 1.0f : 0.0f, ws.da(l - 1, batch).first_cols(here.in), beta, dw, ws);
    }
    column_sums(dz, net.bias_in(target, l), beta);
  }
}

// From a layer's z to its a, given its input.
void activate_layer(const layer& here, const matrix_view<const float>& z, const matrix_view<const float>& a_in,
                    const matrix_view<float>& a) noexcept {
  if (here.residual)
    activate_residual(here, z, a_in, a);
  else
    activate(here.act, flat(z), flat(a));
}

template <class Input>
matrix_view<const float> forward_from(const mlp& net, workspace& ws, const Input& x) noexcept {
  if (!ws.fits(net)) contract_violated("forward: the workspace must be one for nets with these layers");
  if (x.rows() > ws.max_batch()) contract_violated("forward: x.rows() must be at most ws.max_batch()");
  if (inputs_of(x) != net.inputs()) contract_violated("forward: x must have net.inputs() columns");
  const std::size_t batch = x.rows(), last = last_layer(net);
  multiply_forward(x, net.weights(0), net.bias(0), ws.z(0, batch), ws);
  for (std::size_t l = 1; l <= last; ++l) {
    const layer& before = net.layers()[l - 1];
    const matrix_view<float> a = ws.a(l - 1, batch);
    if constexpr (std::is_same_v<Input, sparse_rows>)
      activate_layer(before, ws.z(l - 1, batch), l == 1 ? matrix_view<const float>() : ws.a(l - 2, batch), a);
    else
      activate_layer(before, ws.z(l - 1, batch), l == 1 ? x : ws.a(l - 2, batch), a);
    multiply_forward(a.first_cols(before.out), net.weights(l), net.bias(l), ws.z(l, batch), ws);
  }
  return ws.z(last, batch).first_cols(net.classes());
}

void require_no_residual_of_input(const mlp& net) noexcept {
  if (net.layers().front().residual) contract_violated("forward: of sparse x the first layer can have no residual");
}

template <class Input>
double backward_from(const mlp& net, workspace& ws, const Input& x, std::span<const std::int32_t> labels) noexcept {
  if (labels.size() != x.rows()) contract_violated("backward: labels.size() must equal x.rows()");
  forward(net, ws, x);
  const double loss = loss_gradient(net, ws, labels, 1.0f / static_cast<float>(x.rows()));
  propagate_back(net, ws, x, 0, ws.gradients());
  return loss;
}

// The gradient is linear in dlogits: scaled by -lr there, it is the update itself and goes straight into the parameters.
template <class Input>
double sgd_step_from(mlp& net, workspace& ws, const Input& x, std::span<const std::int32_t> labels, float lr) noexcept {
  if (labels.size() != x.rows()) contract_violated("sgd_step: labels.size() must equal x.rows()");
  forward(net, ws, x);
  const double loss = loss_gradient(net, ws, labels, -lr / static_cast<float>(x.rows()));
  if (std::isfinite(loss)) propagate_back(net, ws, x, 1, net.parameters());
  return loss;
}

}  // namespace

matrix_view<const float> forward(const mlp& net, workspace& ws, const matrix_view<const float>& x) noexcept {
  return forward_from(net, ws, x);
}

matrix_view<const float> forward(const mlp& net, workspace& ws, const sparse_rows& x) noexcept {
  require_no_residual_of_input(net);
  return forward_from(net, ws, x);
}

double backward(const mlp& net, workspace& ws, const matrix_view<const float>& x,
                std::span<const std::int32_t> labels) noexcept {
  return backward_from(net, ws, x, labels);
}

double backward(const mlp& net, workspace& ws, const sparse_rows& x, std::span<const std::int32_t> labels) noexcept {
  return backward_from(net, ws, x, labels);
}

double sgd_step(mlp& net, workspace& ws, const matrix_view<const float>& x, std::span<const std::int32_t> labels,
                float lr) noexcept {
  return sgd_step_from(net, ws, x, labels, lr);
}

double sgd_step(mlp& net, workspace& ws, const sparse_rows& x, std::span<const std::int32_t> labels,
                float lr) noexcept {
  return sgd_step_from(net, ws, x, labels, lr);
}

}  // namespace lanewise
