// SPDX-License-Identifier: MIT
// oneDNN's sgemm, which adds to a matrix as an update must.
#include <dnnl.hpp>

#include "../onednn_version.hpp"
#include "library.hpp"

namespace lanewise::bench {
namespace {

template <int in, int out, int batch, order o> class sgemm_layer {
 public:
  explicit sgemm_layer(const layer_values& start) : w_(start) {}
  void restart() { w_.restart(); }
  layer_values values() const { return w_.values(); }

  void forward(const float* x, float* z) const {
    dnnl_sgemm('N', is_in_out ? 'N' : 'T', batch, out, in, 1, x, in, w_.data(), cols, 0, z, out);
  }
  void backward(const float* dz, float* dx) const {
    dnnl_sgemm('N', is_in_out ? 'T' : 'N', batch, in, out, 1, dz, out, w_.data(), cols, 0, dx, in);
  }
  void update(const float* x, const float* dz) {
    dnnl_sgemm('T', 'N', rows, cols, batch, 1, is_in_out ? x : dz, rows, is_in_out ? dz : x, cols, 1, w_.data(), cols);
  }

 private:
  static constexpr bool is_in_out = o == order::in_out;
  static constexpr int rows = is_in_out ? in : out, cols = is_in_out ? out : in;
  weights<in, out, o> w_;
};

}  // namespace

std::vector<variant> variants(const task& t) { return library_variants<sgemm_layer>(t, "sgemm "); }

std::string describe() { return describe_onednn(); }

}  // namespace lanewise::bench
