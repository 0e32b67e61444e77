// SPDX-License-Identifier: MIT
// libxsmm: kernels made at run time for the very sizes. Column-major, so what is row-major here is transposed there; it knows
// no transposed first operand, so backward() transposes what is smaller than the weights. Wide layers keep their weights in
// panels of 64 columns, as libxsmm's own examples of neural networks do.
#include <libxsmm.h>

#include "layered.hpp"
#include "plain_loops.hpp"

namespace lanewise::bench {
namespace {

// to [cols][rows] = from [rows][cols]
template <int rows, int cols> void transpose(const float* __restrict from, float* __restrict to) {
  for (int r = 0; r < rows; ++r)
    for (int c = 0; c < cols; ++c) to[c * rows + r] = from[r * cols + c];
}

// C (m x n) = A (m x k) B (k x n), or C +=
libxsmm_smmfunction kernel(int m, int n, int k, int lda, int ldb, int ldc, float beta, bool b_transposed) {
  const float alpha = 1;
  const int flags = b_transposed ? LIBXSMM_GEMM_FLAG_TRANS_B : LIBXSMM_GEMM_FLAG_NONE;
  return libxsmm_smmdispatch(m, n, k, &lda, &ldb, &ldc, &alpha, &beta, &flags, nullptr);
}

template <int in, int out, int batch> class jit_layer {
 public:
  explicit jit_layer(const layer_values& start) : w_(start) {}
  void restart() { w_.restart(); }
  layer_values values() const { return w_.values(); }

  void forward(const float* x, float* z) const {
    for (int p = 0; p < out; p += panel) forward_(w_.data() + p * in, x, z + p);
  }

  void backward(const float* dz, float* dx) {
    if constexpr (batch == 1) {
      for (int p = 0; p < out; p += panel) (p == 0 ? backward_ : backward_more_)(dz + p, w_.data() + p * in, dx);
    } else {
      transpose<batch, out>(dz, dz_.data());
      for (int p = 0; p < out; p += panel)
        (p == 0 ? backward_ : backward_more_)(dz_.data() + p * batch, w_.data() + p * in, dx_.data());
      transpose<in, batch>(dx_.data(), dx);
    }
  }

  void update(const float* x, const float* dz) {
    for (int p = 0; p < out; p += panel) update_(dz + p, x, w_.data() + p * in);
  }

 private:
  static constexpr int panel = out % 64 == 0 ? 64 : out;
  weights<in, out, order::in_out, panel> w_;
  libxsmm_smmfunction forward_ = kernel(panel, batch, in, panel, in, out, 0, false);
  libxsmm_smmfunction backward_ = kernel(batch, in, panel, batch, panel, batch, 0, false);
  libxsmm_smmfunction backward_more_ = kernel(batch, in, panel, batch, panel, batch, 1, false);
  libxsmm_smmfunction update_ = kernel(panel, in, batch, out, in, panel, 1, true);
  floats dz_{batch * out}, dx_{batch * in};
};

}  // namespace

std::vector<variant> variants(const task& t) {
  std::vector<variant> found;
  at_size(t, [&]<int hidden, int batch>() {
    add_layered<hidden, batch, jit_layer, jit_layer>(t, "jit", found);
    if constexpr (hidden <= 128) add_layered<hidden, batch, jit_layer, plain_layer>(t, "jit, other layers loops", found);
  });
  return found;
}

std::string describe() { return std::string(LIBXSMM_VERSION) + ' ' + libxsmm_get_target_arch(); }

}  // namespace lanewise::bench
