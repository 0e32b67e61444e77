// SPDX-License-Identifier: MIT
// OpenBLAS and BLIS. Which of their kernels run is said by the environment.
#include "../cblas.hpp"
#include "library.hpp"

namespace lanewise::bench {
namespace {

template <int in, int out, int batch, order o> class blas_layer {
 public:
  explicit blas_layer(const layer_values& start) : w_(start) {}
  void restart() { w_.restart(); }
  layer_values values() const { return w_.values(); }

  void forward(const float* x, float* z) const {
    if constexpr (batch == 1)
      times(true, x, z);
    else
      cblas_sgemm(CblasRowMajor, CblasNoTrans, is_in_out ? CblasNoTrans : CblasTrans, batch, out, in, 1, x, in,
                  w_.data(), cols, 0, z, out);
  }

  void backward(const float* dz, float* dx) const {
    if constexpr (batch == 1)
      times(false, dz, dx);
    else
      cblas_sgemm(CblasRowMajor, CblasNoTrans, is_in_out ? CblasTrans : CblasNoTrans, batch, in, out, 1, dz, out,
                  w_.data(), cols, 0, dx, in);
  }

  void update(const float* x, const float* dz) {
    if constexpr (batch > 1)
      cblas_sgemm(CblasRowMajor, CblasTrans, CblasNoTrans, rows, cols, batch, 1, is_in_out ? x : dz, rows,
                  is_in_out ? dz : x, cols, 1, w_.data(), cols);
    else if constexpr (is_in_out || in <= 32)
      cblas_sger(CblasRowMajor, rows, cols, 1, is_in_out ? x : dz, 1, is_in_out ? dz : x, 1, w_.data(), cols);
    else
      for (int u = 0; u < out; ++u)  // dead rows skipped
        if (dz[u] != 0) cblas_saxpy(in, dz[u], x, 1, w_.data() + u * in, 1);
  }

 private:
  static constexpr bool is_in_out = o == order::in_out;
  static constexpr int rows = is_in_out ? in : out, cols = is_in_out ? out : in;

  void times(bool forward, const float* x, float* y) const {
    cblas_sgemv(CblasRowMajor, forward == is_in_out ? CblasTrans : CblasNoTrans, rows, cols, 1, w_.data(), cols, x, 1, 0,
                y, 1);
  }

  weights<in, out, o> w_;
};

}  // namespace

std::vector<variant> variants(const task& t) { return library_variants<blas_layer>(t, "cblas "); }

std::string describe() { return describe_blas(); }

}  // namespace lanewise::bench
