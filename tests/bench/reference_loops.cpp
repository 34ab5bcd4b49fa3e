// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/bench/detail/limit.hpp>
#include <sigmagrad/tests/bench/reference.hpp>

namespace sigmagrad::bench::reference {
namespace {

using std::size_t;

// Eight numbers wherever they stand.
typedef double Eight __attribute__((vector_size(64), aligned(8), may_alias));

// C = A B with A(i, k) = a[i * row + k * column], B [depth, n] row-major: some rows, and eight columns a register.
template <size_t rows, size_t registers>
void block(const double* a, size_t row, size_t column, const double* b, double* c, size_t depth, size_t n) {
  Eight sum[rows][registers] = {};
  for (size_t k = 0; k < depth; ++k)
    for (size_t i = 0; i < rows; ++i)
      for (size_t j = 0; j < registers; ++j)
        sum[i][j] += a[i * row + k * column] * reinterpret_cast<const Eight*>(b + k * n)[j];
  for (size_t i = 0; i < rows; ++i)
    for (size_t j = 0; j < registers; ++j) reinterpret_cast<Eight*>(c + i * n)[j] = sum[i][j];
}

template <size_t rows, size_t cols>
void thin_block(const double* a, size_t row, size_t column, const double* b, double* c, size_t depth, size_t n) {
  double sum[rows][cols] = {};
  for (size_t k = 0; k < depth; ++k)
    for (size_t i = 0; i < rows; ++i)
      for (size_t j = 0; j < cols; ++j) sum[i][j] += a[i * row + k * column] * b[k * n + j];
  for (size_t i = 0; i < rows; ++i)
    for (size_t j = 0; j < cols; ++j) c[i * n + j] = sum[i][j];
}

// C [m, n] by blocks of 8 x 16 where they fit, and all columns of as many rows where not.
template <size_t m, size_t n, size_t depth>
void multiply(const double* a, size_t row, size_t column, const double* b, double* c) {
  if constexpr (m % 8 == 0 && n % 16 == 0) {
    for (size_t j = 0; j < n; j += 16)
      for (size_t i = 0; i < m; i += 8) block<8, 2>(a + i * row, row, column, b + j, c + i * n + j, depth, n);
  } else {
    static_assert(m % 5 == 0);
    for (size_t i = 0; i < m; i += 5) thin_block<5, n>(a + i * row, row, column, b, c + i * n, depth, n);
  }
}

template <size_t rows, size_t cols>
void transpose(const double* __restrict from, double* __restrict to) {
  for (size_t i = 0; i < rows; ++i)
    for (size_t j = 0; j < cols; ++j) to[j * rows + i] = from[i * cols + j];
}

void descend(double* __restrict w, const double* __restrict g, double rate, size_t n) {
  for (size_t i = 0; i < n; ++i) w[i] -= rate * g[i];
}

template <size_t d>
class CompletionLoop final : public LimitStep {
  static constexpr size_t size = d * d;

 public:
  explicit CompletionLoop(const Completion& problem) : LimitStep(problem.parameters), lr(problem.lr) {
    target = buffer(problem.target);
    mask = buffer(problem.mask);
    for (double** matrix : {&inner, &residual, &back, &turned}) *matrix = buffer(size);
  }

  void operator()() override {
    const double *w1 = theta, *w2 = w1 + size, *w3 = w2 + size;
    double *g1 = gradient, *g2 = g1 + size, *g3 = g2 + size;
    multiply<d, d, d>(w2, d, 1, w1, inner);
    multiply<d, d, d>(w3, d, 1, inner, residual);
    last_loss = subtract_target();
    transpose<d, d>(inner, turned);
    multiply<d, d, d>(residual, d, 1, turned, g3);
    multiply<d, d, d>(w3, 1, d, residual, back);
    transpose<d, d>(w1, turned);
    multiply<d, d, d>(back, d, 1, turned, g2);
    multiply<d, d, d>(w2, 1, d, back, g1);
    descend(theta, gradient, lr, 3 * size);
  }

 private:
  double subtract_target() {
    double* __restrict r = residual;
    double sum = 0;
    for (size_t i = 0; i < size; ++i) {
      r[i] = mask[i] * (r[i] - target[i]);
      sum += r[i] * r[i];
    }
    return 0.5 * sum;
  }

  double lr;
  double *target, *mask, *inner, *residual, *back, *turned;
};

template <size_t d, size_t batch>
class RegressionLoop final : public LimitStep {
 public:
  explicit RegressionLoop(const Regression& problem) : LimitStep(problem.parameters), lr(problem.lr) {
    x = buffer(problem.x);
    y = buffer(problem.y);
    residual = buffer(batch * d);
    turned = buffer(d * d);
  }

  void operator()() override {
    transpose<d, d>(theta, turned);
    multiply<batch, d, d>(x, d, 1, turned, residual);
    double* __restrict r = residual;
    double sum = 0;
    for (size_t i = 0; i < batch * d; ++i) {
      const double difference = r[i] - y[i];
      sum += difference * difference;
      r[i] = difference / batch;
    }
    last_loss = 0.5 * sum / batch;
    multiply<d, d, batch>(residual, 1, d, x, gradient);
    descend(theta, gradient, lr, d * d);
  }

 private:
  double lr;
  double *x, *y, *residual, *turned;
};

}  // namespace

std::unique_ptr<Step> limit(const Completion& problem) { return std::make_unique<CompletionLoop<10>>(problem); }
std::unique_ptr<Step> limit(const Regression& problem) { return std::make_unique<RegressionLoop<64, 64>>(problem); }

}  // namespace sigmagrad::bench::reference
