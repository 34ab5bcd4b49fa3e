// SPDX-License-Identifier: BSD-3-Clause
// How does lambda shape what a network represents once it knows a hierarchy of living things, and how fast does it
// learn it?
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include <sigmagrad/experiments/balanced/convergence_law.hpp>
#include <sigmagrad/experiments/balanced/semantic_course.hpp>
#include <sigmagrad/experiments/balanced/semantic_task.hpp>

namespace sigmagrad::experiments::balanced {
namespace {

const Text init{
    .name = "init",
    .help = "Gaussian weights of std 0.001 or 0.42, or the latter's product, oriented as the task, balanced",
    .quick = {"gaussian_small", "gaussian_large", "balanced"}};
const Real lambda{.name = "lambda",
                  .help = "of balanced weights",
                  .label = "\u03bb",
                  .quick = {-100.0, -20.0, -14.0, -10.0, -7.0, -3.0, 0.0, 3.0, 7.0, 10.0, 14.0, 20.0, 100.0},
                  .paper = {-100.0, -20.0, -17.0, -14.0, -12.0, -10.0, -8.5, -7.0, -6.0, -4.0, -3.0, -2.0, -1.0, 0.0,
                            1.0,    2.0,   3.0,   4.0,   6.0,   7.0,   8.5,  10.0, 12.0, 14.0, 17.0, 20.0, 100.0}};
const Text task{.name = "task",
                .help = "signed [8, 8] or binary [15, 8] properties of eight items",
                .quick = {"signed"},
                .choices = {"binary"}};
const Real lr{.name = "lr", .help = "step of full-batch gradient descent", .quick = {0.00125}, .minimum = 1e-8};
const Int steps{.name = "steps", .help = "at most", .quick = {20000}, .minimum = 1};
const Real tolerance{.name = "tolerance", .help = "loss that counts as converged", .quick = {1e-3}, .minimum = 1e-15};

const Curve qqt{.name = "qqt", .label = "entries of QQ', row by row"};

// What a trial is.

constexpr double small = 1e-3, large = 0.42;  // standard deviations of Gaussian weights

Tensor properties_of(const Params& p) { return p[task] == "signed" ? signed_hierarchy() : binary_hierarchy(); }

// The hidden layer is as wide as the side that lambda makes strong, without which large lambda is slow.
std::int64_t hidden_width(const Params& p, const Tensor& Sigma) { return Sigma.size(p[lambda] < 0 ? 1 : 0); }

// With the orientation of the target: from the other one a square network with lambda = 0 goes to a saddle, which
// gradient descent leaves by its rounding alone.
Tensor oriented(const Tensor& product, const Tensor& Sigma) {
  if (product.size(0) != product.size(1)) return product;
  const bool same = (linalg::slogdet(product).sign * linalg::slogdet(Sigma).sign).item() > 0;
  return same ? product : cat({-product.narrow(0, 0, 1), product.narrow(0, 1, product.size(0) - 1)});
}

theory::TwoLayerWeights start_of(const Trial& t, const Tensor& Sigma) {
  const auto generator = t.generator();
  const double size = t[init] == "gaussian_small" ? small : large;
  const std::int64_t n_h = hidden_width(t.params(), Sigma);
  const auto W1 = size * randn({n_h, Sigma.size(1)}, *generator), W2 = size * randn({Sigma.size(0), n_h}, *generator);
  if (t[init] != "balanced") return {W1, W2};
  return theory::balanced_factors(oriented(matmul(W2, W1), Sigma), n_h, t[lambda], *generator);
}

// No mode is slower than |lambda|: by 30 / |lambda| the loss has fallen by e^60, and nothing moves any more. It is not
// looked for, since a trial's end would then depend on the trials beside it.
std::int64_t steps_of(const Params& p) {
  const double enough = 30.0 / (std::abs(p[lambda]) * p[lr]);
  return std::llround(std::min(static_cast<double>(p[steps]), std::ceil(enough)));
}

void batch(std::span<Trial> trials) {
  const Trial& first = trials.front();
  const auto hierarchy = semantic_task(properties_of(first.params()));
  std::vector<Start> starts;
  for (const Trial& t : trials) starts.push_back({hierarchy, start_of(t, hierarchy.Sigma)});
  const auto [tasks, weights] = stacked(starts);
  const TwoLayer model(weights);
  Course course(trials, model, tasks, first[lr], first[tolerance]);
  course.run(steps_of(first.params()));
  course.record_representations();
  if (first[init] == "balanced") course.record_exact(weights);
  if (first.index() > 0) return;
  const auto Q = cat({model.W1.detach().select(0, 0).t(), model.W2.detach().select(0, 0)});  // W1' above W2
  record_entries(trials.front(), qqt, matmul(Q, Q.t()));
}

// What theory says.

double smallest_singular_value(const Params& p) { return Modes(properties_of(p)).values().back(); }

// The slowest mode comes closer to its target at the rate sqrt(lambda^2 + 4 s^2), its loss at twice that.
double exact_rate(const Params& p) { return 2.0 * std::hypot(p[lambda], 2.0 * smallest_singular_value(p)); }

theory::TaskSpecificScore exact_score(const Params& p) {
  const auto Sigma = properties_of(p);
  return theory::task_specific_score(theory::converged_representations(Sigma, p[lambda], hidden_width(p, Sigma)),
                                     Sigma);
}

// The thesis' range for figures 4.4 and 4.5.
const Selection sweep = init == "balanced" && lambda >= -20 && lambda <= 20;

// The laws that describe the steps to convergence for |lambda| between 5 and 20.
ConvergenceLaws laws(const Results& r) {
  std::vector<double> sizes, counts;
  double s = 0;
  for (const Group* group : r.where(sweep)) {
    if (std::abs((*group)[lambda]) <= 5 || !group->has(steps_to_stop)) continue;
    s = smallest_singular_value(group->params());
    sizes.push_back(std::abs((*group)[lambda]));
    counts.push_back(group->median(steps_to_stop));
  }
  if (sizes.size() < 4) throw NotRun("four values of |lambda| between 5 and 20");
  return ConvergenceLaws(sizes, counts, s);
}

Condition laws_fit(bool (*as_said)(const ConvergenceLaws&)) {
  return [as_said](const Results& r) {
    const auto fitted = laws(r);
    return Judgement{as_said(fitted),
                     fmt::format("R\u00b2 = {:.3f} for exp({:.3f} |\u03bb|), {:.4f} for c / sqrt(\u03bb\u00b2 + 4 "
                                 "s\u00b2)",
                                 fitted.exponential_r2(), fitted.exponent(), fitted.law_r2())};
  };
}

// Figures.

Panel convergence(const Results& r) {
  auto panel = draw("Steps to convergence",
                    {plot(lambda, steps_to_stop).at(sweep).points().log_y().called("gradient descent")}, r);
  const auto fitted = laws(r);
  Series law = theory_line({}, {}, "c / sqrt(\u03bb\u00b2 + 4 s\u00b2)");
  Series exponential = theory_line({}, {}, "exponential, as the thesis fits");
  for (double x = -20; x <= 20; x += 0.5) {
    law.x.push_back(x), law.y.push_back(fitted.law(x));
    exponential.x.push_back(x), exponential.y.push_back(fitted.exponential(x));
  }
  panel.series.insert(panel.series.end(), {law, exponential});
  return panel;
}

std::string name_of(const Params& p) {
  if (p[init] == "balanced") return fmt::format("\u03bb = {}", p[lambda]);
  return p[init] == "gaussian_small" ? "Gaussian, small" : "Gaussian, large";
}

const std::vector<Curve> shares = {mode_share(1), mode_share(2), mode_share(3), mode_share(4)};

// Claims. They are about balanced starts, if they do not name another one.

const Selection gaussian_small = init == "gaussian_small", gaussian_large = init == "gaussian_large";

const Statistic weaker_score = of_trials("lower task-specific score of the two", [](const Sample& trials) {
  return std::min(trials.median(input_score), trials.median(output_score));
});
const Statistic spread_of_modes =
    ratio(median(half_time(3)), median(half_time(1))).called("time of the last mode over that of the first");

Condition same_for_either_sign(double size) {
  return near(median(steps_to_stop).at(lambda == -size), median(steps_to_stop).at(lambda == size), 0.01);
}

const std::string source = "paper 004, section 4.3";

const Register semantic{
    {.id = "balanced/semantic",
     .title = "Learning a hierarchy of living things",
     .question = "How does \u03bb shape what a network represents once it has learned a hierarchy, and how fast it "
                 "learns it?",
     .observe = "At \u03bb = 0 both representations mirror the task and its levels are learned one after the other; "
                "with |\u03bb| one side turns into |\u03bb|I, the other into a small copy of the task, all modes are "
                "learned together, and the time falls as 1 / sqrt(\u03bb\u00b2 + 4 s\u00b2).",
     .source = source + ", figures 4.2 to 4.5",
     .parameters = {init, lambda, task, lr, steps, tolerance},
     .printed_at = init == "balanced",
     .trials = {.quick = 4, .paper = 20},
     .seconds = {.quick = 5, .paper = 20},
     .valid = [](const Params& p) { return p[init] == "balanced" || p[lambda] == 0; },
     .valid_rule = "lambda is that of balanced starts; the others have 0",
     .batch = batch,
     .figures =
         {figure("maps",
                 "QQ' at the end of one training: W1'W1 top left, W2W2' bottom right, the product W2W1 bottom "
                 "left. The function is the same, what stands behind it is not.")
              .at(among(lambda, {-10, 0, 10}))
              .panels(matrices(qqt, "items, then properties", {}, name_of)),
          figure("",
                 "Learning the hierarchy: losses with the exact solution of balanced starts; modes from the "
                 "strongest to the weakest (s = 2.83, 2 and 1.41 of the signed task), which \u03bb = 0 learns "
                 "one after the other and large |\u03bb| together; steps to a loss of the tolerance; how specific the "
                 "representations end.")
              .panel("Loss", {plot(course_loss.measured).at(gaussian_small).called("Gaussian, small").log_log(),
                              plot(course_loss.measured).at(gaussian_large).called("Gaussian, large"),
                              plot(course_loss.measured)
                                  .at(init == "balanced" && among(lambda, {-100, -10, 0, 10, 100}))
                                  .by(lambda)
                                  .theory("exact solution", course_loss.exact)})
              .panel("Modes, Gaussian, small", plot(shares).at(gaussian_small).log_x().y_label("share learned"))
              .panel("Modes, \u03bb = 100", plot(shares).at(lambda == 100).log_x().y_label("share learned"))
              .panel(convergence)
              .panel("Task-specific score at the end",
                     plot(lambda, {input_score, output_score})
                         .at(sweep)
                         .points()
                         .theory("input, exact limit", [](const Params& p) { return exact_score(p).input.item(); })
                         .theory("output, exact limit", [](const Params& p) { return exact_score(p).output.item(); })
                         .y_label("cosine"))},
     .claims = {
         {.claim = "Small Gaussian and 0-balanced weights end task-specific, large Gaussian ones do not",
          .source = source + ", figure 4.2",
          .says = "identical; not",
          .holds = weaker_score.at(lambda == 0) > 0.999 && weaker_score.at(gaussian_small) > 0.999 &&
                   weaker_score.at(gaussian_large) < 0.98,
          .why = "The lower of the input's and the output's median score."},
         {.claim = "For \u03bb = 10 the output representation resembles |\u03bb|I, for -10 the input's",
          .source = source + ", figure 4.2",
          .says = "resembles |\u03bb|I",
          .holds = median(output_identity).at(lambda == 10) > 0.99 && median(input_identity).at(lambda == -10) > 0.99 &&
                   median(input_score).at(lambda == 10) > 0.99 && median(output_score).at(lambda == -10) > 0.99 &&
                   ratio(median(input_norm), median(output_norm)).at(lambda == 10) < 0.1,
          .why = "The other representation is specific, and small."},
         {.claim = "Modes are learned in the order of their strength, from broad to fine",
          .source = source,
          .says = "progressively",
          .holds = spread_of_modes.at(gaussian_small) > 1.5 && spread_of_modes.at(lambda == 100) < 1.2,
          .in_shape = spread_of_modes.at(gaussian_small && lambda == 0) > spread_of_modes.at(lambda == 100),
          .why = "Near \u03bb = 0 a mode grows at its own singular value, for large |\u03bb| all of them at |\u03bb|."},
         {.claim = "Higher |\u03bb| converges faster",
          .source = source + ", figure 4.3",
          .says = "faster",
          .holds = decreases(median(steps_to_stop).at(among(lambda, {0, 10, 100})), lambda) &&
                   same_for_either_sign(10) && same_for_either_sign(100),
          .why = "Nothing depends on the sign."},
         {.claim = "For large |\u03bb| the log loss is a line of rate |\u03bb|/2",
          .source = source + ", figure 4.3",
          .printed = {{median(decay_rate).at(lambda == 10), 5}},
          .says = "r = |\u03bb|/2",
          .tolerance = 0.2,
          .holds = printed_digits(),
          .in_shape = near(median(decay_rate).at(among(lambda, {-100, -10, 10, 100})),
                           expected("the exact rate", exact_rate), 0.2),
          .why = "The slope is 2 sqrt(\u03bb\u00b2 + 4 s\u00b2)."},
         {.claim = "Steps to convergence fall exponentially for |\u03bb| > 5",
          .source = source + ", figure 4.4",
          .says = "exponential curve",
          .holds = laws_fit([](const ConvergenceLaws& fit) { return fit.exponential_r2() > fit.law_r2(); }),
          .in_shape = laws_fit([](const ConvergenceLaws& fit) { return fit.exponential_r2() > 0.9; }),
          .why =
              "It fits roughly; c / sqrt(\u03bb\u00b2 + 4 s\u00b2), with one constant, is the exact rate's inverse."},
         {.claim = "Both scores peak at \u03bb = 0; for \u03bb to +\u221e the input's tends to its maximum, to -\u221e "
                   "the output's",
          .source = source + ", figure 4.5",
          .says = "peak, maximum, minimum",
          .holds = increases(median(input_score).at(among(lambda, {-20, 0})), lambda) &&
                   decreases(median(output_score).at(among(lambda, {0, 20})), lambda) &&
                   median(input_score).at(lambda == 20) > 0.99 && median(output_score).at(lambda == -20) > 0.99,
          .why = "As \u03bb falls without bound the output's score rises to 1: the text says minimum for both, its "
                 "figure is right."}}}};

}  // namespace
}  // namespace sigmagrad::experiments::balanced
