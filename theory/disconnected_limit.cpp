// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/theory/disconnected_limit.hpp>

#include <cmath>
#include <span>

#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/autograd/tensor/fail.hpp>

namespace sigmagrad::theory {
namespace {

void check(const Tensor& A, const Tensor& B, const Tensor& target, const Tensor& observed) {
  if (A.dim() != 2 || B.dim() != 2 || A.size(1) != B.size(0))
    engine::fail("disconnected_limit: needs factors [m, k] and [k, n], got {} and {}", A.shape().str(),
                 B.shape().str());
  const Shape shape{A.size(0), B.size(1)};
  if (target.shape() != shape || observed.shape() != shape)
    engine::fail("disconnected_limit: target and observed must be {} (got {} and {})", shape.str(),
                 target.shape().str(), observed.shape().str());
}

// A row of A and a column of B, of one length.
struct Pair {
  std::span<double> A, B;
  std::size_t k, columns, i, j;
  double& a(std::size_t l) const { return A[i * k + l]; }
  double& b(std::size_t l) const { return B[l * columns + j]; }
};

// Along the flow a + b shrinks by e^-r and a - b grows by e^r, so that a b = (|a + b|^2 - |a - b|^2) / 4 is the target
// where sum x - difference / x = 2 target at x = e^(-2 r). The root is taken in the form in which nothing cancels.
double shrinking(const Pair& pair, double target) {
  if (!std::isfinite(target))
    engine::fail("disconnected_limit: the target of entry ({}, {}) must be finite (got {})", pair.i, pair.j, target);
  double sum = 0.0, difference = 0.0;  // |a + b|^2 / 2 and |a - b|^2 / 2, P + Q/2 and Q/2 - P of the proposition
  for (std::size_t l = 0; l < pair.k; ++l) {
    const double p = pair.a(l) + pair.b(l), q = pair.a(l) - pair.b(l);
    sum += 0.5 * p * p;
    difference += 0.5 * q * q;
  }
  if ((target > 0.0 && sum == 0.0) || (target < 0.0 && difference == 0.0))
    engine::fail("disconnected_limit: from this start the flow of entry ({}, {}) ends at 0, not at its target {}",
                 pair.i, pair.j, target);
  const double root = std::sqrt(target * target + sum * difference);
  if (root == 0.0) return 0.0;  // one of the two is 0, and so is the target: the other dies out
  return target >= 0.0 ? (target + root) / sum : difference / (root - target);
}

void move_to_limit(const Pair& pair, double target) {
  const double x = shrinking(pair, target), shrink = std::sqrt(x), grow = x > 0.0 ? 1.0 / shrink : 0.0;
  for (std::size_t l = 0; l < pair.k; ++l) {
    const double p = shrink * (pair.a(l) + pair.b(l)), q = grow * (pair.a(l) - pair.b(l));
    pair.a(l) = 0.5 * (p + q);
    pair.b(l) = 0.5 * (p - q);
  }
}

}  // namespace

DisconnectedLimit disconnected_limit(const Tensor& A, const Tensor& B, const Tensor& target, const Tensor& observed) {
  check(A, B, target, observed);
  DisconnectedLimit limit{A.detach().clone(), B.detach().clone()};
  const auto rows = static_cast<std::size_t>(A.size(0)), columns = static_cast<std::size_t>(B.size(1));
  const auto seen = observed.data<double>(), goal = target.data<double>();
  std::vector<bool> row_used(rows), column_used(columns);
  const std::span<double> a = limit.A.mutable_data<double>(), b = limit.B.mutable_data<double>();
  for (std::size_t i = 0; i < rows; ++i)
    for (std::size_t j = 0; j < columns; ++j) {
      if (seen[i * columns + j] == 0.0) continue;
      if (row_used[i] || column_used[j])
        engine::fail("disconnected_limit: entry ({}, {}) shares its row or column with another observed one", i, j);
      row_used[i] = column_used[j] = true;
      move_to_limit({a, b, static_cast<std::size_t>(A.size(1)), columns, i, j}, goal[i * columns + j]);
    }
  return limit;
}

}  // namespace sigmagrad::theory
