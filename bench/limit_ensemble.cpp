// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>

#include <sigmagrad/bench/detail/limit.hpp>
#include <sigmagrad/bench/problems.hpp>

namespace sigmagrad::bench {
namespace {

// Every entry of a matrix is a row of `trials` numbers, and the innermost loop runs over the trials.
class EnsembleLimit final : public LimitStep {
 public:
  explicit EnsembleLimit(const Ensemble& problem)
      : LimitStep(by_entry(problem.parameters, problem.mask.size(), static_cast<std::size_t>(problem.trials))),
        d(static_cast<std::size_t>(problem.d)),
        trials(static_cast<std::size_t>(problem.trials)),
        size(d * d * trials),
        lr(problem.lr) {
    target = buffer(by_entry(problem.target, d * d, trials));
    mask = buffer(problem.mask);
    inner = buffer(size);
    residual = buffer(size);
    back = buffer(size);
  }

  void operator()() override {
    double *w1 = theta, *w2 = w1 + size, *w3 = w2 + size;
    double *g1 = gradient, *g2 = g1 + size, *g3 = g2 + size;
    const std::size_t row = d * trials, entry = trials;
    multiply({w2, row, entry}, {w1, row, entry}, inner);
    multiply({w3, row, entry}, {inner, row, entry}, residual);
    last_loss = subtract_target();
    multiply({residual, row, entry}, {inner, entry, row}, g3);  // R (W2 W1)'
    multiply({w3, entry, row}, {residual, row, entry}, back);
    multiply({back, row, entry}, {w1, entry, row}, g2);  // W3' R W1'
    multiply({w2, entry, row}, {back, row, entry}, g1);  // W2' W3' R
    descend();
  }

  std::vector<double> parameters() const override { return by_trial(LimitStep::parameters(), d * d, trials); }

 private:
  struct Operand {
    const double* entries;
    std::size_t row, column;  // steps to the next row and column
  };

  void multiply(Operand a, Operand b, double* c) {
    for (std::size_t i = 0; i < d; ++i)
      for (std::size_t j = 0; j < d; ++j, c += trials) {
        std::fill_n(c, trials, 0.0);
        for (std::size_t k = 0; k < d; ++k)
          add_products(c, a.entries + i * a.row + k * a.column, b.entries + k * b.row + j * b.column);
      }
  }

  void add_products(double* __restrict c, const double* __restrict a, const double* __restrict b) {
    for (std::size_t t = 0; t < trials; ++t) c[t] += a[t] * b[t];
  }

  // R = mask * (P - target), in place of the product P; the loss.
  double subtract_target() {
    double sum = 0;
    for (std::size_t entry = 0; entry < d * d; ++entry) {
      double* __restrict r = residual + entry * trials;
      const double* t = target + entry * trials;
      const double m = mask[entry];
      for (std::size_t i = 0; i < trials; ++i) {
        r[i] = m * (r[i] - t[i]);
        sum += r[i] * r[i];
      }
    }
    return 0.5 * sum;
  }

  void descend() {
    double* __restrict w = theta;
    for (std::size_t i = 0; i < count(); ++i) w[i] -= lr * gradient[i];
  }

  std::size_t d, trials, size;
  double lr;
  double *target, *mask, *inner, *residual, *back;
};

}  // namespace

std::unique_ptr<Step> limit(const Ensemble& problem) { return std::make_unique<EnsembleLimit>(problem); }

}  // namespace sigmagrad::bench
