// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/bench/problems.hpp>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <iterator>

#include <sigmagrad/autograd/random/random.hpp>

namespace sigmagrad::bench {
namespace {

std::vector<double> normal(Generator& generator, int count, double scale = 1) {
  std::vector<double> values(static_cast<std::size_t>(count));
  generator.normal(values);
  for (double& value : values) value *= scale;
  return values;
}

// Ones at a random half of the entries, rounded up.
std::vector<double> random_half(Generator& generator, int count) {
  std::vector<std::int64_t> order(static_cast<std::size_t>(count));
  generator.permutation(order);
  std::vector<double> mask;
  for (const auto place : order) mask.push_back(2 * place < count ? 1 : 0);
  return mask;
}

// A [rows, inner] times the transpose of B [cols, inner].
std::vector<double> product_transposed(const std::vector<double>& a, const std::vector<double>& b, int inner) {
  const auto k = static_cast<std::size_t>(inner);
  const std::size_t rows = a.size() / k, cols = b.size() / k;
  std::vector<double> c(rows * cols);
  for (std::size_t i = 0; i < rows; ++i)
    for (std::size_t j = 0; j < cols; ++j)
      for (std::size_t l = 0; l < k; ++l) c[i * cols + j] += a[i * k + l] * b[j * k + l];
  return c;
}

}  // namespace

Completion::Completion(int size) : d(size) {
  Generator generator(1);
  parameters = normal(generator, 3 * d * d, 0.3 / std::sqrt(d));
  const auto u = normal(generator, d), v = normal(generator, d, 1.0 / d);
  target = product_transposed(u, v, 1);
  mask = random_half(generator, d * d);
}

Regression::Regression(int size) : d(size) {
  Generator generator(2);
  parameters = normal(generator, d * d, 1 / std::sqrt(d));
  x = normal(generator, batch * d);
  y = product_transposed(x, normal(generator, d * d, 1 / std::sqrt(d)), d);
}

Relu2::Relu2(int size) : d(size) {
  Generator generator(3);
  parameters = normal(generator, 2 * (d * d + d), 1 / std::sqrt(d));
  x = normal(generator, d * d);
  y = normal(generator, d * d);
}

Relu5::Relu5(int batch_size) : batch(batch_size) {
  Generator generator(4);
  for (std::size_t l = 0; l + 1 < std::size(sizes); ++l) {
    const auto weight = normal(generator, sizes[l] * sizes[l + 1], std::sqrt(2.0 / sizes[l]));
    parameters.insert(parameters.end(), weight.begin(), weight.end());
    parameters.insert(parameters.end(), static_cast<std::size_t>(sizes[l + 1]), 0.0);
  }
  x = normal(generator, batch * sizes[0]);
  for (int i = 0; i < batch; ++i) labels.push_back(i % 10);
}

SpectralPenalty::SpectralPenalty(int size) : d(size) {
  Generator generator(5);
  parameters = normal(generator, d * d, 1 / std::sqrt(d));
}

Ensemble::Ensemble(int size) : d(size) {
  Generator generator(6);
  parameters = normal(generator, 3 * trials * d * d, 0.3 / std::sqrt(d));
  target = normal(generator, trials * d * d, 1.0 / d);
  for (int i = 0; i < d * d; ++i) mask.push_back(i % (d + 1) == 0 ? 1 : 0);
}

}  // namespace sigmagrad::bench
