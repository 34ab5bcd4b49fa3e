// SPDX-License-Identifier: BSD-3-Clause
#include <cblas.h>

#include <sigmagrad/bench/detail/limit.hpp>
#include <sigmagrad/bench/problems.hpp>

namespace sigmagrad::bench {
namespace {

constexpr auto N = CblasNoTrans, T = CblasTrans;

class CompletionLimit final : public LimitStep {
 public:
  explicit CompletionLimit(const Completion& problem)
      : LimitStep(problem.parameters), d(problem.d), lr(problem.lr), size(problem.target.size()) {
    target = buffer(problem.target);
    mask = buffer(problem.mask);
    inner = buffer(size);
    residual = buffer(size);
    back = buffer(size);
  }

  void operator()() override {
    double *w1 = theta, *w2 = w1 + size, *w3 = w2 + size;
    double *g1 = gradient, *g2 = g1 + size, *g3 = g2 + size;
    multiply(N, w2, N, w1, inner);
    multiply(N, w3, N, inner, residual);
    last_loss = subtract_target();
    multiply(N, residual, T, inner, g3);  // R (W2 W1)'
    multiply(T, w3, N, residual, back);
    multiply(N, back, T, w1, g2);  // W3' R W1'
    multiply(T, w2, N, back, g1);  // W2' W3' R
    descend(lr);
  }

 private:
  void multiply(CBLAS_TRANSPOSE transpose_a, const double* a, CBLAS_TRANSPOSE transpose_b, const double* b, double* c) {
    cblas_dgemm(CblasRowMajor, transpose_a, transpose_b, d, d, d, 1, a, d, b, d, 0, c, d);
  }

  void descend(double rate) {
    double* __restrict w = theta;
    for (std::size_t i = 0; i < 3 * size; ++i) w[i] -= rate * gradient[i];
  }

  // R = mask * (P - target), in place of the product P; the loss.
  double subtract_target() {
    double* __restrict r = residual;
    double sum = 0;
    for (std::size_t i = 0; i < size; ++i) {
      r[i] = mask[i] * (r[i] - target[i]);
      sum += r[i] * r[i];
    }
    return 0.5 * sum;
  }

  int d;
  double lr;
  std::size_t size;
  double *target, *mask, *inner, *residual, *back;
};

}  // namespace

std::unique_ptr<Step> limit(const Completion& problem) { return std::make_unique<CompletionLimit>(problem); }

}  // namespace sigmagrad::bench
