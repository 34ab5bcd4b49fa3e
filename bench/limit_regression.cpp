// SPDX-License-Identifier: BSD-3-Clause
#include <cblas.h>

#include <sigmagrad/bench/detail/limit.hpp>
#include <sigmagrad/bench/problems.hpp>

namespace sigmagrad::bench {
namespace {

constexpr auto N = CblasNoTrans, T = CblasTrans;

class RegressionLimit final : public LimitStep {
 public:
  explicit RegressionLimit(const Regression& problem)
      : LimitStep(problem.parameters), d(problem.d), batch(problem.batch), lr(problem.lr), entries(problem.y.size()) {
    x = buffer(problem.x);
    y = buffer(problem.y);
    residual = buffer(entries);
  }

  void operator()() override {
    cblas_dgemm(CblasRowMajor, N, T, batch, d, d, 1, x, d, theta, d, 0, residual, d);
    last_loss = 0.5 * subtract_target() / batch;
    cblas_dgemm(CblasRowMajor, T, N, d, d, batch, 1.0 / batch, residual, d, x, d, 0, gradient, d);
    descend(lr);
  }

 private:
  void descend(double rate) {
    double* __restrict w = theta;
    for (std::size_t i = 0; i < count(); ++i) w[i] -= rate * gradient[i];
  }

  // R = X W' - Y, in place of the product; the sum of its squares.
  double subtract_target() {
    double* __restrict r = residual;
    double sum = 0;
    for (std::size_t i = 0; i < entries; ++i) {
      r[i] -= y[i];
      sum += r[i] * r[i];
    }
    return sum;
  }

  int d, batch;
  double lr;
  std::size_t entries;
  double *x, *y, *residual;
};

}  // namespace

std::unique_ptr<Step> limit(const Regression& problem) { return std::make_unique<RegressionLimit>(problem); }

}  // namespace sigmagrad::bench
