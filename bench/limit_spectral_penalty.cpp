// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <cmath>
#include <limits>

#include <cblas.h>

#include <sigmagrad/bench/detail/limit.hpp>
#include <sigmagrad/bench/problems.hpp>

extern "C" {
void dgebrd_(const int*, const int*, double*, const int*, double*, double*, double*, double*, double*, const int*,
             int*);
void dbdsqr_(const char*, const int*, const int*, const int*, const int*, double*, double*, double*, const int*,
             double*, const int*, double*, const int*, double*, int*, std::size_t);
void dgttrf_(const int*, double*, double*, double*, double*, int*, int*);
void dgttrs_(const char*, const int*, const int*, const double*, const double*, const double*, const double*,
             const int*, double*, const int*, int*, std::size_t);
void dormbr_(const char*, const char*, const char*, const int*, const int*, const int*, const double*, const int*,
             const double*, double*, const int*, double*, const int*, int*, std::size_t, std::size_t, std::size_t);
}

namespace sigmagrad::bench {
namespace {

// One bidiagonalisation Q B P' serves the values (dqds) and both pairs of vectors (inverse iteration on B, then Q and P
// applied to two columns). LAPACK reads the row-major W as its transpose, so that left vectors belong to the columns.
class SpectralPenaltyLimit final : public LimitStep {
 public:
  explicit SpectralPenaltyLimit(const SpectralPenalty& problem)
      : LimitStep(problem.parameters),
        d(problem.d),
        side(static_cast<std::size_t>(d)),
        weight(problem.factor),
        centre(problem.centre) {
    for (double** vector : {&diagonal, &super, &values, &scratch, &tau_q, &tau_p}) *vector = buffer(side);
    for (double** vector : {&below, &middle, &above, &fill, &iterate}) *vector = buffer(2 * side);
    matrix = buffer(side * side);
    left = buffer(2 * side);
    right = buffer(2 * side);
    work = buffer(static_cast<std::size_t>(length = 64 * d + 64));
    rotations = buffer(4 * side);
    pivots = reinterpret_cast<int*>(buffer(side));
  }

  void operator()() override {
    int info;
    std::copy_n(theta, side * side, matrix);
    dgebrd_(&d, &d, matrix, &d, diagonal, super, tau_q, tau_p, work, &length, &info);
    std::copy_n(diagonal, side, values);
    std::copy_n(super, side - 1, scratch);
    const int none = 0, one = 1, two = 2;
    dbdsqr_("U", &d, &none, &none, &none, values, scratch, nullptr, &one, nullptr, &one, nullptr, &one, rotations,
            &info, 1);
    vectors(values[0], left, right);
    vectors(values[side - 1], left + side, right + side);
    dormbr_("Q", "L", "N", &d, &two, &d, matrix, &d, tau_q, left, &d, work, &length, &info, 1, 1, 1);
    dormbr_("P", "L", "N", &d, &two, &d, matrix, &d, tau_p, right, &d, work, &length, &info, 1, 1, 1);
    const double distance = std::log(values[0]) - std::log(values[side - 1]) - centre;
    last_loss = weight * distance * distance;
    write_gradient(2 * weight * distance);
  }

  std::vector<double> parameters() const override { return gradient_values(); }

 private:
  // The unit vectors u and v with B v = s u. (v1, u1, v2, u2, ...) is the eigenvector of s of the tridiagonal matrix
  // with 0 on the diagonal and d1, e1, d2, e2, ... beside it; of -s it is (v1, -u1, ...), so that what a small s mixes
  // in changes lengths and signs only.
  void vectors(double s, double* u, double* v) {
    const int n = 2 * d, one = 1;
    int info;
    for (std::size_t i = 0; i < side; ++i) {
      below[2 * i] = above[2 * i] = diagonal[i];
      if (i + 1 < side) below[2 * i + 1] = above[2 * i + 1] = super[i];
    }
    std::fill_n(middle, 2 * side, -s - 2 * std::numeric_limits<double>::epsilon() * values[0]);
    dgttrf_(&n, below, middle, above, fill, pivots, &info);
    for (std::size_t i = 0; i < 2 * side; ++i) iterate[i] = 1 + 0.3 * static_cast<double>(i % 7);
    for (int pass = 0; pass < 3; ++pass) {
      dgttrs_("N", &n, &one, below, middle, above, fill, pivots, iterate, &n, &info, 1);
      cblas_dscal(n, 1 / cblas_dnrm2(n, iterate, 1), iterate, 1);
    }
    cblas_dcopy(d, iterate, 2, v, 1);
    cblas_dcopy(d, iterate + 1, 2, u, 1);
    cblas_dscal(d, 1 / cblas_dnrm2(d, v, 1), v, 1);
    cblas_dscal(d, 1 / cblas_dnrm2(d, u, 1), u, 1);
    double form = diagonal[side - 1] * u[side - 1] * v[side - 1];  // u' B v
    for (std::size_t i = 0; i + 1 < side; ++i) form += u[i] * (diagonal[i] * v[i] + super[i] * v[i + 1]);
    if (form < 0) cblas_dscal(d, -1, u, 1);
  }

  // factor * (u1 v1' / s1 - un vn' / sn)
  void write_gradient(double factor) {
    const double *column1 = left, *columnn = left + side;
    for (std::size_t i = 0; i < side; ++i) {
      double* __restrict row = gradient + i * side;
      const double a = factor * right[i] / values[0], b = factor * right[side + i] / values[side - 1];
      for (std::size_t j = 0; j < side; ++j) row[j] = a * column1[j] - b * columnn[j];
    }
  }

  int d, length;
  std::size_t side;  // d, for indices
  double weight, centre;
  double *diagonal, *super, *values, *scratch, *tau_q, *tau_p, *below, *middle, *above, *fill, *iterate;
  double *matrix, *left, *right, *work, *rotations;
  int* pivots;
};

}  // namespace

std::unique_ptr<Step> limit(const SpectralPenalty& problem) { return std::make_unique<SpectralPenaltyLimit>(problem); }

}  // namespace sigmagrad::bench
