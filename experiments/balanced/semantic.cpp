// SPDX-License-Identifier: BSD-3-Clause
// How does lambda shape what a network represents once it knows a hierarchy of living things, and how fast it learns
// it?
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <sigmagrad/experiments/balanced/convergence_law.hpp>
#include <sigmagrad/experiments/balanced/semantic_course.hpp>
#include <sigmagrad/experiments/balanced/semantic_task.hpp>
#include <sigmagrad/lab/model/experiment.hpp>

namespace sigmagrad::experiments::balanced {

using namespace lab;
namespace {

constexpr double small = 1e-3, large = 0.42;  // standard deviations of Gaussian weights

Tensor properties_of(const Params& p) { return p.text("task") == "signed" ? signed_hierarchy() : binary_hierarchy(); }

/// The hidden layer is as wide as the side that lambda makes strong, without which large lambda is slow.
std::int64_t hidden_width(const Params& p, const Tensor& Sigma) {
  return p.real("lambda") < 0 ? Sigma.size(1) : Sigma.size(0);
}

/// With the orientation of the target: from the other one a square network with lambda = 0 goes to a saddle, which
/// gradient descent leaves by its rounding alone.
Tensor oriented(const Tensor& product, const Tensor& Sigma) {
  if (product.size(0) != product.size(1)) return product;
  const bool same = (linalg::slogdet(product).sign * linalg::slogdet(Sigma).sign).item() > 0;
  return same ? product : cat({-product.narrow(0, 0, 1), product.narrow(0, 1, product.size(0) - 1)});
}

theory::TwoLayerWeights start_of(const Trial& t, const Tensor& Sigma) {
  const auto generator = t.generator();
  const auto& init = t.params.text("init");
  const double std = init == "gaussian_small" ? small : large;
  const std::int64_t n_h = hidden_width(t.params, Sigma);
  const auto W1 = std * randn({n_h, Sigma.size(1)}, *generator), W2 = std * randn({Sigma.size(0), n_h}, *generator);
  if (init != "balanced") return {W1, W2};
  return theory::balanced_factors(oriented(matmul(W2, W1), Sigma), n_h, t.params.real("lambda"), *generator);
}

void add_exact(const theory::TwoLayerWeights& start, const Tensor& Sigma, Watch& watch) {
  const theory::BalancedDynamics flow(start.W1, start.W2, Sigma);
  const auto exact = flow.loss(watch.times());
  for (std::size_t b = 0; b < watch.metrics().size(); ++b) {
    const auto losses = entries(exact.select(0, static_cast<std::int64_t>(b)));
    for (std::size_t i = 0; i < losses.size(); ++i)
      watch.metrics()[b].add_at("exact_loss", watch.times()[i], losses[i]);
  }
}

void add_course(const Course& course, double lr, Metrics& metrics) {
  if (course.steps_to_stop > 0) metrics.add("steps_to_stop", static_cast<double>(course.steps_to_stop));
  if (course.steps_to_stop > course.before)
    metrics.add("decay_rate", std::log(10.0) / (static_cast<double>(course.steps_to_stop - course.before) * lr));
  for (std::size_t k = 0; k < course.half.size(); ++k)
    if (course.half[k] >= 0) metrics.add(fmt::format("half_time_{}", k + 1), course.half[k] * lr);
}

void add_representations(const TwoLayer& model, const Tensor& Sigma, std::vector<Metrics>& metrics) {
  const auto [input, output] = theory::representations(model.W1.detach(), model.W2.detach());
  const auto score = theory::task_specific_score({input, output}, Sigma);
  const auto add = [&](const char* name, const Tensor& values) {
    for (std::size_t b = 0; b < metrics.size(); ++b) metrics[b].add(name, values.data<double>()[b]);
  };
  add("input_score", score.input);
  add("output_score", score.output);
  add("input_norm", linalg::norm(input));
  add("output_norm", linalg::norm(output));
  add("input_identity", theory::cosine_similarity(input, eye(input.size(-1))));
  add("output_identity", theory::cosine_similarity(output, eye(output.size(-1))));
}

/// Q Q' of the first trial, entry by entry.
void add_qqt(const TwoLayer& model, Metrics& metrics) {
  const auto W1 = model.W1.detach().select(0, 0), W2 = model.W2.detach().select(0, 0);
  const auto Q = cat({W1.t(), W2});
  const auto qqt = entries(matmul(Q, Q.t()));
  for (std::size_t e = 0; e < qqt.size(); ++e) metrics.add_at("qqt", static_cast<double>(e), qqt[e]);
}

/// No mode is slower than |lambda|: by 30 / |lambda| the loss has fallen by e^60, and nothing moves any more. It is not
/// looked for, since a trial's end would then depend on the trials beside it.
std::int64_t steps_of(const Params& p) {
  const double enough = 30.0 / (std::abs(p.real("lambda")) * p.real("lr"));
  return std::llround(std::min(static_cast<double>(p.integer("steps")), std::ceil(enough)));
}

std::vector<Metrics> batch(std::span<const Trial> trials) {
  const auto& p = trials.front().params;
  const auto task = semantic_task(properties_of(p));
  std::vector<Start> starts;
  for (const Trial& t : trials) starts.push_back({task, start_of(t, task.Sigma)});
  const auto [tasks, weights] = stacked(starts);
  const TwoLayer model(weights);
  Watch watch(model, tasks, p.real("lr"), p.real("tolerance"));
  watch.run(steps_of(p));
  add_representations(model, task.Sigma, watch.metrics());
  for (std::size_t b = 0; b < trials.size(); ++b) add_course(watch.courses()[b], p.real("lr"), watch.metrics()[b]);
  if (p.text("init") == "balanced") add_exact(weights, task.Sigma, watch);
  if (trials.front().index == 0) add_qqt(model, watch.metrics().front());
  return std::move(watch.metrics());
}

std::string name_of(const Params& p) {
  const auto& init = p.text("init");
  if (init == "balanced") return fmt::format("\u03bb = {}", to_text(p["lambda"]));
  return init == "gaussian_small" ? "Gaussian, small" : "Gaussian, large";
}

/// Balanced starts of |lambda| <= 20, the thesis' range for figures 4.4 and 4.5.
Groups sweep(const Results& r) {
  Groups groups;
  for (const Group* group : r.where({{"init", "balanced"}}))
    if (std::abs(group->params().real("lambda")) <= 20.0) groups.push_back(group);
  return groups;
}
const Group& at(const Results& r, double lambda) { return r.group({{"init", "balanced"}, {"lambda", lambda}}); }

/// What the thesis draws: both Gaussian starts, lambda = 0, 10, -10, 100, -100.
Groups drawn(const Results& r) {
  Groups groups;
  for (const Group* group : r.where()) {
    const double size = std::abs(group->params().real("lambda"));
    if (size == 0 || size == 10 || size == 100) groups.push_back(group);
  }
  return groups;
}

/// The smallest singular value of the task.
double smallest(const Params& p) { return entries(linalg::svdvals(properties_of(p))).back(); }
/// The exponent of the slowest mode's distance from its target, 1 / tau, is that of its loss halved.
double exact_rate(const Params& p) { return 2.0 * std::hypot(p.real("lambda"), 2.0 * smallest(p)); }

Figure maps(const Results& r) {
  Figure figure{.name = "balanced-semantic-maps",
                .caption =
                    "QQ' at the end of one training: W1'W1 top left, W2W2' bottom right, the product W2W1 bottom left. "
                    "The function is the same, what stands behind it is not."};
  for (const Group* group : drawn(r)) {
    if (std::abs(group->params().real("lambda")) > 10) continue;
    Panel panel{
        .title = name_of(group->params()), .x_label = "items, then properties", .y_label = "items, then properties"};
    for (const auto& point : group->curve("qqt")) panel.matrix.values.push_back(point.statistics.median);
    panel.matrix.columns = std::llround(std::sqrt(static_cast<double>(panel.matrix.values.size())));
    figure.panels.push_back(panel);
  }
  return figure;
}

/// Without the point at time 0, which a logarithmic axis does not have.
Series after_start(Series series) {
  for (auto* values : {&series.x, &series.y, &series.low, &series.high}) values->erase(values->begin());
  return series;
}

Panel loss_curves(const Results& r) {
  Panel panel{.title = "Loss", .x_label = "time / \u03c4", .y_label = "loss", .log_x = true, .log_y = true};
  for (const Group* group : drawn(r)) {
    panel.series.push_back(after_start(curve(*group, "loss", name_of(group->params()))));
    if (group->params().text("init") != "balanced") continue;
    const auto exact = after_start(curve(*group, "exact_loss", ""));
    panel.series.push_back(theory_line(exact.x, exact.y, "exact solution"));
  }
  return panel;
}

Panel mode_curves(const Group& group) {
  Panel panel{.title = "Modes, " + name_of(group.params()),
              .x_label = "time / \u03c4",
              .y_label = "share learned",
              .log_x = true};
  const Modes modes(properties_of(group.params()));
  for (std::size_t k = 0; k < modes.values().size(); ++k) {
    panel.series.push_back(
        after_start(curve(group, fmt::format("mode_{}", k + 1), fmt::format("s = {:.2f}", modes.values()[k]))));
  }
  return panel;
}

/// Of |lambda| between 5 and 20.
ConvergenceLaws laws(const Results& r) {
  std::vector<double> sizes, steps;
  double s = 0;
  for (const Group* group : sweep(r)) {
    const double size = std::abs(group->params().real("lambda"));
    if (size <= 5 || !group->has("steps_to_stop")) continue;
    s = smallest(group->params());
    sizes.push_back(size);
    steps.push_back(group->median("steps_to_stop"));
  }
  if (sizes.size() < 4) throw NotRun("four values of |lambda| between 5 and 20");
  return ConvergenceLaws(sizes, steps, s);
}

Panel convergence(const Results& r) {
  auto measured = medians(sweep(r), "lambda", "steps_to_stop", "gradient descent");
  measured.kind = Kind::Points;
  Panel panel{
      .title = "Steps to convergence", .x_label = "\u03bb", .y_label = "steps", .log_y = true, .series = {measured}};
  const auto fitted = laws(r);
  Series law = theory_line({}, {}, "c / sqrt(\u03bb\u00b2 + 4 s\u00b2)"),
         exponential = theory_line({}, {}, "exponential, as the thesis fits");
  for (double lambda = -20; lambda <= 20; lambda += 0.5) {
    law.x.push_back(lambda), exponential.x.push_back(lambda);
    law.y.push_back(fitted.law(lambda));
    exponential.y.push_back(fitted.exponential(lambda));
  }
  panel.series.push_back(law);
  panel.series.push_back(exponential);
  return panel;
}

Panel scores(const Results& r) {
  Panel panel{.title = "Task-specific score at the end", .x_label = "\u03bb", .y_label = "cosine"};
  for (const auto& [metric, name] : {std::pair{"input_score", "input"}, {"output_score", "output"}}) {
    auto measured = medians(sweep(r), "lambda", metric, name);
    measured.kind = Kind::Points;
    panel.series.push_back(measured);
    auto exact = theory_line({}, {}, std::string(name) + ", exact limit");
    const auto& p = sweep(r).front()->params();
    const auto Sigma = properties_of(p);
    for (double lambda = -20; lambda <= 20; lambda += 0.25) {
      const auto limit = theory::converged_representations(Sigma, lambda, lambda < 0 ? Sigma.size(1) : Sigma.size(0));
      const auto score = theory::task_specific_score(limit, Sigma);
      exact.x.push_back(lambda);
      exact.y.push_back((metric == std::string("input_score") ? score.input : score.output).item());
    }
    panel.series.push_back(exact);
  }
  return panel;
}

std::vector<Figure> figures(const Results& r) {
  Figure figure{
      .name = "balanced-semantic",
      .caption =
          "Learning the hierarchy: losses with the exact solution of balanced starts; modes, which \u03bb = 0 learns "
          "one after the other and large |\u03bb| together; steps to a loss of the tolerance; how specific the "
          "representations end.",
      .panels = {loss_curves(r)}};
  for (const Group* group : drawn(r))
    if (group->params().text("init") == "gaussian_small" || group->params().real("lambda") == 100.0)
      figure.panels.push_back(mode_curves(*group));
  if (sweep(r).size() > 4) figure.panels.push_back(convergence(r));
  if (!sweep(r).empty()) figure.panels.push_back(scores(r));
  return {maps(r), figure};
}

void judge_specific(const Results& r, Claim& claim) {
  const Group &zero = at(r, 0.0), &tiny = r.group({{"init", "gaussian_small"}}),
              &wide = r.group({{"init", "gaussian_large"}});
  const auto both = [](const Group& g) { return std::min(g.median("input_score"), g.median("output_score")); };
  claim.measured = fmt::format("score {:.3f} for \u03bb = 0, {:.3f} small, {:.3f} large Gaussian", both(zero),
                               both(tiny), both(wide));
  claim.verdict = verdict(both(zero) > 0.999 && both(tiny) > 0.999 && both(wide) < 0.98);
  claim.why = "The smaller of the input's and the output's task-specific score.";
}

void judge_strong_side(const Results& r, Claim& claim) {
  const Group &plus = at(r, 10.0), &minus = at(r, -10.0);
  claim.measured = fmt::format("cosine with I: output {:.4f} at 10, input {:.4f} at -10; norms {:.2g} and {:.3g} at 10",
                               plus.median("output_identity"), minus.median("input_identity"),
                               plus.median("input_norm"), plus.median("output_norm"));
  const bool same = plus.median("output_identity") > 0.99 && minus.median("input_identity") > 0.99;
  claim.verdict = verdict(same && plus.median("input_score") > 0.99 && minus.median("output_score") > 0.99);
  claim.why = fmt::format("The other representation is specific (score {:.3f} and {:.3f}), and small.",
                          plus.median("input_score"), minus.median("output_score"));
}

void judge_speed(const Results& r, Claim& claim) {
  const auto steps = [&](double lambda) { return at(r, lambda).median("steps_to_stop"); };
  claim.measured = fmt::format("{:.0f}, {:.0f}, {:.0f} steps at \u03bb = 0, 10, 100", steps(0), steps(10), steps(100));
  claim.verdict = verdict(steps(0) > steps(10) && steps(10) > steps(100));
  claim.why = fmt::format("Of the sign nothing depends: {:.0f} and {:.0f} at -10 and -100.", steps(-10), steps(-100));
}

void judge_rate(const Results& r, Claim& claim) {
  double worst = 0;
  for (const double lambda : {10.0, -10.0, 100.0, -100.0}) {
    const Group& group = at(r, lambda);
    worst = std::max(worst, std::abs(group.median("decay_rate") / exact_rate(group.params()) - 1.0));
  }
  const Group& ten = at(r, 10.0);
  const double measured = ten.median("decay_rate"), printed = 10.0 / 2;
  claim.measured = fmt::format("loss falls at rate {:.1f} at |\u03bb| = 10", measured);
  claim.verdict = verdict(std::abs(measured / printed - 1.0) < 0.2, worst < 0.2);
  claim.why = fmt::format(
      "The slope is 2 sqrt(\u03bb\u00b2 + 4 s\u00b2) = {:.1f}, from which those at |\u03bb| = 10 and 100 are off by at "
      "most {:.0f}%; printed is {:.0f}.",
      exact_rate(ten.params()), 100.0 * worst, printed);
}

void judge_exponential(const Results& r, Claim& claim) {
  const auto fitted = laws(r);
  claim.measured = fmt::format("R\u00b2 = {:.3f} for exp({:.3f} |\u03bb|)", fitted.exponential_r2(), fitted.exponent());
  claim.verdict = verdict(fitted.exponential_r2() > fitted.law_r2(), fitted.exponential_r2() > 0.9);
  claim.why = fmt::format(
      "It fits roughly; c / sqrt(\u03bb\u00b2 + 4 s\u00b2) with one constant has R\u00b2 = {:.4f} and is the exact "
      "rate's inverse.",
      fitted.law_r2());
}

void judge_scores(const Results& r, Claim& claim) {
  const Group &zero = at(r, 0.0), &plus = at(r, 20.0), &minus = at(r, -20.0);
  claim.measured = fmt::format("input {:.3f}, {:.3f}, {:.3f} and output {:.3f}, {:.3f}, {:.3f} at \u03bb = -20, 0, 20",
                               minus.median("input_score"), zero.median("input_score"), plus.median("input_score"),
                               minus.median("output_score"), zero.median("output_score"), plus.median("output_score"));
  const bool input = minus.median("input_score") < zero.median("input_score") && plus.median("input_score") > 0.99;
  const bool output = plus.median("output_score") < zero.median("output_score") && minus.median("output_score") > 0.99;
  claim.verdict = verdict(input && output);
  claim.why =
      "As \u03bb falls without bound the output's score rises to 1: the text says minimum for both, its figure is "
      "right.";
}

void judge_order(const Results& r, Claim& claim) {
  const auto spread = [](const Group& g) { return g.median("half_time_3") / g.median("half_time_1"); };
  const double rich = spread(r.group({{"init", "gaussian_small"}})), lazy = spread(at(r, 100.0));
  claim.measured = fmt::format(
      "the last mode takes {:.2f} times as long as the first from small weights, {:.2f} at \u03bb = 100", rich, lazy);
  claim.verdict = verdict(rich > 1.5 && lazy<1.2, rich> lazy);
  claim.why = "Near \u03bb = 0 a mode grows at its own singular value, for large |\u03bb| all of them at |\u03bb|.";
}

std::vector<Claim> claims(const Results& results) {
  const std::string source = "paper 004, section 4.3";
  return judge_all(
      results, {{{.claim = "Small Gaussian and 0-balanced weights end task-specific, large Gaussian ones do not",
                  .source = source + ", figure 4.2",
                  .printed = "identical; not"},
                 judge_specific},
                {{.claim = "For \u03bb = 10 the output representation resembles |\u03bb|I, for -10 the input's",
                  .source = source + ", figure 4.2",
                  .printed = "resembles |\u03bb|I"},
                 judge_strong_side},
                {{.claim = "Modes are learned in the order of their strength, from broad to fine",
                  .source = source,
                  .printed = "progressively"},
                 judge_order},
                {{.claim = "Higher |\u03bb| converges faster", .source = source + ", figure 4.3", .printed = "faster"},
                 judge_speed},
                {{.claim = "For large |\u03bb| the log loss is a line of rate |\u03bb|/2",
                  .source = source + ", figure 4.3",
                  .printed = "r = |\u03bb|/2"},
                 judge_rate},
                {{.claim = "Steps to convergence fall exponentially for |\u03bb| > 5",
                  .source = source + ", figure 4.4",
                  .printed = "exponential curve"},
                 judge_exponential},
                {{.claim = "Both scores peak at \u03bb = 0; for \u03bb to +\u221e the input's tends to its maximum, to "
                           "-\u221e the output's",
                  .source = source + ", figure 4.5",
                  .printed = "peak, maximum, minimum"},
                 judge_scores}});
}

const Register semantic{Experiment{
    .id = "balanced/semantic",
    .title = "Learning a hierarchy of living things",
    .question =
        "How does \u03bb shape what a network represents once it has learned a hierarchy, and how fast it learns it?",
    .observe = "At \u03bb = 0 both representations mirror the task and its levels are learned one after the other; "
               "with |\u03bb| one "
               "side turns into |\u03bb|I, the other into a small copy of the task, all modes are learned together, "
               "and the time "
               "falls as 1 / sqrt(\u03bb\u00b2 + 4 s\u00b2).",
    .source = "paper 004, section 4.3, figures 4.2 to 4.5",
    .parameters =
        {{.name = "init",
          .help = "Gaussian weights of std 0.001 or 0.42, or the latter's product, oriented as the task, balanced",
          .quick = {"gaussian_small", "gaussian_large", "balanced"}},
         {.name = "lambda",
          .help = "of balanced weights",
          .quick = {-100.0, -20.0, -14.0, -10.0, -7.0, -3.0, 0.0, 3.0, 7.0, 10.0, 14.0, 20.0, 100.0},
          .paper = {-100.0, -20.0, -17.0, -14.0, -12.0, -10.0, -8.5, -7.0, -6.0, -4.0, -3.0, -2.0, -1.0, 0.0,
                    1.0,    2.0,   3.0,   4.0,   6.0,   7.0,   8.5,  10.0, 12.0, 14.0, 17.0, 20.0, 100.0}},
         {.name = "task",
          .help = "signed [8, 8] or binary [15, 8] properties of eight items",
          .quick = {"signed"},
          .choices = {"binary"}},
         {.name = "lr", .help = "step of full-batch gradient descent", .quick = {0.00125}, .minimum = 1e-8},
         {.name = "steps", .help = "at most", .quick = {20000}, .minimum = 1},
         {.name = "tolerance", .help = "loss that counts as converged", .quick = {1e-3}, .minimum = 1e-15}},
    .trials = {.quick = 4, .paper = 20},
    .seconds = {.quick = 5, .paper = 20},
    .valid = [](const Params& p) { return p.text("init") == "balanced" || p.real("lambda") == 0; },
    .batch = batch,
    .figures = figures,
    .claims = claims}};

}  // namespace
}  // namespace sigmagrad::experiments::balanced
