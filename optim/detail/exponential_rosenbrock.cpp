// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <array>
#include <cmath>
#include <sigmagrad/linalg/detail/lapack.hpp>
#include <sigmagrad/optim/detail/exponential_rosenbrock.hpp>
#include <utility>

namespace sigmagrad::optim::detail {
namespace {

using Phase = FlowTrials::Phase;

/// phi_k(z) = sum_j z^j / (j + k)!, k = 0..4, where phi_k+1 = (phi_k - 1/k!) / z; for small z by the series of phi4.
std::array<double, 5> phi(double z) {
  constexpr std::array<double, 4> at_zero{1.0, 1.0, 1.0 / 2, 1.0 / 6};
  std::array<double, 5> result{std::exp(z)};
  if (std::abs(z) > 1.0) {
    result[1] = std::expm1(z) / z;
    for (std::size_t k = 1; k < 4; ++k) result[k + 1] = (result[k] - at_zero[k]) / z;
    return result;
  }
  constexpr int terms = 18;
  result[4] = 1.0;
  for (int j = terms; j > 0; --j) result[4] = 1.0 + result[4] * z / (j + 4);
  result[4] /= 24.0;
  for (std::size_t k = 4; k > 1; --k) result[k - 1] = at_zero[k - 1] + z * result[k];
  return result;
}

/// modes = V' x for V [n, n], row-major.
void to_modes(const double* V, const double* x, std::size_t n, double* modes) {
  std::fill_n(modes, n, 0.0);
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < n; ++j) modes[j] += V[i * n + j] * x[i];
}

}  // namespace

ExponentialRosenbrock::ExponentialRosenbrock(FlowSystem& system, FlowTrials& trials)
    : system_(system),
      trials_(trials),
      decomposed_(trials.count(), false),
      hessians_(trials.count() * trials.size() * trials.size()),
      eigenvalues_(trials.states.size()),
      eigenvectors_(hessians_.size()),
      next_(trials.states),
      next_velocity_(next_.size()),
      losses_(trials.count()),
      steps_(trials.count()),
      velocity_(next_.size()),
      shift_(next_.size()),
      middle_(next_.size()),
      end_(next_.size()),
      modes_(trials.size()) {}

void ExponentialRosenbrock::run() {
  const auto each = [this](void (ExponentialRosenbrock::*part)(std::size_t)) {
    for (std::size_t i = 0; i < trials_.count(); ++i)
      if (trials_[i].phase == Phase::Stiff) (this->*part)(i);
  };
  while (trials_.any(Phase::Stiff)) {
    decompose();
    for (const auto part :
         {&ExponentialRosenbrock::to_midpoint, &ExponentialRosenbrock::to_end, &ExponentialRosenbrock::to_solution}) {
      each(part);
      system_.evaluate(next_, next_velocity_, losses_);
    }
    each(&ExponentialRosenbrock::finish_step);
  }
}

/// Eigenvectors at states that have none yet: a repeated step keeps them.
void ExponentialRosenbrock::decompose() {
  const std::size_t n = trials_.size();
  bool computed = false;
  for (std::size_t i = 0; i < trials_.count(); ++i) {
    if (trials_[i].phase != Phase::Stiff) continue;
    steps_[i] = trials_.step_of(i);
    if (decomposed_[i]) continue;
    if (!std::exchange(computed, true)) system_.hessian(trials_.states, hessians_);
    linalg::detail::eigh(hessians_.data() + i * n * n, static_cast<std::int64_t>(n), row(eigenvalues_, i),
                         eigenvectors_.data() + i * n * n);
    to_modes(eigenvectors_.data() + i * n * n, trials_.velocity(i), n, row(velocity_, i));
    decomposed_[i] = true;
  }
}

void ExponentialRosenbrock::add_in_state_space(std::size_t i, const double* modes, double* to) const {
  const std::size_t n = trials_.size();
  const double* V = eigenvectors_.data() + i * n * n;
  const double* from = trials_.state(i);
  for (std::size_t k = 0; k < n; ++k) {
    double sum = 0.0;
    for (std::size_t j = 0; j < n; ++j) sum += V[k * n + j] * modes[j];
    to[k] = from[k] + sum;
  }
}

void ExponentialRosenbrock::to_midpoint(std::size_t i) {
  const double half = 0.5 * steps_[i];
  for (std::size_t j = 0; j < trials_.size(); ++j)
    row(shift_, i)[j] = half * phi(-half * row(eigenvalues_, i)[j])[1] * row(velocity_, i)[j];
  add_in_state_space(i, row(shift_, i), row(next_, i));
}

/// p where the last evaluation was: its velocity less f and the linear part.
void ExponentialRosenbrock::rest(std::size_t i, Vector& at) {
  const std::size_t n = trials_.size();
  to_modes(eigenvectors_.data() + i * n * n, row(next_velocity_, i), n, row(at, i));
  for (std::size_t j = 0; j < n; ++j)
    row(at, i)[j] += row(eigenvalues_, i)[j] * row(shift_, i)[j] - row(velocity_, i)[j];
}

void ExponentialRosenbrock::to_end(std::size_t i) {
  rest(i, middle_);
  const double h = steps_[i];
  for (std::size_t j = 0; j < trials_.size(); ++j)
    row(shift_, i)[j] = h * phi(-h * row(eigenvalues_, i)[j])[1] * (row(velocity_, i)[j] + row(middle_, i)[j]);
  add_in_state_space(i, row(shift_, i), row(next_, i));
}

/// The state at t + theta h; in `error`, where given, the last term.
void ExponentialRosenbrock::add_solution(std::size_t i, double theta, double* to, double* error) const {
  const double h = steps_[i], cube = 2.0 * theta * theta * theta;
  for (std::size_t j = 0; j < trials_.size(); ++j) {
    const double middle = row(middle_, i)[j], end = row(end_, i)[j];
    const double a = 8.0 * middle - end, b = 2.0 * end - 8.0 * middle;
    const auto f = phi(-theta * h * row(eigenvalues_, i)[j]);
    const double last = 3.0 * h * cube * theta * f[4] * b;
    modes_[j] = theta * h * f[1] * row(velocity_, i)[j] + h * cube * f[3] * a + last;
    if (error) error[j] = last;
  }
  add_in_state_space(i, modes_.data(), to);
}

void ExponentialRosenbrock::to_solution(std::size_t i) {
  rest(i, end_);
  add_solution(i, 1.0, row(next_, i), row(shift_, i));
}

void ExponentialRosenbrock::finish_step(std::size_t i) {
  auto& trial = trials_[i];
  ++trial.stiff_steps;
  const double error = trials_.error_norm(i, row(shift_, i), row(next_, i));
  if (trials_.finish_step(i, steps_[i], error, order, row(next_, i), row(next_velocity_, i), losses_[i],
                          [&](double theta, double* to) { add_solution(i, theta, to, nullptr); }))
    decomposed_[i] = false;
}

}  // namespace sigmagrad::optim::detail
