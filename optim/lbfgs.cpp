// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/optim/lbfgs.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

#include <sigmagrad/autograd/capture/capturing.hpp>
#include <sigmagrad/autograd/operations/elementwise.hpp>
#include <sigmagrad/autograd/tensor/fail.hpp>
#include <sigmagrad/optim/detail/flat.hpp>
#include <sigmagrad/optim/detail/strong_wolfe.hpp>

namespace sigmagrad::optim {
namespace {

LBFGSOptions checked(const LBFGSOptions& o) {
  if (!(o.lr >= 0.0)) engine::fail("LBFGS: lr must be >= 0 (got {})", o.lr);
  if (o.max_iter < 1) engine::fail("LBFGS: max_iter must be >= 1 (got {})", o.max_iter);
  if (o.max_eval && *o.max_eval < 1) engine::fail("LBFGS: max_eval must be >= 1 (got {})", *o.max_eval);
  if (o.history_size < 1) engine::fail("LBFGS: history_size must be >= 1 (got {})", o.history_size);
  if (!(o.tolerance_grad >= 0.0)) engine::fail("LBFGS: tolerance_grad must be >= 0 (got {})", o.tolerance_grad);
  if (!(o.tolerance_change >= 0.0)) engine::fail("LBFGS: tolerance_change must be >= 0 (got {})", o.tolerance_change);
  if (o.line_search != "none" && o.line_search != "strong_wolfe")
    engine::fail("LBFGS: line_search must be \"none\" or \"strong_wolfe\" (got \"{}\")", o.line_search);
  return o;
}

// Pairs whose change' step is smaller tell too little of the curvature.
constexpr double least_curvature = 1e-10;

void check_finite(double loss, const Tensor& gradient) {
  if (!std::isfinite(loss) || !std::isfinite(largest_entry(gradient)))
    engine::fail("LBFGS: the loss ({}) or the gradient is not finite, expected finite ones", loss);
}

}  // namespace

LBFGS::LBFGS(std::vector<Tensor> params, Options options)
    : Optimizer(std::move(params), checked(options).lr), options_(std::move(options)) {
  for (const auto& parameter : groups()[0].params())
    if (parameter.dtype() != groups()[0].params().front().dtype())
      engine::fail("LBFGS: parameters must have one dtype (got f64 and f32)");
}

void LBFGS::check(std::size_t, const Tensor&, const Tensor&, State&, const Group&) {
  engine::fail("LBFGS: step needs a closure that computes the loss and its gradient");
}
void LBFGS::update(Tensor&, const Tensor&, State&, const Group&) {}

Tensor LBFGS::step(const std::function<Tensor()>& closure) {
  engine::refuse_in_capture("LBFGS::step", "call it eagerly: it looks at values");
  const NoGrad guard;
  run_checks();
  const auto& params = groups()[0].params();
  const Tensor start = flat_values(params);
  const Memory before = memory_;
  Tensor loss;
  try {
    loss = minimise(closure);
  } catch (...) {
    set_values(params, start);
    memory_ = before;
    throw;
  }
  run_hooks();
  return loss;
}

LBFGS::Evaluation LBFGS::evaluate(const std::function<Tensor()>& closure) {
  ++memory_.evaluations;
  const GradMode recording(true);
  Tensor result = closure();
  const double loss = result.item();
  const NoGrad guard;
  return {std::move(result), loss, flat_gradient(groups()[0].params())};
}

Tensor LBFGS::minimise(const std::function<Tensor()>& closure) {
  const std::int64_t budget = options_.max_eval ? *options_.max_eval : std::int64_t{options_.max_iter} * 5 / 4;
  const std::int64_t last_evaluation = memory_.evaluations + budget;
  Evaluation now = evaluate(closure);
  const Tensor first = now.result;
  check_finite(now.loss, now.gradient);
  if (largest_entry(now.gradient) <= options_.tolerance_grad) return first;
  for (int i = 1; i <= options_.max_iter; ++i) {
    ++memory_.iterations;
    if (memory_.iterations > 1) remember(now.gradient);
    memory_.direction = direction(now.gradient);
    memory_.gradient = now.gradient;
    const double lr = groups()[0].lr(), before = now.loss;
    memory_.t = memory_.iterations == 1 ? std::min(1.0, 1.0 / sum_of_sizes(now.gradient)) * lr : lr;
    const double slope = dot(now.gradient, memory_.direction);
    if (slope > -options_.tolerance_change) break;
    move(closure, now, slope, static_cast<int>(last_evaluation - memory_.evaluations), i == options_.max_iter);
    check_finite(now.loss, now.gradient);
    if (memory_.evaluations >= last_evaluation || largest_entry(now.gradient) <= options_.tolerance_grad ||
        largest_entry(memory_.t * memory_.direction) <= options_.tolerance_change ||
        std::abs(now.loss - before) < options_.tolerance_change)
      break;
  }
  return first;
}

// The pair of the last iteration joins the history.
void LBFGS::remember(const Tensor& gradient) {
  Memory& m = memory_;
  const Tensor change = gradient - m.gradient, taken = m.t * m.direction;
  const double curvature = dot(change, taken);
  if (!(curvature > least_curvature)) return;
  if (m.changes.size() == static_cast<std::size_t>(options_.history_size)) {
    m.changes.erase(m.changes.begin());
    m.steps.erase(m.steps.begin());
    m.curvatures.erase(m.curvatures.begin());
  }
  m.changes.push_back(change);
  m.steps.push_back(taken);
  m.curvatures.push_back(1.0 / curvature);
  m.diagonal = curvature / dot(change, change);
}

// The inverse Hessian of the history times -gradient, by the two loops.
Tensor LBFGS::direction(const Tensor& gradient) const {
  const Memory& m = memory_;
  const std::size_t pairs = m.changes.size();
  std::vector<double> along(pairs);
  Tensor d = -gradient;
  for (std::size_t i = pairs; i-- > 0;) {
    along[i] = dot(m.steps[i], d) * m.curvatures[i];
    d.sub_(along[i] * m.changes[i]);
  }
  d.mul_(m.diagonal);
  for (std::size_t i = 0; i < pairs; ++i) d.add_((along[i] - dot(m.changes[i], d) * m.curvatures[i]) * m.steps[i]);
  return d;
}

// Goes along the direction. Without a line search the last iteration of a step does not evaluate where it ends.
void LBFGS::move(const std::function<Tensor()>& closure, Evaluation& now, double slope, int evaluations_left,
                 bool last) {
  const auto& params = groups()[0].params();
  const Tensor start = flat_values(params);
  const auto go_to = [&](double t) { set_values(params, start + t * memory_.direction); };
  if (options_.line_search == "none") {
    go_to(memory_.t);
    if (!last) now = evaluate(closure);
    return;
  }
  const auto point = [&](double t) {
    go_to(t);
    const Evaluation there = evaluate(closure);
    const double loss = std::isnan(there.loss) ? std::numeric_limits<double>::infinity() : there.loss;
    return LinePoint{t, loss, dot(there.gradient, memory_.direction), there.gradient};
  };
  const LinePoint end = strong_wolfe({.evaluate = point,
                                      .start = {0.0, now.loss, slope, now.gradient},
                                      .first_t = memory_.t,
                                      .longest = largest_entry(memory_.direction),
                                      .tolerance = options_.tolerance_change,
                                      .iterations = evaluations_left});
  memory_.t = end.t;
  go_to(end.t);
  now.loss = end.loss;
  now.gradient = end.gradient;
}

}  // namespace sigmagrad::optim
