// SPDX-License-Identifier: BSD-3-Clause
// Does gradient descent from balanced weights in general position follow the exact solution?
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include <sigmagrad/experiments/balanced/comparison.hpp>
#include <sigmagrad/experiments/balanced/two_layer.hpp>
#include <sigmagrad/experiments/harness/experiment.hpp>

namespace sigmagrad::experiments::balanced {
namespace {

constexpr int checkpoints = 30;
constexpr int times_drawn = 40;

Start start(const Trial& t) {
  const std::int64_t n = t.params.integer("n");
  const auto tasks = t.generator(), weights = t.generator(1);
  return {random_task(n, n, t.params.integer("samples"), *tasks),
          theory::lambda_balanced(t.params.real("lambda"), {n, n, n}, {.sigma = t.params.real("scale")}, *weights)};
}

std::vector<Metrics> descent_batch(std::span<const Trial> trials, const std::vector<Start>& starts) {
  const auto& p = trials.front().params;
  const auto [task, weights] = stacked(starts);
  const TwoLayer model(weights);
  Descent descent(model, task, p.real("lr"));
  std::vector<Comparison> comparisons;
  for (const auto& start : starts) comparisons.emplace_back(start, p.real("lr"));
  auto steps = geometric_steps(10, p.integer("steps"), checkpoints);
  steps.insert(steps.begin(), 0);
  std::int64_t done = 0;
  for (const std::int64_t step : steps) {
    descent.run(step - done);
    done = step;
    const auto now = model.weights();
    const auto losses = descent.loss().to_vector();
    for (std::size_t b = 0; b < trials.size(); ++b) {
      const auto i = static_cast<std::int64_t>(b);
      comparisons[b].at(step, {now.W1.select(0, i), now.W2.select(0, i)}, losses[b]);
    }
  }
  std::vector<Metrics> metrics;
  for (const auto& comparison : comparisons) metrics.push_back(comparison.metrics());
  return metrics;
}

// |u_k' u~_k| and |v_k' v~_k| of the product's and the target's k-th singular vectors, their mean: [T, n].
Tensor alignment(const Tensor& product, const Tensor& Sigma) {
  const auto a = linalg::svd(product), b = linalg::svd(Sigma);
  return 0.5 * (abs((a.U * b.U).sum(-2)) + abs((a.Vt * b.Vt).sum(-1)));
}

// The exact solution alone, at times in units of the rate K of the target's first mode.
Metrics exact_trial(const Trial& t) {
  const auto [task, weights] = start(t);
  const double lambda = t.params.real("lambda"), s1 = linalg::svdvals(task.Sigma).data<double>()[0];
  const double K = std::hypot(lambda, 2 * s1);
  const theory::BalancedDynamics flow(weights.W1, weights.W2, task.Sigma);
  std::vector<double> times, scaled;
  for (int i = 0; i < times_drawn; ++i) scaled.push_back(std::pow(10.0, -2 + 4.0 * i / (times_drawn - 1)));
  for (const double time : scaled) times.push_back(time / K);
  const auto product = flow.product(times), aligned = alignment(product, task.Sigma);
  const auto loss = flow.loss(times).to_vector(), first = aligned.select(-1, 0).to_vector(),
             all = aligned.mean(-1).to_vector();

  Metrics metrics;
  const double at_start = flow.loss({0.0}).item();
  double when_learning = 0.0, from_shallow = 0.0;
  for (std::size_t i = 0; i < times.size(); ++i) {
    metrics.add_at("alignment", scaled[i], first[i]).add_at("loss_left", scaled[i], loss[i] / at_start);
    metrics.add_at("all_alignment", scaled[i], all[i]);
    if (when_learning == 0 && loss[i] < 0.9 * at_start) when_learning = first[i];
    const auto shallow =
        theory::shallow_dynamics(matmul(weights.W2, weights.W1), task.Sigma, std::abs(lambda) * times[i]);
    const auto gap = product.select(0, static_cast<std::int64_t>(i)) - shallow;
    from_shallow = std::max(from_shallow, linalg::norm(gap).item() / linalg::norm(task.Sigma).item());
  }
  metrics.add("from_shallow", from_shallow).add("saddle", flow.ends_in_saddle().item());
  if (when_learning > 0) metrics.add("alignment_when_learning", when_learning);
  const double condition = flow.condition().item();
  metrics.add("log10_cond_B", std::min(std::log10(condition), 20.0));
  if (condition < 1e6)
    metrics.add("theorem_deviation", max(relative_distance(flow.theorem_qqt(times), flow.qqt(times))).item());
  return metrics;
}

std::vector<Metrics> batch(std::span<const Trial> trials) {
  std::vector<Metrics> metrics;
  if (trials.front().params.text("study") == "exact") {
    for (const auto& t : trials) metrics.push_back(exact_trial(t));
    return metrics;
  }
  std::vector<Start> starts;
  for (const auto& t : trials) starts.push_back(start(t));
  return descent_batch(trials, starts);
}

// Gradient descent where its steps are short, from starts that are not small; the exact solution everywhere.
bool valid(const Params& p) {
  if (p.text("study") == "exact") return true;
  return p.real("scale") >= 0.1 && std::abs(p.real("lambda") * p.real("lr")) <= 0.01;
}

std::string lambda_label(const Group& group) { return fmt::format("\u03bb = {}", to_text(group.params()["lambda"])); }

Panel against_exact(const Results& results, const std::string& metric, const std::string& title, bool log_y) {
  Panel panel{.title = title, .x_label = "time / \u03c4", .y_label = title, .log_x = true, .log_y = log_y};
  std::string label = "exact solution";
  for (const Group* group : results.where({{"study", "descent"}})) {
    panel.series.push_back(curve(*group, metric, lambda_label(*group)));
    const auto exact = curve(*group, "exact_" + metric, "");
    panel.series.push_back(theory(exact.x, exact.y, label));
    label.clear();
  }
  return panel;
}

Panel exact_panel(const Results& results, double scale, const std::string& metric, const std::string& title) {
  Panel panel{.title = fmt::format("{}, initial scale {}", title, scale),
              .x_label = "time \u00b7 K / \u03c4",
              .y_label = title,
              .log_x = true};
  for (const double lambda : {0.0, 1.0, 100.0})
    for (const Group* group : results.where({{"study", "exact"}, {"scale", scale}, {"lambda", lambda}}))
      panel.series.push_back(curve(*group, metric, lambda_label(*group)));
  return panel;
}

Panel shallow_panel(const Results& results) {
  Panel panel{.title = "Distance from the shallow network",
              .x_label = "\u03bb",
              .y_label = "largest |W - W shallow| / |\u03a3|",
              .log_x = true,
              .log_y = true};
  Groups positive;
  for (const Group* group : results.where({{"study", "exact"}, {"scale", 1.0}}))
    if (group->params().real("lambda") >= 1) positive.push_back(group);
  panel.series.push_back(medians(positive, "lambda", "from_shallow", "exact solution, scale 1"));
  Series square = theory({}, {}, "1 / \u03bb\u00b2");
  for (const double lambda : panel.series.front().x) {
    square.x.push_back(lambda);
    square.y.push_back(1 / (lambda * lambda));
  }
  panel.series.push_back(square);
  return panel;
}

std::vector<Figure> figures(const Results& results) {
  const std::string overlap = "Overlap", loss = "Loss left";
  return {
      {.name = "balanced-unaligned",
       .caption =
           "Gradient descent from balanced weights in general position and the exact solution: loss, and "
           "relative change of the representations and of the tangent kernel since the start. Loss and kernel are "
           "the same for \u03bb = -50 and 50.",
       .panels = {against_exact(results, "loss", "Loss", false),
                  against_exact(results, "input_change", "Change of W1'W1", true),
                  against_exact(results, "output_change", "Change of W2W2'", true),
                  against_exact(results, "kernel_change", "Change of the kernel", true)}},
      {.name = "balanced-unaligned-alignment",
       .caption = "Mean of |u'u~| and |v'v~| for the first singular vectors of W2 W1 and of the target, and the "
                  "loss relative to its start, in the exact solution; time in units of the first mode's rate K = "
                  "sqrt(\u03bb\u00b2 + 4 s\u00b2).",
       .panels = {exact_panel(results, 0.01, "alignment", overlap), exact_panel(results, 0.01, "loss_left", loss),
                  exact_panel(results, 1.0, "alignment", overlap), exact_panel(results, 1.0, "loss_left", loss)}},
      {.name = "balanced-unaligned-shallow",
       .caption = "Largest distance over time from the shallow network's \u03a3 + (W(0) - \u03a3) exp(-|\u03bb| t / "
                  "\u03c4), relative to the target.",
       .panels = {shallow_panel(results)}}};
}

const Group& descended(const Results& r, double lambda) { return r.group({{"study", "descent"}, {"lambda", lambda}}); }
const Group& solved(const Results& r, double lambda, double scale = 1.0) {
  return r.group({{"study", "exact"}, {"lambda", lambda}, {"scale", scale}});
}

void judge_match(const Results& r, Claim& claim) {
  double worst = 0.0;
  std::string parts;
  for (const char* name : {"product", "input", "output", "kernel", "loss"}) {
    double here = 0.0;
    for (const double lambda : {-50.0, 0.01, 50.0})
      here = std::max(here, descended(r, lambda).median(fmt::format("{}_deviation", name)));
    parts += fmt::format("{}{} {:.1e}", parts.empty() ? "" : ", ", name, here);
    worst = std::max(worst, here);
  }
  claim.measured = "largest relative deviation: " + parts;
  claim.verdict = verdict(worst < 0.02, worst < 0.05);
  claim.why =
      "Largest over time, median over trials, for \u03bb = -50, 0.01, 50; what is left is the step of gradient "
      "descent.";
}

// At strong |lambda| the strong side hardly moves, and the other is small.
void judge_strong_side(const Results& r, double lambda, Claim& claim) {
  const auto &strong = descended(r, lambda), &zero = descended(r, 0.01);
  const std::string still = lambda < 0 ? "input" : "output", small = lambda < 0 ? "output" : "input";
  const double change = strong.median(still + "_change"), norm = strong.median(small + "_norm");
  const double usual = zero.median(small + "_norm");
  claim.measured = fmt::format("{} changes by {:.2f}%; norm of the {} {:.3g}, at \u03bb = 0.01 {:.3g}", still,
                               100 * change, small, norm, usual);
  claim.verdict = verdict(change < 0.02 && norm < 0.1 * usual);
  claim.why = fmt::format(
      "The weak side converges to s\u00b2/|\u03bb| in size, and so does the change of the strong one; at \u03bb = 0.01 "
      "the {} changes by {:.0f}%.",
      still, 100 * zero.median(still + "_change"));
}

void judge_kernel(const Results& r, Claim& claim) {
  const double minus = descended(r, -50).median("kernel_change"), plus = descended(r, 50).median("kernel_change");
  const double zero = descended(r, 0.01).median("kernel_change");
  claim.measured = fmt::format("changes by {:.2f}% and {:.2f}% at \u03bb = -50 and 50, by {:.0f}% at 0.01", 100 * minus,
                               100 * plus, 100 * zero);
  claim.verdict = verdict(std::max(minus, plus) < 0.02 && zero > 0.3);
  claim.why = "Layers of one size: with others see balanced/dimensions.";
}

void judge_shallow(const Results& r, Claim& claim) {
  const double ten = solved(r, 10).median("from_shallow"), hundred = solved(r, 100).median("from_shallow");
  const double thousand = solved(r, 1000).median("from_shallow");
  claim.measured = fmt::format("largest distance {:.1e}, {:.1e}, {:.1e} of the target at \u03bb = 10, 100, 1000", ten,
                               hundred, thousand);
  const double slope = std::log10(ten / thousand) / 2;
  claim.verdict = verdict(thousand < 1e-3 && slope > 1.8, slope > 0.9);
  claim.why = fmt::format("It falls as \u03bb^-{:.2f}.", slope);
}

void judge_silent(const Results& r, Claim& claim) {
  const double small = solved(r, 0, 0.01).median("alignment_when_learning");
  const double large = solved(r, 0, 1.0).median("alignment_when_learning");
  const double strong = solved(r, 100, 0.01).median("alignment_when_learning");
  claim.measured = fmt::format(
      "overlap of the first singular vectors {:.3f} when 10% of the loss is gone (\u03bb = 0, scale 0.01)", small);
  claim.verdict = verdict(small > 0.95, small > 0.8);
  claim.why =
      fmt::format("From weights of scale 1 it is {:.2f}; small weights with \u03bb = 100 give {:.3f}.", large, strong);
}

void judge_zero(const Results& r, Claim& claim) {
  const auto& zero = solved(r, 0);
  claim.measured = fmt::format("largest distance between theorem and Riccati solution {:.1e} at \u03bb = 0",
                               zero.statistics("theorem_deviation").median);
  claim.verdict = verdict(!(zero.statistics("theorem_deviation").median < 1e-6));
  claim.why =
      "With X = \u03bb / (sqrt(\u03bb\u00b2 + 4 s\u00b2) + 2 s) nothing is divided by \u03bb; medians over trials with "
      "cond(B) < 1e6.";
}

void judge_saddles(const Results& r, Claim& claim) {
  const double zero = solved(r, 0).mean("saddle"), one = solved(r, 1).mean("saddle");
  claim.measured = fmt::format("B is singular in {:.0f}% of the trials at \u03bb = 0, in {:.0f}% at \u03bb = 1",
                               100 * zero, 100 * one);
  claim.verdict = verdict(zero < 0.05);
  claim.why =
      "Zero-balanced square weights whose product has a determinant of the other sign than the target's end in a "
      "saddle.";
}

std::vector<Claim> claims(const Results& results) {
  const std::string source = "paper 004, section 3.3", figure = source + ", figure 3.3";
  const auto strong = [](double lambda) {
    return [lambda](const Results& r, Claim& c) { judge_strong_side(r, lambda, c); };
  };
  return judge_all(
      results,
      {{{.claim =
             "The analytical solution matches gradient descent for large negative, small and large positive \u03bb",
         .source = figure,
         .printed = "curves coincide"},
        judge_match},
       {{.claim = "For large negative \u03bb W1'W1 remains almost constant and W2W2' is much smaller than at "
                  "\u03bb near 0",
         .source = figure,
         .printed = "almost constant, much smaller"},
        strong(-50)},
       {{.claim = "For large positive \u03bb W2W2' remains almost constant and W1'W1 is much smaller than at "
                  "\u03bb near 0",
         .source = figure,
         .printed = "almost constant, much smaller"},
        strong(50)},
       {{.claim = "The tangent kernel remains almost constant for large |\u03bb|",
         .source = figure,
         .printed = "almost constant"},
        judge_kernel},
       {{.claim = "For large |\u03bb| the network follows the shallow network's exponential",
         .source = "paper 004, section 4.1",
         .printed = "in the limit"},
        judge_shallow},
       {{.claim = "Small zero-balanced weights align with the task before they learn it",
         .source = source + ", after reference [2]",
         .printed = "fully aligned in the first steps"},
        judge_silent},
       {{.claim = "At \u03bb = 0 the solution is not defined", .source = figure, .printed = "not defined"}, judge_zero},
       {{.claim = "B is not singular", .source = "paper 004, assumption 2.2.1", .printed = "assumed"}, judge_saddles}});
}

const Register unaligned{Experiment{
    .id = "balanced/unaligned",
    .title = "Exact solution for balanced weights in general position",
    .question =
        "Does gradient descent from unaligned \u03bb-balanced weights follow the exact solution, and when do its "
        "singular vectors align?",
    .observe =
        "Product, representations, kernel and loss deviate by less than 1%. At \u03bb = \u00b150 the strong side and "
        "the kernel change by less than 1%, at 0.01 by most of themselves. The distance from the shallow "
        "network falls as 1/\u03bb\u00b2: 2e-1, 2e-3, 2e-5 of the target at 10, 100, 1000. Half of the zero-balanced "
        "starts end in "
        "a saddle.",
    .source = "paper 004, section 3.3, figure 3.3",
    .parameters = {{.name = "study",
                    .help = "gradient descent beside the exact solution, or that alone",
                    .quick = {"descent", "exact"}},
                   {.name = "lambda",
                    .help = "W2'W2 - W1W1' = lambda I",
                    .quick = {-50.0, 0.0, 0.01, 1.0, 10.0, 50.0, 100.0, 1000.0}},
                   {.name = "scale",
                    .help = "standard deviation behind the initial product",
                    .quick = {0.01, 1.0},
                    .minimum = 1e-9},
                   {.name = "n", .help = "size of every layer", .quick = {3}, .minimum = 2, .maximum = 50},
                   {.name = "samples", .help = "inputs, whitened", .quick = {10}, .minimum = 2},
                   {.name = "lr", .help = "step of full-batch gradient descent", .quick = {2e-4}, .minimum = 1e-9},
                   {.name = "steps", .help = "steps of gradient descent", .quick = {50000}, .minimum = 100}},
    .trials = {.quick = 20, .paper = 40},
    .seconds = {.quick = 2, .paper = 6},
    .valid = valid,
    .batch = batch,
    .trials_factor = [](const Params& p) -> std::int64_t { return p.text("study") == "exact" ? 5 : 1; },
    .figures = figures,
    .claims = claims}};

}  // namespace
}  // namespace sigmagrad::experiments::balanced
