// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/theory/aligned.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

#include <sigmagrad/autograd/graph/grad_mode.hpp>
#include <sigmagrad/autograd/operations/elementwise.hpp>
#include <sigmagrad/autograd/tensor/fail.hpp>
#include <sigmagrad/theory/detail/check.hpp>

namespace sigmagrad::theory {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

void check_mode(const char* operation, double s, double a0, double lambda) {
  if (!(std::isfinite(s) && s >= 0)) engine::fail("{}: s must be finite and >= 0 (got {})", operation, s);
  detail::check_finite(operation, "a0", a0);
  detail::check_finite(operation, "lambda", lambda);
}

// Terms of the Riccati equation's solution a = N D / (2 G): K is the rate, E its decaying exponential, D1 = 1 - E, w0 =
// sqrt(lambda^2 + 4 a0^2), and K - |lambda| without cancellation.
struct Mode {
  Mode(double s_, double a0_, double lambda, double t)
      : s(s_), a0(a0_), l(std::abs(lambda)), K(std::hypot(l, 2 * s)), E(std::exp(-K * t)), D1(-std::expm1(-K * t)) {}

  double s, a0, l, K, E, D1;
  double w0 = std::hypot(l, 2 * a0);
  double K_minus_l = 4 * s * s / (K + l);

  // For a0 >= 0, where all terms are positive, and for large lambda, where those that are not are small beside them.
  double rising() const {
    const double u0 = 2 * a0 / (w0 + l);
    const double N = u0 * (K_minus_l + (K + l) * E) + 2 * s * D1;
    const double D = (w0 + l) * ((K + l) + K_minus_l * E) + 4 * s * a0 * D1;
    const double G = 2 * l * l * (1 + E * E) + 16 * s * s * E + 2 * K * w0 * D1 * (1 + E) + 8 * s * a0 * D1 * D1;
    return N * D / (2 * G);
  }
  // From the other side of zero, whose neighbourhood is slow where lambda is small.
  double crossing() const {
    const double w0m = w0 - 2 * a0, H = K * w0 - 4 * s * a0, X = l * l * (l * l + 4 * a0 * a0 + 4 * s * s) / H;
    const double P = K_minus_l + (K + l) * E;
    const double N = l * (P * (1 + l / w0m) / (w0 + l) + 1 - l / (K + 2 * s)) - (2 * s + K + l) * E;
    const double D = X + l * (w0 + K + l) + E * ((w0 + l) * K_minus_l - 4 * s * a0);
    const double G = 2 * l * l * (1 + E * E) + 16 * s * s * E + 2 * D1 * (X + E * H);
    return N * D / (2 * G);
  }
};

// From a0 to af on the same side of zero (or at it), where sinh(K t) = K x for an x whose terms are all positive.
double one_sided_time(double s, double a0, double af, double l) {
  const double K = std::hypot(l, 2 * s), w0 = std::hypot(l, 2 * a0), wf = std::hypot(l, 2 * af);
  const double mean = af / (a0 + af) * w0 + a0 / (a0 + af) * wf;
  const double x = std::abs(af - a0) / mean * ((w0 / std::abs(s - a0) + wf / std::abs(s - af)) / (w0 + wf));
  return K == 0 ? x : std::asinh(K * x) / K;
}

}  // namespace

double aligned_mode(double s, double a0, double lambda, double t) {
  check_mode("aligned_mode", s, a0, lambda);
  detail::check_time("aligned_mode", t);
  const Mode mode(s, a0, lambda, t);
  if (mode.K == 0) return a0 / (1 + 2 * std::abs(a0) * t);
  if (mode.w0 + mode.l == 0) return 0.0;
  if (a0 >= 0) return mode.rising();
  if (mode.l == 0) return s * a0 * mode.E / (s - a0 * mode.D1);
  return mode.l * mode.l >= -4 * s * a0 ? mode.rising() : mode.crossing();
}

double aligned_time(double s, double a0, double af, double lambda) {
  check_mode("aligned_time", s, a0, lambda);
  detail::check_finite("aligned_time", "af", af);
  const bool on_the_way = a0 < s ? a0 <= af && af < s : s < af && af <= a0;
  if (af == a0) return 0.0;
  if (!on_the_way) return infinity;
  const double l = std::abs(lambda);
  if (a0 < 0 && af > 0) return one_sided_time(s, a0, 0, l) + one_sided_time(s, 0, af, l);
  return one_sided_time(s, a0, af, l);
}

ModeStrengths mode_strengths(double a, double lambda) {
  detail::check_finite("mode_strengths", "a", a);
  detail::check_finite("mode_strengths", "lambda", lambda);
  const double strong = std::sqrt((std::hypot(lambda, 2 * a) + std::abs(lambda)) / 2);
  const double weak = strong == 0 ? 0.0 : a / strong;
  return lambda >= 0 ? ModeStrengths{weak, strong} : ModeStrengths{strong, weak};
}

Tensor shallow_dynamics(const Tensor& W0, const Tensor& Sigma, double t) {
  detail::check_time("shallow_dynamics", t);
  const NoGrad guard;
  return Sigma + (W0 - Sigma) * std::exp(-t);
}

}  // namespace sigmagrad::theory
