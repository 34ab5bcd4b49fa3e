// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/tests/bench/naive.hpp>

#include <cmath>
#include <cstddef>
#include <span>

namespace sigmagrad::bench::naive {
namespace {

class Matrix {
 public:
  Matrix(int row_count, int column_count) : Matrix(row_count, column_count, zeros(row_count * column_count)) {}
  Matrix(int row_count, int column_count, std::span<const double> from)
      : rows(row_count), cols(column_count), values(from.begin(), from.begin() + rows * cols) {}

  double& operator()(int i, int j) { return values[static_cast<std::size_t>(i * cols + j)]; }
  double operator()(int i, int j) const { return values[static_cast<std::size_t>(i * cols + j)]; }

  int rows, cols;
  std::vector<double> values;

 private:
  static std::vector<double> zeros(int count) { return std::vector<double>(static_cast<std::size_t>(count)); }
};

Matrix transposed(const Matrix& a) {
  Matrix result(a.cols, a.rows);
  for (int i = 0; i < a.rows; ++i)
    for (int j = 0; j < a.cols; ++j) result(j, i) = a(i, j);
  return result;
}

Matrix operator*(const Matrix& a, const Matrix& b) {
  Matrix result(a.rows, b.cols);
  for (int i = 0; i < a.rows; ++i)
    for (int j = 0; j < b.cols; ++j)
      for (int k = 0; k < a.cols; ++k) result(i, j) += a(i, k) * b(k, j);
  return result;
}

// f(a_ij, b_ij) for every entry.
template <class F>
Matrix map(const Matrix& a, const Matrix& b, F f) {
  Matrix result(a.rows, a.cols);
  for (int i = 0; i < a.rows; ++i)
    for (int j = 0; j < a.cols; ++j) result(i, j) = f(a(i, j), b(i, j));
  return result;
}

double sum_of_squares(const Matrix& a) {
  double sum = 0;
  for (double value : a.values) sum += value * value;
  return sum;
}

Matrix column_sums(const Matrix& a) {
  Matrix result(1, a.cols);
  for (int i = 0; i < a.rows; ++i)
    for (int j = 0; j < a.cols; ++j) result(0, j) += a(i, j);
  return result;
}

Matrix plus_row(Matrix a, const Matrix& row) {
  for (int i = 0; i < a.rows; ++i)
    for (int j = 0; j < a.cols; ++j) a(i, j) += row(0, j);
  return a;
}

std::vector<double> joined(std::initializer_list<Matrix> parts) {
  std::vector<double> all;
  for (const Matrix& part : parts) all.insert(all.end(), part.values.begin(), part.values.end());
  return all;
}

void descend(std::vector<double>& parameters, double rate, const std::vector<double>& gradient) {
  for (std::size_t i = 0; i < parameters.size(); ++i) parameters[i] -= rate * gradient[i];
}

}  // namespace

End train(const Completion& problem, int steps) {
  End end{problem.parameters};
  const int d = problem.d;
  const auto size = static_cast<std::size_t>(d * d);
  const Matrix target(d, d, problem.target), mask(d, d, problem.mask);
  for (int step = 0; step < steps; ++step) {
    const std::span<const double> theta = end.parameters;
    const Matrix w1(d, d, theta), w2(d, d, theta.subspan(size)), w3(d, d, theta.subspan(2 * size));
    const Matrix distance = map(w3 * w2 * w1, target, [](double p, double t) { return p - t; });
    const Matrix residual = map(distance, mask, [](double r, double m) { return m * r; });
    end.loss = 0.5 * sum_of_squares(residual);
    descend(end.parameters, problem.lr,
            joined({transposed(w3 * w2) * residual, transposed(w3) * residual * transposed(w1),
                    residual * transposed(w2 * w1)}));
  }
  return end;
}

// Trial by trial, as a completion of its own.
End train(const Ensemble& problem, int steps) {
  End end{problem.parameters};
  const auto size = static_cast<std::size_t>(problem.d * problem.d), trials = static_cast<std::size_t>(problem.trials);
  for (std::size_t trial = 0; trial < trials; ++trial) {
    Completion single(problem.d);
    single.lr = problem.lr;
    single.mask = problem.mask;
    for (std::size_t i = 0; i < size; ++i) {
      single.target[i] = problem.target[trial * size + i];
      for (std::size_t l = 0; l < 3; ++l)
        single.parameters[l * size + i] = problem.parameters[(l * trials + trial) * size + i];
    }
    const End trained = train(single, steps);
    end.loss += trained.loss;
    for (std::size_t i = 0; i < size; ++i)
      for (std::size_t l = 0; l < 3; ++l)
        end.parameters[(l * trials + trial) * size + i] = trained.parameters[l * size + i];
  }
  return end;
}

End train(const Regression& problem, int steps) {
  End end{problem.parameters};
  const int d = problem.d, batch = problem.batch;
  const Matrix x(batch, d, problem.x), y(batch, d, problem.y);
  for (int step = 0; step < steps; ++step) {
    const Matrix w(d, d, end.parameters);
    const Matrix residual = map(x * transposed(w), y, [](double p, double t) { return p - t; });
    end.loss = 0.5 * sum_of_squares(residual) / batch;
    descend(end.parameters, problem.lr / batch, (transposed(residual) * x).values);
  }
  return end;
}

End train(const Relu2& problem, int steps) {
  End end{problem.parameters};
  const int d = problem.d;
  const auto side = static_cast<std::size_t>(d), size = side * side;
  const Matrix x(d, d, problem.x), y(d, d, problem.y);
  std::vector<double> m(end.parameters.size()), v(end.parameters.size());
  for (int step = 1; step <= steps; ++step) {
    const std::span<const double> theta = end.parameters;
    const Matrix w1(d, d, theta), b1(1, d, theta.subspan(size)), w2(d, d, theta.subspan(size + side)),
        b2(1, d, theta.subspan(2 * size + side));
    const Matrix before = plus_row(x * transposed(w1), b1);
    const Matrix hidden = map(before, before, [](double a, double) { return a > 0 ? a : 0; });
    const Matrix residual = map(plus_row(hidden * transposed(w2), b2), y, [](double p, double t) { return p - t; });
    end.loss = sum_of_squares(residual) / (d * d);
    const Matrix out = map(residual, residual, [d](double r, double) { return 2 * r / (d * d); });
    const Matrix back = map(out * w2, before, [](double g, double a) { return a > 0 ? g : 0; });
    const auto g = joined({transposed(back) * x, column_sums(back), transposed(out) * hidden, column_sums(out)});
    for (std::size_t i = 0; i < g.size(); ++i) {
      m[i] = 0.9 * m[i] + 0.1 * g[i];
      v[i] = 0.999 * v[i] + 0.001 * g[i] * g[i];
      const double mean = m[i] / (1 - std::pow(0.9, step)), variance = v[i] / (1 - std::pow(0.999, step));
      end.parameters[i] -= problem.lr * mean / (std::sqrt(variance) + 1e-8);
    }
  }
  return end;
}

}  // namespace sigmagrad::bench::naive
