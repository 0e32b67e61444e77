// SPDX-License-Identifier: MIT
// Softmax cross-entropy with its gradient, and argmax: rows of 10, 100 and 1000 classes.
#include "bench.hpp"

namespace lanewise::bench {
namespace {

work softmax_cross_entropy_row(benchmark::State& state) {
  const std::size_t classes = size_arg(state, 0), batch = size_arg(state, 1);
  const random_matrix logits(batch, classes);
  random_matrix dlogits(batch, classes);
  std::vector<std::int32_t> labels(batch);
  for (std::size_t i = 0; i < batch; ++i) labels[i] = static_cast<std::int32_t>(i % classes);
  const float scale = 1.0f / static_cast<float>(batch);
  measure(state, [&] { benchmark::DoNotOptimize(softmax_cross_entropy(logits, labels, scale, dlogits)); });
  return {.bytes = float_bytes(2 * batch * classes, batch), .elements = static_cast<double>(batch * classes)};
}

work argmax_row(benchmark::State& state) {
  const std::size_t classes = size_arg(state, 0), batch = size_arg(state, 1);
  const random_matrix logits(batch, classes);
  std::vector<std::int32_t> best(batch);
  measure(state, [&] { argmax(logits, best); });
  return {.bytes = float_bytes(batch * classes, batch), .elements = static_cast<double>(batch * classes)};
}

}  // namespace

void register_loss_rows() {
  std::vector<std::vector<std::int64_t>> shapes;
  for (const int classes : {10, 100, 1000})
    for (const int batch : {1, 64, 1024}) shapes.push_back({classes, batch});
  register_rows({"softmax_cross_entropy", {"classes", "batch"}, shapes, softmax_cross_entropy_row});
  register_rows({"argmax", {"classes", "batch"}, shapes, argmax_row});
}

}  // namespace lanewise::bench
