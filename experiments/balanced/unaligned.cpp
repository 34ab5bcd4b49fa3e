// SPDX-License-Identifier: BSD-3-Clause
// Does gradient descent from balanced weights in general position follow the exact solution?
#include <algorithm>
#include <cmath>

#include <sigmagrad/experiments/balanced/representations.hpp>

namespace sigmagrad::experiments::balanced {
namespace {

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

const Quantity from_limits{.name = "from_limits",
                           .label = "largest distance of product, representations and kernel from their limits"};

Start start_of(const Trial& t) {
  const auto tasks = t.generator(), weights = t.generator(1);
  return {random_task(t[n], t[n], t[samples], *tasks),
          theory::lambda_balanced(t[lambda], {t[n], t[n], t[n]}, {.sigma = t[scale]}, *weights)};
}

// |u_k' u~_k| and |v_k' v~_k| of the product's and the target's k-th singular vectors, their mean: [T, n].
Tensor alignment(const Tensor& W, const Tensor& Sigma) {
  const auto a = linalg::svd(W), b = linalg::svd(Sigma);
  return 0.5 * (abs((a.U * b.U).sum(-2)) + abs((a.Vt * b.Vt).sum(-1)));
}

// The exact solution alone, at times in units of the rate K of the target's first mode.
void solve(Trial& t, const Start& start) {
  const auto& [task, weights] = start;
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
  const bool stuck = flow.ends_in_saddle().item() > 0;
  t.record(saddle, stuck);
  if (!stuck && t[scale] >= 1) t.record(from_limits, distance_from_limits(flow, task, t[lambda]));
  if (when_learning > 0) t.record(overlap_when_learning, when_learning);
  const double condition = flow.condition().item();
  t.record(log_condition, std::min(std::log10(condition), 20.0));
  if (condition < 1e6)
    t.record(theorem_deviation, max(relative_distance(flow.theorem_qqt(times), flow.qqt(times))).item());
}

void batch(std::span<Trial> trials) {
  const Trial& first = trials.front();
  std::vector<Start> starts;
  for (const Trial& t : trials) starts.push_back(start_of(t));
  if (first[study] == "descent") return descend(trials, starts, first[lr], first[steps]);
  for (std::size_t b = 0; b < trials.size(); ++b) solve(trials[b], starts[b]);
}

// Gradient descent where its steps are short, from starts that are not small; the exact solution everywhere.
bool valid(const Params& p) { return p[study] == "exact" || (p[scale] >= 0.1 && std::abs(p[lambda] * p[lr]) <= 0.01); }

Plot descended(const CurvePair& curves) { return beside_exact({curves}).at(study == "descent").by(lambda).log_x(); }
Plot changes(const Part& part) { return descended(part.curves).log_y().y_label("relative change"); }
Plot entries_of(const Part& part) { return beside_exact(part.entries).log_x().y_label("entries of the first row"); }
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
  return all_of({close(product_part.deviation), close(input_part.deviation), close(output_part.deviation),
                 close(kernel_part.deviation), close(loss_deviation)});
}

const std::string source = "paper 004, section 3.3";
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
     .source = source + ", figure 3.3",
     .parameters = {study, lambda, scale, n, samples, lr, steps},
     .printed_at = study == "descent",
     .trials = {.quick = 20, .paper = 40},
     .times = [](const Params& p) { return p[study] == "exact" ? 5 : 1; },
     .seconds = {.quick = 2, .paper = 4},
     .valid = valid,
     .valid_rule = "descent has a scale of at least 0.1, and |lambda| lr of at most 0.01",
     .batch = batch,
     .figures = {figure("",
                        "Gradient descent from balanced weights in general position and the exact solution: loss, and "
                        "relative change of the representations and of the tangent kernel since the start. Loss and "
                        "kernel are the same for \u03bb = -50 and 50.")
                     .panel("Loss", descended(loss_curves))
                     .panel("Change of W1'W1", changes(input_part))
                     .panel("Change of W2W2'", changes(output_part))
                     .panel("Change of the kernel", changes(kernel_part)),
                 figure("entries",
                        "Entries of the product W2W1, of both representations and of the tangent kernel during one "
                        "training, and the exact solution.")
                     .at(study == "descent" && among(lambda, {-50, 0.01, 50}))
                     .each(lambda)
                     .panel("W2W1", entries_of(product_part))
                     .panel("W1'W1", entries_of(input_part))
                     .panel("W2W2'", entries_of(output_part))
                     .panel("Tangent kernel", entries_of(kernel_part)),
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
          .says = "curves coincide",
          .holds = matches(0.02),
          .in_shape = matches(0.05),
          .why = "Largest over time, median over trials; what is left is the step of gradient descent."},
         {.claim = "For large negative \u03bb W1'W1 remains almost constant and W2W2' is much smaller than at \u03bb "
                   "near 0",
          .says = "almost constant, much smaller",
          .holds = keeps_strong_side(-50, input_part, output_norm),
          .why = weak_side},
         {.claim = "For large positive \u03bb W2W2' remains almost constant and W1'W1 is much smaller than at \u03bb "
                   "near 0",
          .says = "almost constant, much smaller",
          .holds = keeps_strong_side(50, output_part, input_norm),
          .why = weak_side},
         {.claim = "The tangent kernel remains almost constant for large |\u03bb|",
          .says = "almost constant",
          .holds = median(kernel_part.change).at(among(lambda, {-50, 50})) < 0.02 &&
                   median(kernel_part.change).at(lambda == 0.01) > 0.3,
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
          .why = Why("From weights of scale 1 it is {:.2f}; small weights with \u03bb = 100 give {:.3f}.",
                     {overlap.at(lambda == 0 && scale == 1.0), overlap.at(lambda == 100 && scale == 0.01)})},
         {.claim = "Product, representations and kernel converge to limits that \u03bb decides",
          .source = source + ", theorem 4.1.2 (1)",
          .says = "at convergence",
          .holds = median(from_limits).at(exact && scale == 1.0) < 1e-9,
          .in_shape = median(from_limits).at(exact && scale == 1.0) < 1e-3,
          .why = "The exact solution at a time of 10\u2074 / max(1, |\u03bb|) \u03c4 against \u03a3, the modes' "
                 "(sqrt(\u03bb\u00b2 + 4 s\u00b2) \u2213 "
                 "\u03bb) / 2 and the kernel that they give; saddles apart. Nine digits are our limit."},
         {.claim = "At \u03bb = 0 the solution is not defined",
          .says = "not defined",
          .holds = !(median(theorem_deviation).at(exact && scale == 1.0 && lambda == 0) < 1e-6),
          .why = "The thesis has the limit for \u03bb to 0 alone. With X = \u03bb / (sqrt(\u03bb\u00b2 + 4 s\u00b2) + "
                 "2 s), the "
                 "same number, nothing is divided by \u03bb; medians over trials with cond(B) < 1e6."},
         {.claim = "B is not singular",
          .source = "paper 004, assumption 2.2.1",
          .says = "assumed",
          .holds = singular.at(lambda == 0) < 0.05,
          .why = "Zero-balanced square weights whose product has a determinant of the other sign than the target's "
                 "end in a saddle."}}}};

}  // namespace
}  // namespace sigmagrad::experiments::balanced
