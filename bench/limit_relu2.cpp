// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <cmath>

#include <cblas.h>

#include <sigmagrad/bench/detail/limit.hpp>
#include <sigmagrad/bench/problems.hpp>

namespace sigmagrad::bench {
namespace {

constexpr auto N = CblasNoTrans, T = CblasTrans;

class Relu2Limit final : public LimitStep {
 public:
  explicit Relu2Limit(const Relu2& problem)
      : LimitStep(problem.parameters), d(problem.d), side(problem.y.size() / problem.d), lr(problem.lr) {
    x = buffer(problem.x);
    y = buffer(problem.y);
    hidden = buffer(side * side);
    out = buffer(side * side);
    back = buffer(side * side);
    first_moment = buffer(count());
    second_moment = buffer(count());
  }

  void operator()() override {
    const std::size_t size = side * side;
    double *w1 = theta, *b1 = w1 + size, *w2 = b1 + side, *b2 = w2 + size;
    double *gw1 = gradient, *gb1 = gw1 + size, *gw2 = gb1 + side, *gb2 = gw2 + size;
    multiply(N, x, T, w1, hidden);
    rectify(b1);
    multiply(N, hidden, T, w2, out);
    subtract_target(b2, gb2);
    multiply(T, out, N, hidden, gw2);
    multiply(N, out, N, w2, back);
    mask_by_activity(gb1);
    multiply(T, back, N, x, gw1);
    adam();
  }

 private:
  void multiply(CBLAS_TRANSPOSE transpose_a, const double* a, CBLAS_TRANSPOSE transpose_b, const double* b, double* c) {
    cblas_dgemm(CblasRowMajor, transpose_a, transpose_b, d, d, d, 1, a, d, b, d, 0, c, d);
  }

  void rectify(const double* bias) {
    for (std::size_t i = 0; i < side; ++i) {
      double* __restrict row = hidden + i * side;
      for (std::size_t j = 0; j < side; ++j) row[j] = std::max(row[j] + bias[j], 0.0);
    }
  }

  // The loss, its gradient in place of the output, and the sums of that over the batch.
  void subtract_target(const double* bias, double* __restrict bias_gradient) {
    const double scale = 2.0 / static_cast<double>(side * side);
    double sum = 0;
    std::fill_n(bias_gradient, side, 0.0);
    for (std::size_t i = 0; i < side; ++i) {
      double* __restrict row = out + i * side;
      const double* target = y + i * side;
      for (std::size_t j = 0; j < side; ++j) {
        const double difference = row[j] + bias[j] - target[j];
        sum += difference * difference;
        row[j] = scale * difference;
        bias_gradient[j] += row[j];
      }
    }
    last_loss = sum / static_cast<double>(side * side);
  }

  void mask_by_activity(double* __restrict bias_gradient) {
    std::fill_n(bias_gradient, side, 0.0);
    for (std::size_t i = 0; i < side; ++i) {
      double* __restrict row = back + i * side;
      const double* active = hidden + i * side;
      for (std::size_t j = 0; j < side; ++j) {
        row[j] = active[j] > 0 ? row[j] : 0;
        bias_gradient[j] += row[j];
      }
    }
  }

  void adam() {
    power1 *= beta1;
    power2 *= beta2;
    const double rate = lr / (1 - power1), root = 1 / std::sqrt(1 - power2);
    double* __restrict m = first_moment, * __restrict v = second_moment, * __restrict p = theta;
    const double* g = gradient;
    for (std::size_t i = 0; i < count(); ++i) {
      m[i] = beta1 * m[i] + (1 - beta1) * g[i];
      v[i] = beta2 * v[i] + (1 - beta2) * g[i] * g[i];
      p[i] -= rate * m[i] / (std::sqrt(v[i]) * root + eps);
    }
  }

  static constexpr double beta1 = 0.9, beta2 = 0.999, eps = 1e-8;
  int d;
  std::size_t side;  // d, for indices
  double lr, power1 = 1, power2 = 1;
  double *x, *y, *hidden, *out, *back, *first_moment, *second_moment;
};

}  // namespace

std::unique_ptr<Step> limit(const Relu2& problem) { return std::make_unique<Relu2Limit>(problem); }

}  // namespace sigmagrad::bench
