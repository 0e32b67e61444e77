// SPDX-License-Identifier: MIT
#include <lanewise/model/step.hpp>

#include <algorithm>
#include <cmath>

#include <lanewise/activation.hpp>
#include <lanewise/contract.hpp>
#include <lanewise/elementwise.hpp>
#include <lanewise/gemm.hpp>
#include <lanewise/gemv.hpp>
#include <lanewise/loss.hpp>

namespace lanewise {
namespace {

// A batch of one is a vector, and gemv is the faster kernel for it.

// z = a W + b
void multiply_forward(matrix_view<const float> a, matrix_view<const float> weights, std::span<const float> bias,
                      matrix_view<float> z, workspace& ws) noexcept {
  if (a.rows() == 1)
    gemv_t(weights, a.row(0), z.row(0), 0, {.bias = bias});
  else
    gemm_nn(a, weights, z, 0, {.bias = bias}, ws.scratch());
}

// da = beta da + dz W^T
void multiply_backward(matrix_view<const float> dz, matrix_view<const float> weights, float beta, matrix_view<float> da,
                       workspace& ws) noexcept {
  if (dz.rows() == 1)
    gemv(weights, dz.row(0), da.row(0), beta);
  else
    gemm_nt(dz, weights, da, beta, {}, ws.scratch());
}

// dw = beta dw + a^T dz
void outer_product(matrix_view<const float> a, matrix_view<const float> dz, float beta, matrix_view<float> dw,
                   workspace& ws) noexcept {
  if (a.rows() == 1 && beta == 1)
    ger(1, a.row(0), dz.row(0), dw);
  else
    gemm_tn(a, dz, dw, beta, {}, ws.scratch());
}

bool is_dense(matrix_view<const float> m) noexcept { return m.stride() == m.cols(); }
template <class T>
std::span<T> flat(matrix_view<T> m) noexcept { return {m.data(), m.rows() * m.cols()}; }

// a_out = a_in + act(z). Row by row where a_in is not padded as the workspace is.
void activate_residual(const layer& l, matrix_view<const float> z, matrix_view<const float> a_in,
                       matrix_view<float> a_out) noexcept {
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
void activate_residual_backward(const layer& l, matrix_view<const float> z, matrix_view<const float> da_out,
                                matrix_view<float> dz, matrix_view<float> da_in) noexcept {
  if (l.act == activation::relu) return add_relu_backward(flat(z), flat(da_out), flat(dz), flat(da_in));
  activate_backward(l.act, flat(z), flat(da_out), flat(dz));
  std::copy_n(da_out.data(), flat(da_out).size(), da_in.data());
}

std::size_t last_layer(const mlp& net) noexcept { return net.layers().size() - 1; }

// The input of layer l.
matrix_view<const float> input(workspace& ws, std::size_t l, matrix_view<const float> x) noexcept {
  return l == 0 ? x : ws.a(l - 1, x.rows());
}

// The loss, its gradient times `scale` in dz of the last layer.
double loss_gradient(const mlp& net, workspace& ws, std::span<const std::int32_t> labels, float scale) noexcept {
  const std::size_t last = last_layer(net);
  const std::size_t batch = labels.size();
  return softmax_cross_entropy(ws.z(last, batch).first_cols(net.classes()), labels, scale,
                               ws.dz(last, batch).first_cols(net.classes()));
}

// From dz of the last layer back to the first: target = beta target + gradient, for `target` laid out like the parameters
// (or the parameters themselves: a layer's weights are used for its input's gradient before they change).
void propagate_back(const mlp& net, workspace& ws, matrix_view<const float> x, float beta,
                    std::span<float> target) noexcept {
  const std::size_t batch = x.rows();
  for (std::size_t l = last_layer(net) + 1; l-- > 0;) {
    const layer& here = net.layers()[l];
    const bool is_last = l == last_layer(net);
    const matrix_view<float> dz = ws.dz(l, batch);
    if (!is_last) {
      if (here.residual && l > 0)
        activate_residual_backward(here, ws.z(l, batch), ws.da(l, batch), dz, ws.da(l - 1, batch));
      else
        activate_backward(here.act, flat(ws.z(l, batch)), flat(ws.da(l, batch)), flat(dz));
    }
    if (l > 0)
      multiply_backward(dz, net.weights(l), here.residual ? 1.0f : 0.0f, ws.da(l - 1, batch).first_cols(here.in), ws);
    outer_product(input(ws, l, x).first_cols(here.in), dz, beta, net.weights_in(target, l), ws);
    column_sums(dz, net.bias_in(target, l), beta);
  }
}

}  // namespace

matrix_view<const float> forward(const mlp& net, workspace& ws, matrix_view<const float> x) noexcept {
  if (!ws.fits(net)) contract_violated("forward: the workspace must be one for nets with these layers");
  if (x.rows() > ws.max_batch()) contract_violated("forward: x.rows() must be at most ws.max_batch()");
  if (x.cols() != net.inputs()) contract_violated("forward: x.cols() must equal net.inputs()");
  const std::size_t batch = x.rows();
  for (std::size_t l = 0; l < net.layers().size(); ++l) {
    const layer& here = net.layers()[l];
    const matrix_view<const float> a_in = input(ws, l, x);
    const matrix_view<float> z = ws.z(l, batch);
    multiply_forward(a_in.first_cols(here.in), net.weights(l), net.bias(l), z, ws);
    if (l == last_layer(net)) break;
    if (here.residual)
      activate_residual(here, z, a_in, ws.a(l, batch));
    else
      activate(here.act, flat(z), flat(ws.a(l, batch)));
  }
  return ws.z(last_layer(net), batch).first_cols(net.classes());
}

double backward(const mlp& net, workspace& ws, matrix_view<const float> x,
                std::span<const std::int32_t> labels) noexcept {
  if (labels.size() != x.rows()) contract_violated("backward: labels.size() must equal x.rows()");
  forward(net, ws, x);
  const double loss = loss_gradient(net, ws, labels, 1.0f / static_cast<float>(x.rows()));
  propagate_back(net, ws, x, 0, ws.gradients());
  return loss;
}

// The gradient is linear in dlogits: scaled by -lr there, it is the update itself and goes straight into the parameters.
double sgd_step(mlp& net, workspace& ws, matrix_view<const float> x, std::span<const std::int32_t> labels,
                float lr) noexcept {
  if (labels.size() != x.rows()) contract_violated("sgd_step: labels.size() must equal x.rows()");
  forward(net, ws, x);
  const double loss = loss_gradient(net, ws, labels, -lr / static_cast<float>(x.rows()));
  if (std::isfinite(loss)) propagate_back(net, ws, x, 1, net.parameters());
  return loss;
}

}  // namespace lanewise
