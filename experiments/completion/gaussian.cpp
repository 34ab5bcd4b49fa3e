// SPDX-License-Identifier: BSD-3-Clause
// Is the start that theory can follow like a Gaussian one?
#include <algorithm>
#include <cmath>
#include <numeric>

#include <sigmagrad/experiments/completion/limits.hpp>
#include <sigmagrad/sigmagrad.hpp>

namespace sigmagrad::experiments::completion {
namespace {

constexpr std::int64_t max_steps = 2500;
constexpr std::int64_t draws = 50;  // Gaussian trials for each of the other start

const Text start{.name = "start", .help = "of all factors", .quick = {"identity", "gaussian"}};
const Real ratio_m{.name = "m",
                   .help = "the diagonal over what is beside it; Gaussian starts have none and go with m = inf",
                   .quick = {1.01, 1.1, 1.5, 2, 3, 5, 10, 30, 100, 300, 1e3, 3e3, 1e4, infinity},
                   .minimum = 1};
const Text start_convention = [] {
  auto own = convention;
  own.help += "; the start from the identity is divided by sqrt(d) there, too";
  return own;
}();
const Quantity limiting_rank{.name = "limiting_effective_rank", .label = "effective rank of theorem 3.3"};

// The start (7), which the authors' program divides by sqrt(d), as it does Gaussian ones.
StartSize identity_size(const Params& p) {
  auto size = start_size(p);
  if (convention_of(p) == Convention::Authors)
    size.scale *= std::pow(static_cast<double>(size.d), -0.5 * static_cast<double>(size.depth));
  return size;
}

double theorem_rank(const Params& p) {
  return linalg::effective_rank(diagonal_limit(identity_size(p), p[m]), entropy_of(p)).item();
}

void batch(std::span<Trial> trials) {
  const Params& p = trials.front().params();
  const auto count = static_cast<std::int64_t>(trials.size());
  const bool gaussian = p[start] == "gaussian";
  const Factorization model(gaussian ? gaussian_start(trials, start_size(p), convention_of(p))
                                     : identity_start(count, identity_size(p), p[m]));
  const auto ones = eye(p[matrix_size]);
  const auto ends = run_flow(trials, model, {ones, ones, reduction_of(p)}, max_steps);
  if (!gaussian) record_limits(trials, limiting_rank, full({count}, theorem_rank(p)), ends.effective);
}

Panel sorted_draws(const Results& results) {
  Panel panel{.title = "Gaussian start", .x_label = "trials, sorted", .y_label = effective_rank.text()};
  for (const Group* group : results.where(start == "gaussian")) {
    Series series{.label = "depth = " + std::to_string((*group)[depth]), .role = Role::Median};
    series.y = group->values(effective_rank);
    std::ranges::sort(series.y);
    series.x.resize(series.y.size());
    std::iota(series.x.begin(), series.x.end(), 1.0);
    panel.series.push_back(series);
  }
  return panel;
}

const Statistic gaussian_rank = mean(effective_rank).at(start == "gaussian");
const Statistic identity_rank = median(effective_rank).at(start == "identity");

// From two factors to three.
Statistic gap(const Statistic& rank) { return rank.at(depth == 2) - rank.at(depth == 3); }

const Register gaussian_starts{
    {.id = "completion/gaussian",
     .title = "Gaussian starts and starts between ones and the identity",
     .question =
         "Is the start that theory can follow, alpha on the diagonal and alpha / m beside it, like a Gaussian one?",
     .observe =
         "In its trends, yes: mean effective ranks over Gaussian starts are 2.09, 1.14, 1.05 and 1.02 with two to five "
         "factors, those at m = 10 are 2.88, 1.10, 1.02 and 1.01. But m decides where a Gaussian start leaves it to "
         "chance.",
     .source = "paper 002, appendix C.1, figure 10",
     .parameters = with_flow_parameters(
         {start, depth, ratio_m, matrix_size.with({3}), scale.with({1e-3}), start_convention}, 1e-10),
     .trials = {.quick = 5, .paper = 20},
     .times = [](const Params& p) { return p[start] == "gaussian" ? draws : 1; },
     .seconds = {.quick = 1, .paper = 2},
     .valid = [](const Params& p) { return p[start] == "identity" || std::isinf(p[m]); },
     .valid_rule = "m is that of starts from the identity; Gaussian ones have inf",
     .batch = batch,
     .batch_size = 500,
     .figures = {figure("",
                        "Effective rank of matrices completed from ones on the diagonal, by the start: with theorem "
                        "3.3 for the start that it treats, and over draws of a Gaussian one.")
                     .panel("Start of equation (7): \u03b1, and \u03b1/m off the diagonal",
                            plot(m, effective_rank)
                                .at(start == "identity" && m < infinity)
                                .by(depth)
                                .points()
                                .theory("theorem 3.3", theorem_rank)
                                .log_x())
                     .panel(sorted_draws)},
     .claims = {{.claim = "With two factors both starts tend to high ranks",
                 .says = "high-rank",
                 .holds = above(q25(effective_rank).at(start == "gaussian" && depth == 2), 1.5) &&
                          above(identity_rank.at(depth == 2 && m >= 5.0), 1.5),
                 .why = "Of at most 3. A start close to ones everywhere, such as m = 1.1, is of rank one from the "
                        "outset."},
                {.claim = "A clear gap lies between two and three factors with both",
                 .says = "a clear gap",
                 .holds = above(gap(gaussian_rank), 0.5) && above(gap(identity_rank.at(m == 10.0)), 0.5),
                 .why = "The gap closes where m is so large that nothing is coupled, as at m = 10 000."},
                {.claim = "More factors tend to lower ranks still",
                 .says = "increasingly pronounced as depth increases",
                 .holds = decreases(gaussian_rank.at(depth >= 3), depth) &&
                          decreases(identity_rank.at(depth >= 3 && m == 100.0), depth),
                 .why = "Most Gaussian starts are close to rank one with three factors already; the mean is raised by "
                        "the few that are not."},
                {.claim = "Starts (7) end at the limits of theorem 3.3",
                 .source = "paper 002, theorem 3.3",
                 .says = "equations (8) and (9)",
                 .holds = below(largest(rank_off_limit).at(start == "identity"), 1e-3),
                 .why = "Effective ranks of starts from nearly all ones to the identity."}}}};

}  // namespace
}  // namespace sigmagrad::experiments::completion
