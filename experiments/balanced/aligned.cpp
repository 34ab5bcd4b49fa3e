// SPDX-License-Identifier: BSD-3-Clause
// Does each mode of an aligned balanced network follow its scalar solution?
#include <algorithm>
#include <cmath>

#include <sigmagrad/experiments/balanced/aligned_modes.hpp>

namespace sigmagrad::experiments::balanced {
namespace {

constexpr std::int64_t checkpoints = 500;
constexpr std::int64_t drawn_every = 5;

const Real lambda{.name = "lambda",
                  .help = "W2'W2 - W1W1' = lambda I",
                  .label = "\u03bb",
                  .quick = {-5.0, -2.0, -0.5, 0.0, 0.5, 2.0, 5.0}};
const Real lr{.name = "lr",
              .help = "step of full-batch gradient descent",
              .label = "learning rate",
              .quick = {0.01, 0.001},
              .minimum = 1e-6};
const Text sizes{.name = "sizes", .help = "n_i x n_h x n_o", .quick = {"5x5x5", "3x4x5", "5x4x3"}, .any_text = true};
const Real t_end{.name = "t_end", .help = "end of the training, in units of tau = 1", .quick = {15.0}, .minimum = 0};

void batch(std::span<Trial> trials) {
  const Params& p = trials.front().params();
  std::vector<AlignedModes> modes;
  std::vector<Start> starts;
  for (Trial& t : trials)
    starts.push_back(modes.emplace_back(t, parse_sizes(p[sizes]), p[lambda], t.index() == 0).start);
  const auto [task, weights] = stacked(starts);
  const TwoLayer model(weights);
  Descent descent(model, task, p[lr]);
  const auto stride = std::max<std::int64_t>(std::llround(p[t_end] / p[lr] / checkpoints), 1);
  for (std::int64_t i = 0; i <= checkpoints; ++i) {
    if (i > 0) descent.run(stride);
    const auto product = model.product();
    for (std::size_t b = 0; b < modes.size(); ++b)
      modes[b].look(static_cast<double>(i * stride) * p[lr], product.select(0, static_cast<std::int64_t>(b)),
                    i % drawn_every == 0);
  }
  for (AlignedModes& one : modes) one.record();
}

// Other sizes at the longer step alone: the shorter one would say the same.
bool valid(const Params& p) {
  return has_balanced_weights(parse_sizes(p[sizes]), p[lambda]) && (p[sizes] == "5x5x5" || p[lr] >= 0.01);
}

// The modes of one trial at one lambda.
Plot modes_at(double value) {
  return beside_exact({mode(1), mode(2), mode(3), mode(4), mode(5)})
      .at(lambda == value && lr == 0.01 && sizes == "5x5x5")
      .y_label("strength of the mode");
}

const Statistic off_by = median(printed_deviation).at(among(lambda, {-0.5, 0.5}));
const Condition small = below(median(deviation), 0.05);
const Condition falls_as_the_step =
    near(largest(median(deviation).at(lr == 0.01)) / largest(median(deviation)), 10.0, 0.25);

const Selection unequal = among(sizes, {"3x4x5", "5x4x3"}) && lr == 0.01;
Statistic far_off(double large) { return median(exact_from_exponential.at(large)).at(lambda == 0); }

const std::string source = "paper 004, section 3.2";

const Register aligned{
    {.id = "balanced/aligned",
     .title = "Modes of aligned balanced networks",
     .question = "Does each singular value of an aligned \u03bb-balanced network follow its closed form?",
     .observe = "Yes, to 4e-3 of the target at lr 0.01 and 4e-4 at 0.001; modes do not mix (1e-15). Time to learn "
                "falls with |\u03bb|. Equation 3.2 as printed fails for negative \u03bb.",
     .source = source + ", figure 3.2",
     .parameters = {lambda, lr, sizes, t_end},
     .printed_at = lr == 0.001 && sizes == "5x5x5",
     .trials = {.quick = 20, .paper = 100},
     .seconds = {.quick = 1, .paper = 4},
     .valid = valid,
     .valid_rule =
         "lambda > 0 needs n_h <= n_o, lambda < 0 needs n_h <= n_i; other sizes than 5x5x5 have lr 0.01 or more",
     .batch = batch,
     .figures = {figure("",
                        "Singular values of W2 W1 from aligned balanced weights during gradient descent, in one trial, "
                        "and the solution of each mode's scalar equation (corrected equation 3.2), which has no free "
                        "parameter. Deviations are the largest over modes and times, relative to the mode's target.")
                     .panel("\u03bb = 0.5", modes_at(0.5))
                     .panel("\u03bb = -0.5", modes_at(-0.5))
                     .panel("Distance from the exact solution",
                            plot(lr, deviation).at(sizes == "5x5x5").by(lambda).log_log())
                     .panel("Time until the first mode is half learned",
                            plot(lambda, first_half_time)
                                .at(lr == 0.001 && sizes == "5x5x5")
                                .called("gradient descent")
                                .theory("exact solution", median(first_half_time_exact))
                                .y_label("time / \u03c4"))},
     .claims = {
         {.claim = "The dynamics of each singular value are completely captured by the analytical solution",
          .source = source + ", figure 3.2",
          .says = "curves coincide at \u03bb = 0.5",
          .holds = median(deviation) < 0.01 && falls_as_the_step,
          .in_shape = small,
          .why = "What is left falls as the step does: it is gradient descent's own."},
         {.claim = "Weights that are aligned remain aligned during training",
          .source = source,
          .says = "aligned",
          .holds = median(off_diagonal) < 1e-10,
          .why = "The gradient has no entry between the target's singular vectors, at any step size."},
         {.claim = "As |\u03bb| increases so does the rate of learning",
          .source = source,
          .says = "rate K",
          .holds = decreases(median(first_half_time).at(among(lambda, {0, 0.5, 5})), lambda) &&
                   near(median(first_half_time).at(lambda == -5), median(first_half_time).at(lambda == 5), 0.02),
          .why = "The rate is sqrt(\u03bb\u00b2 + 4 s\u00b2), whatever the sign."},
         {.claim = "The solution applies to unequal sizes, with the compact singular value decomposition",
          .source = source,
          .says = "as well as unequal",
          .holds = median(deviation).at(unequal) < 0.01 && median(off_diagonal).at(unequal) < 1e-10,
          .in_shape = median(deviation).at(unequal) < 0.05,
          .why = "Sizes (3, 4, 5) with \u03bb >= 0 and (5, 4, 3) with \u03bb <= 0; other signs have no such weights."},
         {.claim = "A mode takes the time tau / (2 s) ln[a_f (s - a_0) / (a_0 (s - a_f))] to learn",
          .source = "paper 004, equation 2.27",
          .says = "equation 2.27",
          .holds = near(median(first_half_time).at(lambda == 0), median(first_half_time_exact).at(lambda == 0), 0.01),
          .in_shape =
              near(median(first_half_time).at(lambda == 0), median(first_half_time_exact).at(lambda == 0), 0.05),
          .why = Why("Until half of it is learned, at \u03bb = 0; with other \u03bb the solution's own time is off by "
                     "{:.1e} at most. One per cent is our limit.",
                     {largest(relative_difference(median(first_half_time), median(first_half_time_exact)))})},
         {.claim = "A mode evolves with the rate K = sqrt(\u03bb\u00b2 + 4 s\u00b2)",
          .source = source,
          .says = "K",
          .holds = near(median(late_rate), median(rate_exact), 0.02),
          .in_shape = near(median(late_rate), median(rate_exact), 0.1),
          .why = "Between a hundredth and a thousandth left, where sqrt(\u03bb\u00b2 + 4 a\u00b2) is within 1% of K; "
                 "the step adds K lr / 2."},
         {.claim = "At \u03bb = 0 singular values are learned along a sigmoid",
          .source = "paper 004, theorem 3.2.2",
          .says = "sigmoidal",
          .holds = within(median(steepest).at(lambda == 0), 0.45, 0.55),
          .in_shape = median(steepest).at(lambda == 0) > 0.25,
          .why = Why("A logistic curve is steepest at half of its height, an exponential at its start, which is at "
                     "{:.2f} for \u03bb = 5; 0.05 is what the distance of two looks leaves open.",
                     {median(steepest).at(lambda == 5)})},
         {.claim = "As |\u03bb| grows they are learned along s + (a_0 - s) exp(-|\u03bb| t)",
          .source = "paper 004, theorem 3.2.2, equation 3.20",
          .says = "exponential",
          .holds = decreases(median(from_exponential).at(among(lambda, {0.5, 2, 5})), lambda) &&
                   ratio(far_off(1000), far_off(100)) < 0.02 && ratio(far_off(100), far_off(10)) < 0.02,
          .in_shape = decreases(median(from_exponential).at(among(lambda, {0.5, 2, 5})), lambda),
          .why =
              Why("Gradient descent comes closer from \u03bb = 0.5 to 5; the exact solution is off by {:.1e}, {:.1e} "
                  "and {:.1e} at 10, 100, 1000, as 1/\u03bb\u00b2 (twice that is allowed).",
                  {far_off(10), far_off(100), far_off(1000)})},
         {.claim = "Equation 3.2 holds for non-zero \u03bb of either sign",
          .source = source + ", theorem 3.2.1",
          .says = "for \u03bb \u2260 0",
          .holds = off_by < 1e-6,
          .why = "The exponent lacks the sign of \u03bb, and the constant has \u03bb where |\u03bb| belongs."}}}};

}  // namespace
}  // namespace sigmagrad::experiments::balanced
