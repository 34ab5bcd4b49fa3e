// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/optim/detail/dormand_prince.hpp>

#include <algorithm>
#include <limits>
#include <tuple>
#include <utility>

#include <sigmagrad/autograd/tensor/fail.hpp>

namespace sigmagrad::optim::detail {
namespace {

using Phase = FlowTrials::Phase;

template <std::size_t N>
using Weights = std::array<double, N>;

// Row s: the weights of the first s slopes in the state of stage s, of which the last is the solution.
constexpr std::tuple<Weights<1>, Weights<2>, Weights<3>, Weights<4>, Weights<5>, Weights<6>> tableau{
    {1.0 / 5},
    {3.0 / 40, 9.0 / 40},
    {44.0 / 45, -56.0 / 15, 32.0 / 9},
    {19372.0 / 6561, -25360.0 / 2187, 64448.0 / 6561, -212.0 / 729},
    {9017.0 / 3168, -355.0 / 33, 46732.0 / 5247, 49.0 / 176, -5103.0 / 18656},
    {35.0 / 384, 0.0, 500.0 / 1113, 125.0 / 192, -2187.0 / 6784, 11.0 / 84}};

// The difference of the two solutions.
constexpr Weights<7> error_weights{71.0 / 57600,      0.0,        -71.0 / 16695, 71.0 / 1920,
                                   -17253.0 / 339200, 22.0 / 525, -1.0 / 40};

constexpr Weights<7> bend_weights{-12715105075.0 / 11282082432,  0.0,
                                  87487479700.0 / 32700410799,   -10690763975.0 / 1880347072,
                                  701980252875.0 / 199316789632, -1453857185.0 / 822651844,
                                  69997945.0 / 29380423};

// out = y + h sum_s weights[s] slopes[s], one pass; y may be absent.
template <std::size_t N, std::size_t... S>
void combine(double* out, const double* y, double h, const Weights<N>& weights,
             const std::array<const double*, N>& slopes, std::size_t n, std::index_sequence<S...>) {
  for (std::size_t j = 0; j < n; ++j) {
    const double sum = ((weights[S] * slopes[S][j]) + ...);
    out[j] = (y ? y[j] : 0.0) + h * sum;
  }
}
template <std::size_t N>
void combine(double* out, const double* y, double h, const Weights<N>& weights,
             const std::array<const double*, N>& slopes, std::size_t n) {
  combine(out, y, h, weights, slopes, n, std::make_index_sequence<N>());
}

}  // namespace

DormandPrince::DormandPrince(FlowSystem& system, FlowTrials& trials, int patience)
    : system_(system),
      trials_(trials),
      patience_(patience),
      next_(trials.states),
      losses_(trials.count()),
      largest_(trials.count(), std::numeric_limits<double>::infinity()),
      steps_(trials.count()),
      error_(trials.size()) {
  slopes_.fill(Vector(next_.size()));
}

void DormandPrince::run() {
  for (std::int64_t round = 0; trials_.any(Phase::Explicit); ++round) {
    limit_steps(round);
    slopes_[0] = trials_.velocities;
    stage<1>();
    stage<2>();
    stage<3>();
    stage<4>();
    stage<5>();
    stage<6>();
    for (std::size_t i = 0; i < trials_.count(); ++i)
      if (trials_[i].phase == Phase::Explicit) finish_step(i);
  }
}

void DormandPrince::limit_steps(std::int64_t round) {
  system_.largest_steps(round, trials_.states, largest_);
  for (std::size_t i = 0; i < trials_.count(); ++i) {
    auto& trial = trials_[i];
    if (trial.phase != Phase::Explicit) continue;
    if (!(largest_[i] > 0.0)) engine::fail("gradient_flow: max_step returned {}, expected a step > 0", largest_[i]);
    trial.limited = trial.h >= largest_[i] ? trial.limited + 1 : 0;
    trial.h = std::min(trial.h, largest_[i]);
    steps_[i] = trials_.step_of(i);
  }
}

template <std::size_t Stage>
void DormandPrince::stage() {
  const auto& weights = std::get<Stage - 1>(tableau);
  for (std::size_t i = 0; i < trials_.count(); ++i) {
    if (trials_[i].phase != Phase::Explicit) continue;
    std::array<const double*, Stage> slopes;
    for (std::size_t k = 0; k < Stage; ++k) slopes[k] = slope(k, i);
    combine(next_.data() + i * trials_.size(), trials_.state(i), steps_[i], weights, slopes, trials_.size());
  }
  system_.evaluate(next_, trials_.states, slopes_[Stage], losses_);
}

void DormandPrince::finish_step(std::size_t i) {
  const double h = steps_[i];
  const double* next = next_.data() + i * trials_.size();
  std::array<const double*, stages> slopes;
  for (std::size_t k = 0; k < stages; ++k) slopes[k] = slope(k, i);
  combine(error_.data(), nullptr, h, error_weights, slopes, trials_.size());
  const double error = trials_.error_norm(i, error_.data(), next);
  const bool moved = trials_.finish_step(i, h, error, order, next, slope(6, i), losses_[i],
                                         [&](double theta, double* row) { interpolate(i, theta, row); });
  auto& trial = trials_[i];
  if (moved && trial.phase == Phase::Explicit && trial.limited >= patience_) trial.phase = Phase::Stiff;
}

// The quintic that meets the values and slopes of both ends.
void DormandPrince::interpolate(std::size_t i, double theta, double* row) const {
  const double h = steps_[i], rest = 1.0 - theta;
  const double *from = trials_.state(i), *to = next_.data() + i * trials_.size();
  std::array<const double*, stages> slopes;
  for (std::size_t k = 0; k < stages; ++k) slopes[k] = slope(k, i);
  combine(row, nullptr, h, bend_weights, slopes, trials_.size());
  for (std::size_t j = 0; j < trials_.size(); ++j) {
    const double change = to[j] - from[j], start = h * slopes[0][j] - change, end = change - h * slopes[6][j] - start;
    row[j] = from[j] + theta * (change + rest * (start + theta * (end + rest * row[j])));
  }
}

}  // namespace sigmagrad::optim::detail
