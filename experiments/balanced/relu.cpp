// SPDX-License-Identifier: BSD-3-Clause
// Do ReLU networks follow the exact solution of linear ones, the better the larger lambda is?
#include <algorithm>
#include <cmath>

#include <sigmagrad/experiments/balanced/comparison.hpp>
#include <sigmagrad/experiments/balanced/nonlinear_network.hpp>

namespace sigmagrad::experiments::balanced {
namespace {

constexpr int looks = 40;
constexpr double t_end = 10.0;  // in units of 1 / sqrt(lambda^2 + 4 s^2)

const Text activation{.name = "activation", .help = "of the hidden layer", .quick = {"linear", "relu"}};
const Real lambda{.name = "lambda",
                  .help = "W2'W2 - W1W1' = lambda I at the start",
                  .label = "\u03bb",
                  .quick = {-100.0, -10.0, 0.0, 1.0, 10.0, 100.0}};
const Int n{.name = "n", .help = "size of every layer", .quick = {5}, .minimum = 1, .maximum = 50};
const Real scale{
    .name = "scale", .help = "standard deviation behind the initial product", .quick = {0.1}, .minimum = 1e-9};
const Real step{.name = "step",
                .help = "of gradient descent, in units of 1 / sqrt(lambda^2 + 4 s^2)",
                .quick = {0.01},
                .minimum = 1e-6};

const Quantity error{.name = "error", .label = "prediction's distance from the exact linear one / outputs"};
const Quantity halved{.name = "halved", .label = "that from a linear network with twice the weights"};
const Quantity lambda_kept{.name = "lambda_kept", .label = "change of \u03bb* / max(1, |\u03bb|)"};
const Curve error_along{.name = "error_along", .label = "distance / outputs", .over = "time \u00b7 K / \u03c4"};

// White inputs and outputs of a linear teacher, which a linear network learns altogether.
Start start_of(const Trial& t) {
  const auto tasks = t.generator(), weights = t.generator(1);
  const auto X = theory::whiten(randn({8 * t[n], t[n]}, *tasks));
  const auto teacher = randn({t[n], t[n]}, *tasks) / std::sqrt(static_cast<double>(t[n]));
  return {make_task(X, matmul(X, teacher.t())),
          theory::lambda_balanced(t[lambda], {t[n], t[n], t[n]}, {.sigma = t[scale]}, *weights)};
}

// ||prediction - x W'|| / ||y||
double distance(const Tensor& prediction, const Task& task, const Tensor& W) {
  return linalg::norm(prediction - matmul(task.X, W.t())).item() / linalg::norm(task.Y).item();
}

void trial(Trial& t) {
  const auto [task, weights] = start_of(t);
  const double K = std::hypot(t[lambda], 2 * linalg::norm(task.Sigma, 2).item()), rate = t[step] / K;
  const TwoLayerNonlinear model({weights.W1.clone(), weights.W2.clone()}, t[activation]);
  const theory::BalancedDynamics flow(weights.W1, weights.W2, task.Sigma);
  Descent descent(model, task, rate);
  const auto stride = std::max<std::int64_t>(std::llround(t_end / t[step] / looks), 1);
  double sum = 0, sum_halved = 0;
  for (int i = 1; i <= looks; ++i) {
    descent.run(stride);
    const double scaled = static_cast<double>(i * stride) * t[step];
    const auto exact = flow.product({scaled / K}).select(0, 0);
    const NoGrad guard;
    const auto prediction = model(task.X);
    const double now = distance(prediction, task, exact);
    t.record(error_along, scaled, now);
    sum += now / looks;
    sum_halved += distance(prediction, task, 0.5 * exact) / looks;
  }
  const double kept = theory::balancedness(model.W1.detach(), model.W2.detach()).lambda.item();
  t.record(error, sum);
  t.record(halved, sum_halved);
  t.record(lambda_kept, std::abs(kept - t[lambda]) / std::max(1.0, std::abs(t[lambda])));
}

const Selection is_relu = activation == "relu", is_linear = activation == "linear";
const Selection rising = among(lambda, {1, 10, 100});

const Register relu_networks{
    {.id = "balanced/relu",
     .title = "ReLU networks beside the linear solution",
     .question = "Do ReLU networks follow the exact solution of linear ones, the better the larger \u03bb is?",
     .observe = "They do not: \u03bb* is kept, but the predictions stay off by about half of the outputs for any "
                "\u03bb, since half of the units are silent for each input.",
     .source = "paper 004, section 6.2",
     .parameters = {activation, lambda, n, scale, step},
     .trials = {.quick = 8, .paper = 100},
     .seconds = {.quick = 1, .paper = 2},
     .trial = trial,
     .figures = {figure("",
                        "A ReLU network and a linear one from the same balanced weights, on white inputs with the "
                        "outputs of a linear teacher: distance of the predictions from those of the exact linear "
                        "solution, relative to the outputs; mean over the training by \u03bb, and along it in units of "
                        "1 / K, K = sqrt(\u03bb\u00b2 + 4 s\u00b2). Medians with quartiles.")
                     .panel("Mean distance", plot(lambda, error).by(activation).categories().log_y())
                     .panel("Distance along the training, ReLU",
                            plot(error_along).at(is_relu&& lambda >= 0).by(lambda))},
     .claims = {
         {.claim = "The linear solution holds for ReLU networks with an error that decreases with \u03bb*",
          .source = "paper 004, section 6.2",
          .says = "decreasing with \u03bb*",
          .holds = decreases(median(error).at(is_relu && rising), lambda) &&
                   median(error).at(is_relu && lambda == 100) < 0.1,
          .in_shape = decreases(median(error).at(is_relu && rising), lambda),
          .why =
              Why("Mean over the training. To be a solution it is to be off by less than a tenth of the outputs, our "
                  "limit; gradient descent of the linear network is off by {:.1e} at most. Against half of the "
                  "linear solution, which is what half of the units give, ReLU is off by {:.2f} at \u03bb = 100.",
                  {largest(median(error).at(is_linear)), median(halved).at(is_relu&& lambda == 100)})},
         {.claim = "\u03bb* is a conserved quantity for ReLU networks",
          .source = "paper 004, section 6.2",
          .says = "a conserved quantity",
          .holds = median(lambda_kept).at(is_relu) < 0.05,
          .in_shape = median(lambda_kept).at(is_relu) < 0.5,
          .why = "To the order of the step; the limits are those of balanced/nonlinear."}}}};

}  // namespace
}  // namespace sigmagrad::experiments::balanced
