// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/bench/detail/limit.hpp>
#include <sigmagrad/tests/bench/reference.hpp>

namespace sigmagrad::bench::reference {
namespace {

using std::size_t;

constexpr size_t lanes = 4;

// Four trials side by side go through the whole step while their matrices are in the first-level cache.
template <size_t d>
class EnsembleLoop final : public LimitStep {
  static constexpr size_t entries = d * d, size = entries * lanes;

 public:
  explicit EnsembleLoop(const Ensemble& problem)
      : LimitStep(tiled(problem.parameters)), trials(static_cast<size_t>(problem.trials)), lr(problem.lr) {
    target = buffer(tiled(problem.target));
    mask = buffer(problem.mask);
    for (double** matrix : {&inner, &residual, &back}) *matrix = buffer(size);
  }

  void operator()() override {
    last_loss = 0;
    const size_t whole = trials * entries;
    for (size_t at = 0; at < whole; at += size) {
      double *w1 = theta + at, *w2 = w1 + whole, *w3 = w2 + whole;
      double *g1 = gradient + at, *g2 = g1 + whole, *g3 = g2 + whole;
      multiply<false, false>(w2, w1, inner);
      multiply<false, false>(w3, inner, residual);
      last_loss += subtract_target(target + at);
      multiply<false, true>(residual, inner, g3);
      multiply<true, false>(w3, residual, back);
      multiply<false, true>(back, w1, g2);
      multiply<true, false>(w2, back, g1);
      for (size_t l = 0; l < 3; ++l) descend(w1 + l * whole, g1 + l * whole);
    }
  }

  std::vector<double> parameters() const override { return by_trial(LimitStep::parameters(), entries, lanes); }

 private:
  static std::vector<double> tiled(const std::vector<double>& values) { return by_entry(values, entries, lanes); }

  template <bool transpose_a, bool transpose_b>
  void multiply(const double* __restrict a, const double* __restrict b, double* __restrict c) {
    for (size_t i = 0; i < d; ++i)
      for (size_t j = 0; j < d; ++j) {
        double sum[lanes] = {};
        for (size_t k = 0; k < d; ++k) {
          const double* x = a + (transpose_a ? k * d + i : i * d + k) * lanes;
          const double* y = b + (transpose_b ? j * d + k : k * d + j) * lanes;
          for (size_t t = 0; t < lanes; ++t) sum[t] += x[t] * y[t];
        }
        for (size_t t = 0; t < lanes; ++t) c[(i * d + j) * lanes + t] = sum[t];
      }
  }

  double subtract_target(const double* wanted) {
    double* __restrict r = residual;
    double sum = 0;
    for (size_t i = 0; i < entries; ++i)
      for (size_t t = 0; t < lanes; ++t) {
        r[i * lanes + t] = mask[i] * (r[i * lanes + t] - wanted[i * lanes + t]);
        sum += r[i * lanes + t] * r[i * lanes + t];
      }
    return 0.5 * sum;
  }

  void descend(double* __restrict w, const double* __restrict g) {
    for (size_t i = 0; i < size; ++i) w[i] -= lr * g[i];
  }

  size_t trials;
  double lr;
  double *target, *mask, *inner, *residual, *back;
};

}  // namespace

std::unique_ptr<Step> limit(const Ensemble& problem) { return std::make_unique<EnsembleLoop<10>>(problem); }

}  // namespace sigmagrad::bench::reference
