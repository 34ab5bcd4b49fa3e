// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <functional>
#include <iosfwd>
#include <limits>
#include <string_view>
#include <vector>

#include <sigmagrad/autograd/tensor/tensor.hpp>

// Gradient flow, dW/dt = -grad loss(W): gradient descent with steps so small that they do not matter.
//
//   sg::Tensor a = (0.01 * sg::randn({3, 3})).requires_grad_(), b = (0.01 * sg::randn({3, 3})).requires_grad_();
//   const auto flow = sg::optim::gradient_flow([&] { return 0.5 * sg::square(sg::matmul(b, a) - target).sum(); }, {a,
//   b},
//                                              {.rtol = 1e-9, .loss_below = 1e-12});
//   flow.reason[0] == sg::optim::FlowStop::Loss, flow.t.item(), flow.steps.item(); a and b hold the end
//
// Many trials at once: the loss is [T], one entry a trial, and every parameter has a leading axis T. Step size, error
// control and stops are the trial's own. One that has stopped stays exactly where it is while others go on, and its
// bits depend neither on the others nor on their number.
namespace sigmagrad::optim {

/// Explicit: Dormand and Prince's pair of orders 5 and 4. Stiff: a Rosenbrock method of orders 4 and 3 with the exact
/// Hessian, for which a step takes as many Hessian-vector products as a trial has parameters, and an inverse. Auto:
/// explicit until stability has limited the steps for a while, then stiff where a trial has at most 150 parameters: a
/// loss that falls by a power law in the end, or along directions of very different curvature, is reached in some 100
/// steps instead of 10 000.
enum class FlowMethod { Auto, Explicit, Stiff };

/// Why a trial stopped: t_end, loss_below, grad_norm_below or max_steps was reached; or the steps that the error allows
/// have become too small to add to t, in the latter case because the loss, its gradient or (stiff) its Hessian is not
/// finite there or beyond.
enum class FlowStop { Time, Loss, GradientNorm, Steps, StepTooSmall, NonFinite };
std::string_view name_of(FlowStop reason);
std::ostream& operator<<(std::ostream& out, FlowStop reason);

struct GradientFlowOptions {
  double t_end = std::numeric_limits<double>::infinity();
  /// A step's error, the root of the mean square over a trial's parameters, is at most atol + rtol * their largest
  /// size. An entry below that is noise to the error control. Where much grows from it, as by a saddle, and when or
  /// where to matters, choose rtol below its share of the largest.
  double rtol = 1e-7;
  double atol = 0.0;
  double loss_below = -std::numeric_limits<double>::infinity();  // sensible from about (10 rtol)^2 on
  double grad_norm_below = 0.0;                                  // Euclidean, over a trial's parameters
  std::int64_t max_steps = 1'000'000;                            // tried, of each trial
  double initial_step = 0.0;                                     // 0: from the first derivatives
  /// The largest stable explicit step at the present parameters, a scalar or [T], such as `factorization_max_step`.
  /// Without it 2 / |lambda| with the Hessian's largest eigenvalue in size, from Hessian-vector products. At the limit
  /// of stability the error control would keep noise of size rtol alive, and a loss of rtol^2 would not fall further.
  /// Captured like the loss: what it takes from variables of the host is read once.
  std::function<Tensor()> max_step{};
  /// Times, ascending within [0, t_end], at which `callback(time, trial)` is called while the trial's part of the
  /// parameters holds the interpolated state (of order 4, by the stiff method 3; the other parts are wherever their
  /// own steps have led). Times after a trial's end are left out.
  std::vector<double> at{};
  std::function<void(double time, std::int64_t trial)> callback{};
  FlowMethod method = FlowMethod::Auto;
};

/// Tensors have the loss's shape, [] or [T]; `reason` has one entry a trial.
struct GradientFlow {
  Tensor t, loss, grad_norm;  // at the end
  Tensor steps, rejected;     // tried, and of those repeated with a smaller step
  Tensor stiff_steps;         // of `steps`, by the stiff method
  std::vector<FlowStop> reason;
  std::int64_t evaluations;  // of the loss and its gradient, each for all trials; Hessians are not counted
};

/// Follows the flow and leaves its end in the parameters: f64 leaves that require grad, whose grad() is not touched.
/// `loss` must be a function of them alone. It is captured as by `capture` and replayed; one that reads values on the
/// host runs anew each time. Error, with the parameters as they were, for options, parameters or a loss that do not fit
/// and for a start where loss or gradient is not finite. An Error or exception from `loss`, `max_step` or `callback`
/// afterwards leaves each trial at its last accepted step.
GradientFlow gradient_flow(const std::function<Tensor()>& loss, const std::vector<Tensor>& parameters,
                           const GradientFlowOptions& options = {});

/// 2 / (L ||P||_F^(2 - 2/L)) for the product P = W_L ... W_1 of factors {W_1, ..., W_L}, [..., m, n]: the largest
/// stable step for half a sum of squared entries of P - Y where the factors are balanced. [...], infinite at P = 0.
Tensor factorization_max_step(const std::vector<Tensor>& factors);

}  // namespace sigmagrad::optim
