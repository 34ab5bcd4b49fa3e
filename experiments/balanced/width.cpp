// SPDX-License-Identifier: BSD-3-Clause
// Is the tangent kernel of a wide network constant?
#include <algorithm>
#include <cmath>

#include <sigmagrad/experiments/balanced/two_layer.hpp>

namespace sigmagrad::experiments::balanced {
namespace {

constexpr std::int64_t n_i = 3, n_o = 2, samples = 12;
constexpr double lr = 0.3;

const Text activation{.name = "activation", .help = "of the hidden layer", .quick = {"linear", "relu"}};
const Int width{.name = "width",
                .help = "hidden units",
                .label = "hidden units",
                .quick = {16, 64, 256, 1024},
                .paper = {16, 64, 256, 1024, 4096},
                .minimum = 1,
                .maximum = 65536};
const Int steps{.name = "steps", .help = "of full-batch gradient descent", .quick = {300}, .minimum = 1};

const Quantity kernel_change{.name = "kernel_change", .label = "relative change of the kernel"};
const Quantity from_linear{.name = "from_linear", .label = "largest distance from the linearised training / ||Y||"};
const Quantity loss_left{.name = "loss_left", .label = "loss at the end / at the start"};

// y = W2 phi(W1 x / sqrt(n_i)) / sqrt(n_h) with weights of variance 1: the scale at which wide networks have a kernel.
class WideNetwork : public nn::Module {
 public:
  WideNetwork(std::int64_t n_h, bool linear, Generator& generator)
      : W1(register_parameter("W1", randn({n_h, n_i}, generator))),
        W2(register_parameter("W2", randn({n_o, n_h}, generator))),
        linear_(linear),
        scale_(1.0 / std::sqrt(static_cast<double>(n_h))) {}

  Tensor operator()(const Tensor& x) const {
    const auto h = matmul(x, W1.t()) / std::sqrt(static_cast<double>(n_i));
    return scale_ * matmul(linear_ ? h : relu(h), W2.t());
  }

  Tensor W1, W2;

 private:
  bool linear_;
  double scale_;
};

double length(const Tensor& x) { return std::sqrt(square(x).sum().item()); }

// Output by output, as the kernel counts: [n_o P].
Tensor stacked_outputs(const Tensor& y) { return y.t().reshape({y.numel()}); }

void trial(Trial& t) {
  const auto tasks = t.generator(), weights = t.generator(1);
  const auto task = random_task(n_i, n_o, samples, *tasks);
  const WideNetwork model(t[width], t[activation] == "linear", *weights);
  const auto kernel = ntk(model, task.X).detach(), outputs = stacked_outputs(task.Y);
  Descent descent(model, task, lr);
  const double at_start = descent.loss().item(), rate = lr / static_cast<double>(samples);
  const auto predicted = [&] {
    const NoGrad guard;
    return stacked_outputs(model(task.X));
  };
  Tensor linear = predicted();  // of the network with its first kernel
  double worst = 0.0;
  for (std::int64_t i = 0; i < t[steps]; ++i) {
    descent.run(1);
    linear = linear - rate * matmul(kernel, linear - outputs);
    worst = std::max(worst, length(predicted() - linear));
  }
  t.record(kernel_change, relative_distance(ntk(model, task.X), kernel).item());
  t.record(from_linear, worst / length(task.Y));
  t.record(loss_left, descent.loss().item() / at_start);
}

Condition falls(const Quantity& quantity) { return growth_exponent(median(quantity), width) < -0.4; }

const Register wide_networks{
    {.id = "balanced/width",
     .title = "The tangent kernel of wide networks",
     .question = "Is the tangent kernel of a wide network constant, and its training linear?",
     .observe =
         "Both fall as powers of the width: the kernel's change with exponents between -1/2 and -1, the distance "
         "from the linearised training as slowly as -0.35 with ReLU, whose units switch on and off.",
     .source = "paper 004, section 2.3.1",
     .parameters = {activation, width, steps},
     .trials = {.quick = 10, .paper = 50},
     .seconds = {.quick = 1, .paper = 4},
     .trial = trial,
     .figures = {figure("",
                        "Two layers of variance-1 weights, scaled by 1 / sqrt(width): relative change of the tangent "
                        "kernel over the training, and largest distance over time of the predictions from those that "
                        "the first kernel gives, relative to the outputs. Medians with quartiles.")
                     .panel("Change of the kernel", plot(width, kernel_change).by(activation).log_log())
                     .panel("Distance from the linearised training",
                            plot(width, from_linear).by(activation).log_log())},
     .claims = {
         {.claim = "The kernel of an infinitely wide network remains constant during training",
          .source = "paper 004, section 2.3.1",
          .says = "remains constant",
          .holds = falls(kernel_change),
          .in_shape = decreases(median(kernel_change), width),
          .why =
              "The exponent of the width. Weights move by 1 / sqrt(width) of themselves, and theory leaves the kernel "
              "between that and 1 / width; the limit of -0.4 is ours and leaves room for small widths."},
         {.claim = "This leads to a linearisation of the training",
          .source = "paper 004, section 2.3.1",
          .says = "a linearization",
          .holds = falls(from_linear),
          .in_shape = decreases(median(from_linear), width),
          .why = "Predictions against those of gradient descent with the kernel of the start, step by step."}}}};

}  // namespace
}  // namespace sigmagrad::experiments::balanced
