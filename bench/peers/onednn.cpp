// SPDX-License-Identifier: MIT
// oneDNN: its sgemm and its primitives, made once for each problem.
#include <cmath>
#include <memory>
#include <unordered_map>

#include <dnnl.hpp>

#include "contender.hpp"
#include "onednn_version.hpp"

namespace lanewise::bench {
namespace {

using dnnl::memory;

struct session {
  dnnl::engine engine{dnnl::engine::kind::cpu, 0};
  dnnl::stream stream{engine};
};

session& the_session() {
  static session only;
  return only;
}

memory::desc matrix(std::size_t rows, std::size_t cols, bool transposed = false) {
  const auto r = static_cast<memory::dim>(rows), c = static_cast<memory::dim>(cols);
  return {{r, c}, memory::data_type::f32, transposed ? memory::dims{1, r} : memory::dims{c, 1}};
}

memory::desc vector(std::size_t n) {
  return {{1, static_cast<memory::dim>(n)}, memory::data_type::f32, memory::dims{static_cast<memory::dim>(n), 1}};
}

memory at(const memory::desc& desc, const float* data) {
  return {desc, the_session().engine, const_cast<float*>(data)};  // oneDNN has no memory to read alone
}

std::function<void()> executed(dnnl::primitive primitive, std::unordered_map<int, memory> arguments) {
  return [primitive, arguments = std::move(arguments)] {
    primitive.execute(the_session().stream, arguments);
    the_session().stream.wait();
  };
}

std::function<void()> matmul(const memory& a, const memory& b, const memory& c) {
  const dnnl::matmul::desc desc(a.get_desc(), b.get_desc(), c.get_desc());
  const dnnl::matmul::primitive_desc chosen(desc, the_session().engine);
  return executed(dnnl::matmul(chosen), {{DNNL_ARG_SRC, a}, {DNNL_ARG_WEIGHTS, b}, {DNNL_ARG_DST, c}});
}

std::function<void()> eltwise(problem& p, dnnl::algorithm what, float alpha = 0) {
  const memory::desc desc = vector(p.n);
  const dnnl::eltwise_forward::desc operation(dnnl::prop_kind::forward_inference, what, desc, alpha, 0.0f);
  const dnnl::eltwise_forward::primitive_desc chosen(operation, the_session().engine);
  return executed(dnnl::eltwise_forward(chosen), {{DNNL_ARG_SRC, at(desc, p.a)}, {DNNL_ARG_DST, at(desc, p.c)}});
}

// Its softmax, and plain loops for the loss and the gradient.
std::function<void()> loss(problem& p) {
  const memory::desc desc = matrix(p.m, p.n);
  const dnnl::softmax_forward::desc operation(dnnl::prop_kind::forward_inference, desc, 1);
  const dnnl::softmax_forward::primitive_desc chosen(operation, the_session().engine);
  const auto softmax = executed(dnnl::softmax_forward(chosen), {{DNNL_ARG_SRC, at(desc, p.a)}, {DNNL_ARG_DST, at(desc, p.c)}});
  return [&p, softmax] {
    softmax();
    p.loss = 0;
    for (std::size_t i = 0; i < p.m; ++i) {
      float* row = p.c + i * p.n;
      const auto label = static_cast<std::size_t>(p.labels[i]);
      p.loss -= std::log(static_cast<double>(row[label]));
      for (std::size_t j = 0; j < p.n; ++j) row[j] *= p.alpha;
      row[label] -= p.alpha;
    }
  };
}

}  // namespace

std::vector<variant> variants(problem& p) {
  const auto m = static_cast<dnnl_dim_t>(p.m), n = static_cast<dnnl_dim_t>(p.n), k = static_cast<dnnl_dim_t>(p.k);
  if (p.kernel == "relu") return {{"eltwise", eltwise(p, dnnl::algorithm::eltwise_relu)}};
  if (p.kernel == "exp") return {{"eltwise", eltwise(p, dnnl::algorithm::eltwise_exp)}};
  if (p.kernel == "leaky-relu") return {{"eltwise", eltwise(p, dnnl::algorithm::eltwise_relu, 0.01f)}};
  if (p.kernel == "elu") return {{"eltwise", eltwise(p, dnnl::algorithm::eltwise_elu, 1)}};
  if (p.kernel == "gelu") return {{"eltwise", eltwise(p, dnnl::algorithm::eltwise_gelu_erf)}};
  if (p.kernel == "gelu-tanh") return {{"eltwise", eltwise(p, dnnl::algorithm::eltwise_gelu_tanh)}};
  if (p.kernel == "silu") return {{"eltwise", eltwise(p, dnnl::algorithm::eltwise_swish, 1)}};
  if (p.kernel == "tanh") return {{"eltwise", eltwise(p, dnnl::algorithm::eltwise_tanh)}};
  if (p.kernel == "sigmoid") return {{"eltwise", eltwise(p, dnnl::algorithm::eltwise_logistic)}};
  if (p.kernel == "add") {
    const memory::desc desc = vector(p.n);
    const dnnl::binary::desc operation(dnnl::algorithm::binary_add, desc, desc, desc);
    const dnnl::binary::primitive_desc chosen(operation, the_session().engine);
    return {{"binary", executed(dnnl::binary(chosen), {{DNNL_ARG_SRC_0, at(desc, p.a)},
                                                       {DNNL_ARG_SRC_1, at(desc, p.b)},
                                                       {DNNL_ARG_DST, at(desc, p.c)}})}};
  }
  if (p.kernel == "softmax_cross_entropy") return {{"softmax", loss(p)}};
  if (p.kernel == "gemv")
    return {{"sgemm", [=, &p] { dnnl_sgemm('N', 'N', m, 1, n, 1, p.a, n, p.b, 1, 0, p.c, 1); }},
            {"matmul", matmul(at(matrix(p.m, p.n), p.a), at(matrix(p.n, 1), p.b), at(matrix(p.m, 1), p.c))}};
  if (p.kernel == "gemv_t")
    return {{"sgemm", [=, &p] { dnnl_sgemm('T', 'N', n, 1, m, 1, p.a, n, p.b, 1, 0, p.c, 1); }},
            {"matmul", matmul(at(matrix(1, p.m), p.b), at(matrix(p.m, p.n), p.a), at(matrix(1, p.n), p.c))}};
  if (p.kernel == "ger")
    return {{"sgemm", [=, &p] {
               dnnl_sgemm('N', 'N', m, n, 1, p.alpha, p.a, 1, p.b, n, 1, p.c, n);
               p.alpha = -p.alpha;
             }}};
  if (p.kernel.starts_with("gemm")) {
    const bool ta = p.kernel == "gemm_tn", tb = p.kernel == "gemm_nt";
    return {{"sgemm", [=, &p] {
               dnnl_sgemm(ta ? 'T' : 'N', tb ? 'T' : 'N', m, n, k, 1, p.a, ta ? m : k, p.b, tb ? k : n, 0, p.c, n);
             }},
            {"matmul", matmul(at(matrix(p.m, p.k, ta), p.a), at(matrix(p.k, p.n, tb), p.b), at(matrix(p.m, p.n), p.c))}};
  }
  return {};
}

std::string describe() { return describe_onednn(); }

}  // namespace lanewise::bench
