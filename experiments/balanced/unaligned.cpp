// SPDX-License-Identifier: BSD-3-Clause
// Does gradient descent from balanced weights in general position follow the exact solution?
#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include <sigmagrad/experiments/balanced/comparison.hpp>
#include <sigmagrad/experiments/balanced/two_layer.hpp>

namespace sigmagrad::experiments::balanced {
namespace {

constexpr int checkpoints = 30;
constexpr int times_drawn = 40;

const Text study{.name = "study",
                 .help = "gradient descent beside the exact solution, or that alone",
                 .quick = {"descent", "exact"}};
const Real lambda{.name = "lambda",
                  .help = "W2'W2 - W1W1' = lambda I",
                  .label = "\u03bb",
                  .quick = {-50.0, 0.0, 0.01, 1.0, 10.0, 50.0, 100.0, 1000.0}};
const Real scale{
    .name = "scale", .help = "standard deviation behind the initial product", .quick = {0.01, 1.0}, .minimum = 1e-9};
const Int n{.name = "n", .help = "size of every layer", .quick = {3}, .minimum = 2, .maximum = 50};
const Int samples{.name = "samples", .help = "inputs, whitened", .quick = {10}, .minimum = 2};
const Real lr{.name = "lr", .help = "step of full-batch gradient descent", .quick = {2e-4}, .minimum = 1e-9};
const Int steps{.name = "steps", .help = "steps of gradient descent", .quick = {50000}, .minimum = 100};

// One of the matrices that are compared.
struct Part {
  Quantity deviation;  // the largest relative distance from the solution over time
  Quantity change;     // the relative distance at the end from the start
  CurvePair curves;    // the relative distance from the start
};
Part part(const std::string& name, const std::string& label) {
  return {.deviation = {.name = name + "_deviation", .label = "largest relative deviation of the " + label},
          .change = {.name = name + "_change", .label = "relative change of the " + label},
          .curves = curve_pair(name + "_change", "change of the " + label)};
}
const Part product = part("product", "product"), input = part("input", "input representation W1'W1"),
           output = part("output", "output representation W2W2'"), kernel = part("kernel", "kernel");
const Quantity loss_deviation{.name = "loss_deviation", .label = "largest relative deviation of the loss"};
const Quantity input_norm{.name = "input_norm", .label = "norm of W1'W1"};
const Quantity output_norm{.name = "output_norm", .label = "norm of W2W2'"};
const CurvePair loss = curve_pair("loss", "loss");

const std::string scaled_time = "time \u00b7 K / \u03c4";
const Curve first_overlap{.name = "alignment", .label = "overlap", .over = scaled_time};
const Curve all_overlap{.name = "all_alignment", .label = "overlap of all singular vectors", .over = scaled_time};
const Curve loss_left{.name = "loss_left", .label = "loss left", .over = scaled_time};
const Quantity from_shallow{.name = "from_shallow", .label = "largest |W - W shallow| / |\u03a3|"};
const Quantity saddle{.name = "saddle", .label = "singularity of B (0 or 1)"};
const Quantity overlap_when_learning{.name = "alignment_when_learning",
                                     .label = "overlap of the first singular vectors when 10% of the loss is gone"};
const Quantity log_condition{.name = "log10_cond_B", .label = "log10 of the condition number of B"};
const Quantity theorem_deviation{.name = "theorem_deviation",
                                 .label = "largest distance between theorem and Riccati solution"};

Start start_of(const Trial& t) {
  const auto tasks = t.generator(), weights = t.generator(1);
  return {random_task(t[n], t[n], t[samples], *tasks),
          theory::lambda_balanced(t[lambda], {t[n], t[n], t[n]}, {.sigma = t[scale]}, *weights)};
}

// Product W2 W1, input W1' W1, output W2 W2', and the tangent kernel, which the network takes from its Jacobian and
// the solution from the closed form.
using Parts = std::array<Tensor, 4>;
const std::array<Part, 4> parts = {product, input, output, kernel};

class Descended {
 public:
  explicit Descended(Trial& t)
      : start(start_of(t)),
        flow_(start.weights.W1, start.weights.W2, start.task.Sigma),
        constant_(start.task.irreducible_loss().item()),
        first_(measured(start.weights)),
        comparison_(t) {}

  void look(double time, const theory::TwoLayerWeights& weights, double measured_loss) {
    now_ = measured(weights);
    const auto solution = exact(time);
    const double exact_loss = flow_.loss({time}, constant_).item();
    comparison_.see(loss_deviation, std::abs(measured_loss / exact_loss - 1));
    if (time > 0) comparison_.draw(loss, time, measured_loss, exact_loss);
    for (std::size_t i = 0; i < parts.size(); ++i) {
      comparison_.see(parts[i].deviation, relative_distance(now_[i], solution[i]).item());
      if (i == 0 || time == 0) continue;  // the product is not drawn
      comparison_.draw(parts[i].curves, time, change(now_, i), change(solution, i));
    }
  }

  void record() {
    comparison_.record(loss_deviation);
    comparison_.trial().record(input_norm, linalg::norm(now_[1]).item());
    comparison_.trial().record(output_norm, linalg::norm(now_[2]).item());
    for (std::size_t i = 0; i < parts.size(); ++i) {
      comparison_.record(parts[i].deviation);
      comparison_.trial().record(parts[i].change, change(now_, i));
    }
  }

  Start start;

 private:
  Parts measured(const theory::TwoLayerWeights& weights) const {
    const auto [in, out] = theory::representations(weights.W1, weights.W2);
    return {matmul(weights.W2, weights.W1), in, out, ntk(TwoLayer(weights), start.task.X)};
  }
  Parts exact(double time) const {
    const auto [W1, W2] = flow_.weights({time});
    const auto [in, out] = theory::representations(W1.select(0, 0), W2.select(0, 0));
    return {matmul(W2, W1).select(0, 0), in, out, theory::tangent_kernel(in, out, start.task.X)};
  }
  double change(const Parts& now, std::size_t i) const { return relative_distance(now[i], first_[i]).item(); }

  theory::BalancedDynamics flow_;
  double constant_;
  Parts first_, now_;
  Comparison comparison_;
};

void descend(std::span<Trial> trials) {
  std::vector<Descended> all;
  std::vector<Start> starts;
  for (Trial& t : trials) starts.push_back(all.emplace_back(t).start);
  const auto [task, weights] = stacked(starts);
  const TwoLayer model(weights);
  const double step_size = trials.front()[lr];
  Descent descent(model, task, step_size);
  auto marks = geometric_steps(10, trials.front()[steps], checkpoints);
  marks.insert(marks.begin(), 0);
  std::int64_t done = 0;
  for (const std::int64_t mark : marks) {
    descent.run(mark - done);
    done = mark;
    const auto now = model.weights();
    const auto losses = descent.loss().to_vector();
    for (std::size_t b = 0; b < all.size(); ++b) {
      const auto i = static_cast<std::int64_t>(b);
      all[b].look(static_cast<double>(mark) * step_size, {now.W1.select(0, i), now.W2.select(0, i)}, losses[b]);
    }
  }
  for (Descended& one : all) one.record();
}

// |u_k' u~_k| and |v_k' v~_k| of the product's and the target's k-th singular vectors, their mean: [T, n].
Tensor alignment(const Tensor& W, const Tensor& Sigma) {
  const auto a = linalg::svd(W), b = linalg::svd(Sigma);
  return 0.5 * (abs((a.U * b.U).sum(-2)) + abs((a.Vt * b.Vt).sum(-1)));
}

// The exact solution alone, at times in units of the rate K of the target's first mode.
void solve(Trial& t) {
  const auto [task, weights] = start_of(t);
  const double K = std::hypot(t[lambda], 2 * linalg::svdvals(task.Sigma).data<double>()[0]);
  const theory::BalancedDynamics flow(weights.W1, weights.W2, task.Sigma);
  std::vector<double> times, scaled;
  for (int i = 0; i < times_drawn; ++i) scaled.push_back(std::pow(10.0, -2 + 4.0 * i / (times_drawn - 1)));
  for (const double time : scaled) times.push_back(time / K);
  const auto W = flow.product(times), aligned = alignment(W, task.Sigma);
  const auto losses = flow.loss(times).to_vector(), first = aligned.select(-1, 0).to_vector(),
             all = aligned.mean(-1).to_vector();
  const double at_start = flow.loss({0.0}).item();
  double when_learning = 0.0, distance = 0.0;
  for (std::size_t i = 0; i < times.size(); ++i) {
    t.record(first_overlap, scaled[i], first[i]);
    t.record(loss_left, scaled[i], losses[i] / at_start);
    t.record(all_overlap, scaled[i], all[i]);
    if (when_learning == 0 && losses[i] < 0.9 * at_start) when_learning = first[i];
    const auto shallow =
        theory::shallow_dynamics(matmul(weights.W2, weights.W1), task.Sigma, std::abs(t[lambda]) * times[i]);
    const auto gap = W.select(0, static_cast<std::int64_t>(i)) - shallow;
    distance = std::max(distance, linalg::norm(gap).item() / linalg::norm(task.Sigma).item());
  }
  t.record(from_shallow, distance);
  t.record(saddle, flow.ends_in_saddle().item());
  if (when_learning > 0) t.record(overlap_when_learning, when_learning);
  const double condition = flow.condition().item();
  t.record(log_condition, std::min(std::log10(condition), 20.0));
  if (condition < 1e6)
    t.record(theorem_deviation, max(relative_distance(flow.theorem_qqt(times), flow.qqt(times))).item());
}

void batch(std::span<Trial> trials) {
  if (trials.front()[study] == "descent") return descend(trials);
  for (Trial& t : trials) solve(t);
}

// Gradient descent where its steps are short, from starts that are not small; the exact solution everywhere.
bool valid(const Params& p) { return p[study] == "exact" || (p[scale] >= 0.1 && std::abs(p[lambda] * p[lr]) <= 0.01); }

Plot beside_exact(const CurvePair& curves) {
  return plot(curves.measured).at(study == "descent").by(lambda).theory("exact solution", curves.exact).log_x();
}
Plot solved(const Curve& curve, double initial_scale) {
  return plot(curve).at(study == "exact" && scale == initial_scale && among(lambda, {0, 1, 100})).by(lambda).log_x();
}

// Claims start from gradient descent.

const Selection exact = study == "exact";
const Statistic strong = median(from_shallow).at(exact && scale == 1.0);
const Statistic overlap = median(overlap_when_learning).at(exact);
const Statistic singular = mean(saddle).at(exact && scale == 1.0);

// At strong |lambda| the strong side hardly moves, and the other is small.
Condition keeps_strong_side(double value, const Part& still, const Quantity& small_norm) {
  return median(still.change).at(lambda == value) < 0.02 &&
         ratio(median(small_norm).at(lambda == value), median(small_norm).at(lambda == 0.01)) < 0.1;
}

Condition matches(double limit) {
  const auto close = [&](const Quantity& q) { return below(median(q).at(among(lambda, {-50, 0.01, 50})), limit); };
  return all_of({close(product.deviation), close(input.deviation), close(output.deviation), close(kernel.deviation),
                 close(loss_deviation)});
}

const std::string source = "paper 004, section 3.3", at_figure = source + ", figure 3.3";
const std::string weak_side =
    "The weak side converges to s\u00b2/|\u03bb| in size, and so does the change of the strong one.";

const Register unaligned{
    {.id = "balanced/unaligned",
     .title = "Exact solution for balanced weights in general position",
     .question = "Does gradient descent from unaligned \u03bb-balanced weights follow the exact solution, and when do "
                 "its singular vectors align?",
     .observe = "Product, representations, kernel and loss deviate by less than 1%. At \u03bb = \u00b150 the strong "
                "side and the kernel change by less than 1%, at 0.01 by most of themselves. The distance from the "
                "shallow network falls as 1/\u03bb\u00b2: 2e-1, 2e-3, 2e-5 of the target at 10, 100, 1000. Half of "
                "the zero-balanced starts end in a saddle.",
     .source = at_figure,
     .parameters = {study, lambda, scale, n, samples, lr, steps},
     .printed_at = study == "descent",
     .trials = {.quick = 20, .paper = 40},
     .times = [](const Params& p) { return p[study] == "exact" ? 5 : 1; },
     .seconds = {.quick = 2, .paper = 6},
     .valid = valid,
     .batch = batch,
     .figures = {figure("",
                        "Gradient descent from balanced weights in general position and the exact solution: loss, and "
                        "relative change of the representations and of the tangent kernel since the start. Loss and "
                        "kernel are the same for \u03bb = -50 and 50.")
                     .panel("Loss", beside_exact(loss))
                     .panel("Change of W1'W1", beside_exact(input.curves).log_y().y_label("relative change"))
                     .panel("Change of W2W2'", beside_exact(output.curves).log_y().y_label("relative change"))
                     .panel("Change of the kernel", beside_exact(kernel.curves).log_y().y_label("relative change")),
                 figure("alignment",
                        "Mean of |u'u~| and |v'v~| for the first singular vectors of W2 W1 and of the target, "
                        "and the loss relative to its start, in the exact solution; time in units of the first "
                        "mode's rate K = sqrt(\u03bb\u00b2 + 4 s\u00b2).")
                     .panel("Overlap, initial scale 0.01", solved(first_overlap, 0.01))
                     .panel("Loss left, initial scale 0.01", solved(loss_left, 0.01))
                     .panel("Overlap, initial scale 1", solved(first_overlap, 1.0))
                     .panel("Loss left, initial scale 1", solved(loss_left, 1.0)),
                 figure("shallow",
                        "Largest distance over time from the shallow network's \u03a3 + (W(0) - \u03a3) "
                        "exp(-|\u03bb| t / \u03c4), relative to the target.")
                     .panel("Distance from the shallow network",
                            plot(lambda, from_shallow)
                                .at(exact&& scale == 1.0 && lambda >= 1)
                                .called("exact solution, scale 1")
                                .theory("1 / \u03bb\u00b2", [](const Params& p) { return 1 / (p[lambda] * p[lambda]); })
                                .log_log())},
     .claims = {
         {.claim = "The analytical solution matches gradient descent for large negative, small and large positive "
                   "\u03bb",
          .source = at_figure,
          .says = "curves coincide",
          .holds = matches(0.02),
          .in_shape = matches(0.05),
          .why = "Largest over time, median over trials; what is left is the step of gradient descent."},
         {.claim = "For large negative \u03bb W1'W1 remains almost constant and W2W2' is much smaller than at \u03bb "
                   "near 0",
          .source = at_figure,
          .says = "almost constant, much smaller",
          .holds = keeps_strong_side(-50, input, output_norm),
          .why = weak_side},
         {.claim = "For large positive \u03bb W2W2' remains almost constant and W1'W1 is much smaller than at \u03bb "
                   "near 0",
          .source = at_figure,
          .says = "almost constant, much smaller",
          .holds = keeps_strong_side(50, output, input_norm),
          .why = weak_side},
         {.claim = "The tangent kernel remains almost constant for large |\u03bb|",
          .source = at_figure,
          .says = "almost constant",
          .holds = median(kernel.change).at(among(lambda, {-50, 50})) < 0.02 &&
                   median(kernel.change).at(lambda == 0.01) > 0.3,
          .why = "Layers of one size: with others see balanced/dimensions."},
         {.claim = "For large |\u03bb| the network follows the shallow network's exponential",
          .source = "paper 004, section 4.1",
          .says = "in the limit",
          .holds = strong.at(lambda == 1000) < 1e-3 &&
                   growth_exponent(strong.at(among(lambda, {10, 100, 1000})), lambda) < -1.8,
          .in_shape = growth_exponent(strong.at(among(lambda, {10, 100, 1000})), lambda) < -0.9,
          .why = "The distance falls as a power of \u03bb."},
         {.claim = "Small zero-balanced weights align with the task before they learn it",
          .source = source + ", after reference [2]",
          .says = "fully aligned in the first steps",
          .holds = overlap.at(lambda == 0 && scale == 0.01) > 0.95,
          .in_shape = overlap.at(lambda == 0 && scale == 0.01) > 0.8,
          .why =
              [](const Results& r) {
                const auto at = [&](const Selection& s) { return r.group(exact && s).median(overlap_when_learning); };
                return fmt::format("From weights of scale 1 it is {:.2f}; small weights with \u03bb = 100 give {:.3f}.",
                                   at(lambda == 0 && scale == 1.0), at(lambda == 100 && scale == 0.01));
              }},
         {.claim = "At \u03bb = 0 the solution is not defined",
          .source = at_figure,
          .says = "not defined",
          .holds = !(median(theorem_deviation).at(exact && scale == 1.0 && lambda == 0) < 1e-6),
          .why = "With X = \u03bb / (sqrt(\u03bb\u00b2 + 4 s\u00b2) + 2 s) nothing is divided by \u03bb; medians over "
                 "trials with cond(B) < 1e6."},
         {.claim = "B is not singular",
          .source = "paper 004, assumption 2.2.1",
          .says = "assumed",
          .holds = singular.at(lambda == 0) < 0.05,
          .why = "Zero-balanced square weights whose product has a determinant of the other sign than the target's "
                 "end in a saddle."}}}};

}  // namespace
}  // namespace sigmagrad::experiments::balanced
