// SPDX-License-Identifier: BSD-3-Clause
// What has a deep network with a large lambda in common with one that has no hidden layer?
#include <algorithm>
#include <cmath>

#include <sigmagrad/experiments/balanced/comparison.hpp>
#include <sigmagrad/experiments/balanced/two_layer.hpp>

namespace sigmagrad::experiments::balanced {
namespace {

constexpr std::int64_t samples = 12;
constexpr double t_end = 12.0;  // in units of the network's own time: tau, or tau / |lambda|

const Text network{.name = "network",
                   .help = "shallow by gradient descent, or deep by the exact solution in the time |lambda| t",
                   .quick = {"shallow", "deep"}};
const Real lambda{.name = "lambda",
                  .help = "of the deep network; 0 for the shallow one, which has none",
                  .label = "\u03bb",
                  .quick = {-100.0, 0.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1000.0}};
const Real scale{.name = "scale",
                 .help = "standard deviation of the two Gaussian matrices whose product is the start",
                 .quick = {0.01, 1.0},
                 .minimum = 1e-9};
const Int n{.name = "n", .help = "size of every layer", .quick = {4}, .minimum = 2, .maximum = 50};
const Real lr{.name = "lr", .help = "step of gradient descent", .quick = {0.01, 0.001}, .minimum = 1e-6};

const Quantity from_exact{.name = "from_exact",
                          .label = "largest distance from \u03a3 + (W0 - \u03a3) exp(-t) / |W0 - \u03a3|"};
const Quantity kernel_change{.name = "kernel_change", .label = "relative change of the kernel"};
const Quantity squared{.name = "squared", .label = "distance of W'W at the end from V s\u00b2 V'"};
const Quantity printed_form{.name = "printed_form", .label = "distance of W'W at the end from V s V'"};
const Quantity overlap_when_learning{.name = "overlap_when_learning",
                                     .label = "overlap of the first singular vectors when 10% of the loss is gone"};
const Quantity cosine{.name = "cosine", .label = "smallest cosine of the weak representation and the shallow one"};
const Quantity copy_error{.name = "copy_error", .label = "largest distance of |\u03bb| weak from the shallow one"};
const Quantity limit_error{.name = "limit_error", .label = "distance of |\u03bb| weak at the end from its limit"};
const Curve overlap{.name = "overlap", .label = "overlap of the first singular vectors", .over = "time / \u03c4"};
const Curve loss_left{.name = "loss_left", .label = "loss left", .over = "time / \u03c4"};

// y = W x.
class OneLayer : public nn::Module {
 public:
  explicit OneLayer(const Tensor& start) : W(register_parameter("W", start.clone())) {}
  Tensor operator()(const Tensor& x) const { return matmul(x, W.t()); }
  Tensor W;
};

struct Problem {
  Task task;
  Tensor W0;
};
Problem problem_of(const Trial& t) {
  const auto tasks = t.generator(), weights = t.generator(1);
  const auto task = random_task(t[n], t[n], samples, *tasks);
  const auto lower = t[scale] * randn({t[n], t[n]}, *weights), upper = t[scale] * randn({t[n], t[n]}, *weights);
  return {task, matmul(upper, lower)};
}

double first_overlap(const Tensor& W, const Tensor& Sigma) {
  const auto a = linalg::svd(W), b = linalg::svd(Sigma);
  const auto first = [](const Tensor& left, const Tensor& right) { return std::abs((left * right).sum().item()); };
  return (first(a.U.select(1, 0), b.U.select(1, 0)) + first(a.Vt.select(0, 0), b.Vt.select(0, 0))) / 2;
}

void shallow(Trial& t) {
  const auto [task, W0] = problem_of(t);
  const OneLayer model(W0);
  const auto before = ntk(model, task.X);
  Descent descent(model, task, t[lr]);
  const double size = linalg::norm(W0 - task.Sigma).item(), at_start = theory::task_loss(W0, task.Sigma).item();
  double worst = 0.0, when_learning = 0.0;
  std::int64_t done = 0;
  for (const auto mark : geometric_steps(1, std::llround(t_end / t[lr]), 60)) {
    descent.run(mark - done);
    done = mark;
    const double time = static_cast<double>(mark) * t[lr];
    const auto W = model.W.detach();
    worst = std::max(worst, linalg::norm(W - theory::shallow_dynamics(W0, task.Sigma, time)).item() / size);
    const double left = theory::task_loss(W, task.Sigma).item() / at_start, aligned = first_overlap(W, task.Sigma);
    t.record(overlap, time, aligned);
    t.record(loss_left, time, left);
    if (when_learning == 0 && left < 0.9) when_learning = aligned;
  }
  const auto [U, S, Vt] = linalg::svd(task.Sigma);
  const auto gram = matmul(model.W.detach().t(), model.W.detach());
  t.record(from_exact, worst);
  t.record(kernel_change, relative_distance(ntk(model, task.X), before).item());
  t.record(squared, relative_distance(gram, matmul(Vt.t() * square(S), Vt)).item());
  t.record(printed_form, relative_distance(gram, matmul(Vt.t() * S, Vt)).item());
  t.record(overlap_when_learning, when_learning);
}

void deep(Trial& t) {
  const auto [task, W0] = problem_of(t);
  const auto generator = t.generator(2);
  const double size = std::abs(t[lambda]);
  const auto weights = theory::balanced_factors(W0, t[n], t[lambda], *generator);
  const theory::BalancedDynamics flow(weights.W1, weights.W2, task.Sigma);
  std::vector<double> times;
  for (int i = 0; i <= 60; ++i) times.push_back(t_end * i / 60 / size);
  const bool weak_input = t[lambda] > 0;
  const auto weak = size * (weak_input ? flow.input_gram(times) : flow.output_gram(times));
  const auto gram = [&](const Tensor& W) { return weak_input ? matmul(W.t(), W) : matmul(W, W.t()); };
  const auto limit = gram(task.Sigma);
  double worst = 0.0, least = 1.0;
  for (std::size_t i = 0; i < times.size(); ++i) {
    const auto now = weak.select(0, static_cast<std::int64_t>(i));
    const auto one = gram(theory::shallow_dynamics(W0, task.Sigma, size * times[i]));
    worst = std::max(worst, linalg::norm(now - one).item() / linalg::norm(limit).item());
    least = std::min(least, theory::cosine_similarity(now, one).item());
  }
  t.record(cosine, least);
  t.record(copy_error, worst);
  t.record(limit_error,
           relative_distance(
               size * (weak_input ? flow.input_gram({1e3 / size}) : flow.output_gram({1e3 / size})).select(0, 0), limit)
               .item());
}

void trial(Trial& t) { t[network] == "shallow" ? shallow(t) : deep(t); }

bool valid(const Params& p) {
  return p[network] == "shallow" ? p[lambda] == 0 : p[lambda] != 0 && p[scale] >= 1 && p[lr] >= 0.01;
}

const Selection is_shallow = network == "shallow" && lambda == 0, is_deep = network == "deep";
const Selection along = is_deep && among(lambda, {10, 100, 1000});

// The largest of exp(-x) - exp(-c x): after x / lr steps gradient descent has (1 - lr)^(x / lr) of its way left.
double error_of_steps(const Params& p) {
  const double c = -std::log1p(-p[lr]) / p[lr], x = std::log(c) / (c - 1);
  return std::exp(-x) - std::exp(-c * x);
}
const Statistic euler = expected("the error of the steps", error_of_steps).at(is_shallow && any(lr));
const Statistic when = median(overlap_when_learning).at(is_shallow);

const Register shallow_networks{
    {.id = "balanced/shallow",
     .title = "Networks without a hidden layer, and deep ones that resemble them",
     .question = "What has a deep network with a large \u03bb in common with one that has no hidden layer?",
     .observe = "The shallow network follows its exponential, its kernel is constant. For large |\u03bb| the weak "
                "representation is its W'W over |\u03bb|, with an error that falls as 1/\u03bb\u00b2. From small "
                "weights a shallow network aligns before it learns, too.",
     .source = "paper 004, theorems 2.2.3, 4.1.2, 4.2.1 and 4.2.2",
     .parameters = {network, lambda, scale, n, lr},
     .printed_at = scale == 1.0 && lr == 0.01,
     .trials = {.quick = 10, .paper = 100},
     .seconds = {.quick = 1, .paper = 1},
     .valid = valid,
     .valid_rule = "the shallow network has lambda = 0, the deep one another, scale 1 and lr 0.01",
     .trial = trial,
     .figures =
         {figure("",
                 "Left: the weak representation of a deep network, times |\u03bb|, against the shallow "
                 "network's at the time |\u03bb| t, largest distance over time and distance of its end from V "
                 "s\u00b2 V', relative to that. Right: the shallow network's first singular vectors against the "
                 "target's, and its loss relative to the start's, by the scale of the start.")
              .panel("Distance from the shallow representation",
                     plot(lambda, {copy_error, limit_error}).at(is_deep&& lambda > 0).log_log())
              .panel("Overlap in the shallow network",
                     plot(overlap).at(is_shallow&& lr == 0.01 && any(scale)).by(scale).log_x())
              .panel("Loss of the shallow network",
                     plot(loss_left).at(is_shallow&& lr == 0.01 && scale == 1.0).called("from either scale").log_x())},
     .claims = {
         {.claim = "A shallow network is W(t) = \u03a3 + (W(0) - \u03a3) exp(-t / \u03c4)",
          .source = "paper 004, theorems 2.2.3 and 4.2.2",
          .says = "equation 4.21",
          .holds = largest(from_exact).at(is_shallow && any(lr)) <= euler,
          .in_shape = median(from_exact).at(is_shallow && any(lr)) < 0.01,
          .why = "That is the flow; steps of lr leave (1 - lr)^k of the way to the target in place of exp(-k lr). The "
                 "difference is at most about lr / (2 e), and no trial of gradient descent may be off by more. In "
                 "shape to 1%, the limit of balanced/aligned."},
         {.claim = "At convergence a shallow network has W'W = V S V'",
          .source = "paper 004, theorem 4.2.1",
          .says = "equation 4.20",
          .holds = median(printed_form).at(is_shallow) < 0.01,
          .in_shape = median(squared).at(is_shallow) < 0.01,
          .why = "It is V S\u00b2 V', as W = U S V' gives; the singular vectors are the target's."},
         {.claim = "A shallow network's kernel changes, so that it learns in the rich regime",
          .source = "paper 004, section 4.2",
          .says = "will change",
          .holds = median(kernel_change).at(is_shallow) > 1e-6,
          .why = "It is I (x) X'X, whatever W is."},
         {.claim = "A shallow network has no phase in which it aligns before it learns",
          .source = "paper 004, section 4.2",
          .says = "no alignment phase",
          .holds = when.at(any(scale)) < 0.95,
          .in_shape = when.at(scale == 1.0) < 0.95,
          .why = "From weights that are not small vectors and values are learned together. From small ones the sum is "
                 "nearly a multiple of the target before a tenth of the loss is gone. The limit is that of the claim "
                 "on deep networks in balanced/unaligned."},
         {.claim = "For large |\u03bb| the weak representation is a scaled copy of the shallow network's",
          .source = "paper 004, section 4.2",
          .says = "a scaled version",
          .holds = growth_exponent(median(copy_error).at(along), lambda) < -0.9 &&
                   median(cosine).at(is_deep && lambda == 1000) > 0.999,
          .in_shape = decreases(median(copy_error).at(along), lambda),
          .why =
              Why("At every time, with the factor |\u03bb|: off by {:.1e} at \u03bb = 1000; of W2W2' and WW' at -100 "
                  "by {:.1e}.",
                  {median(copy_error).at(is_deep && lambda == 1000), median(copy_error).at(is_deep&& lambda == -100)})},
         {.claim = "As \u03bb grows W1'W1 converges to V S\u00b2 V' / \u03bb",
          .source = "paper 004, theorem 4.1.2 (2)",
          .says = "as \u03bb \u2192 \u221e",
          .holds = within(growth_exponent(median(limit_error).at(along), lambda), -2.1, -1.9),
          .in_shape = decreases(median(limit_error).at(along), lambda),
          .why = "Its next term is -S\u2074 / \u03bb\u00b3, so that the relative distance falls as 1/\u03bb\u00b2."}}}};

}  // namespace
}  // namespace sigmagrad::experiments::balanced
