// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <cmath>

#include <sigmagrad/experiments/norms/inequality.hpp>

namespace sigmagrad::experiments::norms {
namespace {

constexpr double largest_exponent = 12.0;  // of conditionings

enum Spectrum { Even, OneLarge, OneSmall, Equal, Deficient, spectra };

// Singular values of one matrix, descending.
std::vector<double> draw_spectrum(Spectrum kind, std::int64_t count, Generator& generator) {
  const double least = std::pow(10.0, -largest_exponent * uniform(generator, 0.0, 1.0));
  const double last = static_cast<double>(std::max<std::int64_t>(count - 1, 1));
  const auto rank = 1 + static_cast<std::int64_t>(uniform(generator, 0.0, 1.0) * static_cast<double>(count - 1));
  std::vector<double> s;
  for (std::int64_t i = 0; i < count; ++i) {
    if (kind == Even || kind == Deficient) s.push_back(std::pow(least, static_cast<double>(i) / last));
    if (kind == OneLarge) s.push_back(i == 0 ? 1.0 : least);
    if (kind == OneSmall) s.push_back(i > 0 && i == count - 1 ? least : 1.0);
    if (kind == Equal) s.push_back(1.0);
    if (kind == Deficient && i >= rank) s.back() = 0.0;
  }
  return s;
}

Tensor of_spectra(std::int64_t cases, std::int64_t m, std::int64_t n, Generator& generator, bool deficient) {
  const auto frame = linalg::svd(randn({cases, m, n}, generator));
  const auto count = std::min(m, n);
  std::vector<double> s;
  for (std::int64_t i = 0; i < cases; ++i) {
    const auto one = draw_spectrum(deficient ? Deficient : static_cast<Spectrum>(i % spectra), count, generator);
    s.insert(s.end(), one.begin(), one.end());
  }
  return matmul(frame.U * tensor(s, {cases, 1, count}), frame.Vt);
}

Tensor signs(const Shape& shape, Generator& generator) { return 2.0 * randint(0, 2, shape, generator) - 1.0; }

}  // namespace

double uniform(Generator& generator, double low, double high) {
  return low + (high - low) * rand({}, generator).item();
}

Tensor random_orthonormal(std::int64_t m, std::int64_t n, Generator& generator) {
  return linalg::qr(randn({m, n}, generator)).Q;
}

Tensor of_condition(std::int64_t n, double cond, Generator& generator) {
  const auto s = logspace(0.0, -std::log10(cond), n);
  return matmul(random_orthonormal(n, n, generator) * s, random_orthonormal(n, n, generator));
}

Tensor random_matrices(std::int64_t cases, std::int64_t m, std::int64_t n, Generator& generator, bool deficient) {
  const auto sizes = pow(10.0, 3.0 * (2.0 * rand({cases, 1, 1}, generator) - 1.0));
  if (deficient) return sizes * of_spectra(cases, m, n, generator, true);
  const auto share = cases / 6;
  const Shape shape{share, m, n};
  auto sparse = randn(shape, generator) * bernoulli(full(shape, 0.3), generator);
  sparse = sparse + (linalg::norm(sparse, linalg::Max) == 0.0).unsqueeze(-1).unsqueeze(-1);  // none is zero
  const auto rank_one = randn({share, m, 1}, generator) * signs({share, 1, n}, generator);
  return sizes * cat({randn(shape, generator), sparse, signs(shape, generator), rank_one,
                      of_spectra(cases - 4 * share, m, n, generator, false)});
}

}  // namespace sigmagrad::experiments::norms
