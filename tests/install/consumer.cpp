// SPDX-License-Identifier: MIT
// A program of somebody else's, built against the installed library: it sees the public headers and nothing more.
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <string_view>
#include <vector>

#include <lanewise/aligned_buffer.hpp>
#include <lanewise/cpu.hpp>
#include <lanewise/gemv.hpp>
#include <lanewise/loss.hpp>
#include <lanewise/matrix_view.hpp>
#include <lanewise/version.hpp>

int main() {
  std::printf("version %s\n", lanewise::version());
  if (lanewise::select_isa("mmx") != lanewise::isa_selection::unknown) return 1;

  // ReLU([1 2 3; 4 5 6] [1 -1 2] + [0.5 -14]) = ReLU([5.5 -3]) = [5.5 0]
  const std::vector<float> a{1, 2, 3, 4, 5, 6};
  const std::vector<float> x{1, -1, 2}, bias{0.5f, -14};
  for (const std::string_view isa : lanewise::usable_isas()) {
    if (lanewise::select_isa(isa) != lanewise::isa_selection::ok || lanewise::active_isa() != isa) return 1;
    lanewise::aligned_buffer<float> y(2);
    lanewise::gemv(lanewise::matrix_view<const float>(a.data(), 2, 3), x, y.span(), 0,
                   {.bias = bias, .act = lanewise::activation::relu});

    const std::vector<float> logits{1, 2, 3, 0, 0, 0};
    const std::vector<std::int32_t> labels{2, 0};
    std::vector<float> gradient(logits.size());
    const lanewise::matrix_view<const float> z(logits.data(), 2, 3);
    const lanewise::matrix_view<float> dz(gradient.data(), 2, 3);
    const double loss = lanewise::softmax_cross_entropy(z, labels, 1, dz);
    const double expected = std::log(1 + std::exp(-1.0) + std::exp(-2.0)) + std::log(3.0);
    if (std::abs(loss - expected) > 1e-6 || std::abs(gradient[3] + 2.0f / 3) > 1e-6f) return 1;
    std::printf("%s: gemv %g %g, loss %.5f\n", isa.data(), y[0], y[1], loss);
  }
}
