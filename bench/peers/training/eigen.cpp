// SPDX-License-Identifier: MIT
// Eigen, header-only: sizes fixed at compile time where that takes another way through Eigen than sizes at run time do. Wide
// layers take the same one (its blocked product), and a compiler minutes for each.
#include <Eigen/Core>

#include "../eigen_version.hpp"
#include "library.hpp"

namespace lanewise::bench {
namespace {

template <int in, int out, int batch, order o> class eigen_layer {
 public:
  explicit eigen_layer(const layer_values& start) : w_(start) {}
  void restart() { w_.restart(); }
  layer_values values() const { return w_.values(); }

  void forward(const float* x, float* z) const { rows<out>(z).noalias() = rows<in>(x) * in_out(w_.data()); }
  void backward(const float* dz, float* dx) const {
    rows<in>(dx).noalias() = rows<out>(dz) * in_out(w_.data()).transpose();
  }
  void update(const float* x, const float* dz) {
    if constexpr (batch == 1 && o == order::out_in && in > 32) {
      for (int u = 0; u < out; ++u)  // dead rows skipped
        if (dz[u] != 0) in_out(w_.data()).col(u).noalias() += dz[u] * rows<in>(x).transpose();
    } else {
      in_out(w_.data()).noalias() += rows<in>(x).transpose() * rows<out>(dz);
    }
  }

 private:
  static constexpr int fixed_or_any(int size) { return in * out <= 784 * 32 ? size : Eigen::Dynamic; }
  static constexpr int layout = o == order::in_out ? Eigen::RowMajor : Eigen::ColMajor;  // of W as [in, out]

  template <class M, class T> using matrix_of = std::conditional_t<std::is_const_v<T>, const M, M>;

  template <int width, class T> static auto rows(T* data) {
    using matrix = Eigen::Matrix<float, batch, fixed_or_any(width), Eigen::RowMajor>;
    return Eigen::Map<matrix_of<matrix, T>, Eigen::Aligned64>(data, batch, width);
  }
  template <class T> static auto in_out(T* data) {
    using matrix = Eigen::Matrix<float, fixed_or_any(in), fixed_or_any(out), layout>;
    return Eigen::Map<matrix_of<matrix, T>, Eigen::Aligned64>(data, in, out);
  }

  weights<in, out, o> w_;
};

}  // namespace

std::vector<variant> variants(const task& t) { return library_variants<eigen_layer>(t, ""); }

std::string describe() { return describe_eigen(); }

}  // namespace lanewise::bench
