// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/optim/gradient_flow.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <ostream>

#include <sigmagrad/autograd/capture/capturing.hpp>
#include <sigmagrad/autograd/operations/elementwise.hpp>
#include <sigmagrad/autograd/operations/matmul.hpp>
#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/autograd/tensor/fail.hpp>
#include <sigmagrad/linalg/norms.hpp>
#include <sigmagrad/optim/detail/dormand_prince.hpp>
#include <sigmagrad/optim/detail/rosenbrock.hpp>

namespace sigmagrad::optim {
namespace {

using detail::DormandPrince;
using detail::FlowSystem;
using detail::FlowTrials;
using detail::Rosenbrock;

// Above, a Hessian costs more than the explicit steps that it saves.
constexpr std::size_t largest_for_auto = 150;

void check_times(const GradientFlowOptions& o) {
  for (std::size_t i = 0; i < o.at.size(); ++i) {
    if (!(o.at[i] >= 0.0 && o.at[i] <= o.t_end && std::isfinite(o.at[i])))
      engine::fail("gradient_flow: at[{}] must be in [0, t_end] (got {} and t_end {})", i, o.at[i], o.t_end);
    if (i > 0 && o.at[i] < o.at[i - 1])
      engine::fail("gradient_flow: at must be ascending (got {} before {})", o.at[i - 1], o.at[i]);
  }
  if (!o.at.empty() && !o.callback)
    engine::fail("gradient_flow: at has {} times, but there is no callback", o.at.size());
  if (o.at.empty() && o.callback) engine::fail("gradient_flow: there is a callback, but at has no times for it");
}

void check(const GradientFlowOptions& o) {
  if (!(o.t_end > 0.0)) engine::fail("gradient_flow: t_end must be > 0 (got {})", o.t_end);
  if (!(o.rtol >= 0.0 && std::isfinite(o.rtol))) engine::fail("gradient_flow: rtol must be >= 0 (got {})", o.rtol);
  if (!(o.atol >= 0.0 && std::isfinite(o.atol))) engine::fail("gradient_flow: atol must be >= 0 (got {})", o.atol);
  if (o.rtol == 0.0 && o.atol == 0.0) engine::fail("gradient_flow: rtol or atol must be > 0");
  if (std::isnan(o.loss_below)) engine::fail("gradient_flow: loss_below must be a number (got {})", o.loss_below);
  if (!(o.grad_norm_below >= 0.0))
    engine::fail("gradient_flow: grad_norm_below must be >= 0 (got {})", o.grad_norm_below);
  if (o.max_steps < 1) engine::fail("gradient_flow: max_steps must be >= 1 (got {})", o.max_steps);
  if (!(o.initial_step >= 0.0 && std::isfinite(o.initial_step)))
    engine::fail("gradient_flow: initial_step must be >= 0 (got {})", o.initial_step);
  check_times(o);
}

// Leaves every trial at its last accepted step, whatever ends the run.
struct LeaveInParameters {
  const FlowSystem& system;
  const FlowTrials& trials;
  ~LeaveInParameters() { system.write(trials.states); }
};

// About as many steps as cost what a stiff step costs: never much worse than the better of the two methods.
int patience(FlowMethod method, std::size_t size) {
  if (method == FlowMethod::Explicit || size > largest_for_auto) return std::numeric_limits<int>::max();
  return 20 + static_cast<int>(size * size / 200);
}

template <class F>
Tensor gathered(FlowTrials& trials, const Shape& shape, F f) {
  std::vector<double> values;
  for (std::size_t i = 0; i < trials.count(); ++i) values.push_back(static_cast<double>(f(trials[i])));
  return tensor(values, shape);
}

GradientFlow summary(FlowTrials& trials, const FlowSystem& system) {
  using Trial = FlowTrials::Trial;
  const auto all = [&](auto f) { return gathered(trials, system.shape(), f); };
  GradientFlow flow{all([](const Trial& trial) { return trial.t; }),
                    all([](const Trial& trial) { return trial.loss; }),
                    all([](const Trial& trial) { return trial.grad_norm; }),
                    all([](const Trial& trial) { return trial.steps; }),
                    all([](const Trial& trial) { return trial.rejected; }),
                    all([](const Trial& trial) { return trial.stiff_steps; }),
                    {},
                    system.evaluations()};
  for (std::size_t i = 0; i < trials.count(); ++i) flow.reason.push_back(trials[i].reason);
  return flow;
}

}  // namespace

std::string_view name_of(FlowStop reason) {
  constexpr std::array<std::string_view, 6> names{"time",  "loss",           "gradient norm",
                                                  "steps", "step too small", "non-finite"};
  return names.at(static_cast<std::size_t>(reason));
}

std::ostream& operator<<(std::ostream& out, FlowStop reason) { return out << name_of(reason); }

GradientFlow gradient_flow(const std::function<Tensor()>& loss, const std::vector<Tensor>& parameters,
                           const GradientFlowOptions& options) {
  engine::refuse_in_capture("gradient_flow", "the number of steps depends on values");
  check(options);
  FlowSystem system(loss, parameters, options.max_step);
  FlowTrials trials(system, options);
  {
    const LeaveInParameters guard{system, trials};
    trials.choose_first_steps(options.method == FlowMethod::Stiff ? Rosenbrock::order : DormandPrince::order);
    if (trials.any(FlowTrials::Phase::Explicit))
      DormandPrince(system, trials, patience(options.method, system.size())).run();
    if (trials.any(FlowTrials::Phase::Stiff)) Rosenbrock(system, trials).run();
  }
  return summary(trials, system);
}

Tensor factorization_max_step(const std::vector<Tensor>& factors) {
  if (factors.empty()) engine::fail("factorization_max_step: needs at least one factor");
  Tensor product = factors.front();
  for (std::size_t l = 1; l < factors.size(); ++l) product = matmul(factors[l], product);
  const auto depth = static_cast<double>(factors.size());
  return (2.0 / depth) / pow(linalg::norm(product), 2.0 - 2.0 / depth);
}

}  // namespace sigmagrad::optim
