// SPDX-License-Identifier: BSD-3-Clause
// Do deep factorisations complete a matrix to rank one even where its observed entries say nothing about each other?
#include <sigmagrad/experiments/completion/limits.hpp>
#include <sigmagrad/experiments/completion/observations.hpp>
#include <sigmagrad/sigmagrad.hpp>

namespace sigmagrad::experiments::completion {
namespace {

constexpr std::int64_t d = 2, max_steps = 2500;

const Text pattern{.name = "pattern", .help = "what is observed", .quick = {"diagonal", "column"}};
const Quantity limiting_rank{.name = "limiting_effective_rank", .label = "effective rank of the closed form"};

void batch(std::span<Trial> trials) {
  const Params& p = trials.front().params();
  const auto start = gaussian_start(trials, {d, p[depth], p[scale]}, convention_of(p));
  const bool diagonal = p[pattern] == "diagonal";
  const Completion task{rank_one_targets(trials, d), mask_of(diagonal ? "10/01" : "10/10"), reduction_of(p)};
  const auto ends = run_flow(trials, Factorization(start), task, max_steps);
  if (diagonal && start.size() == 2)
    record_limits(trials, limiting_rank, linalg::effective_rank(two_factor_limits(start, task), entropy_of(p)),
                  ends.effective);
}

const Plot ranks = plot(scale, effective_rank).by(depth).log_x();
const Plot of_diagonal = ranks.at(pattern == "diagonal"), of_column = ranks.at(pattern == "column");
const Statistic disconnected = mean(effective_rank).at(pattern == "diagonal");
const Statistic connected = mean(effective_rank).at(pattern == "column");
const Statistic two_factors = disconnected.at(depth == 2 && scale <= 1e-2);
const Condition of_rank_one = below(connected.at(scale == 1e-5), 1.005);

const Register connectivity{
    {.id = "completion/connectivity",
     .title = "Connected and disconnected observations of a 2 x 2 matrix",
     .question = "Do deep factorisations find a low rank even where the observed entries say nothing about each other?",
     .observe =
         "Yes. With the diagonal observed two factors stay at a mean effective rank of 1.3 at every scale, three and "
         "more come to 1 as the start gets smaller (1.20, 1.09, 1.03 at 1e-1, 1e-2, 1e-3 with three). With a column "
         "observed every depth comes to 1.",
     .source = "paper 002, section 1, figure 1",
     .parameters = with_flow_parameters(
         {pattern, depth.at_least(1), scale.with({1e-1, 1e-2, 1e-3, 1e-5, 1e-7}), convention}, 1e-10),
     .trials = {.quick = 100, .paper = 300},
     .seconds = {.quick = 1, .paper = 2},
     .batch = batch,
     .batch_size = 300,
     .figures = {figure("",
                        "Effective rank of 2 x 2 matrices completed from two entries of a Gaussian u v', by the scale "
                        "of a Gaussian start: means with standard errors, and medians with quartiles. The closed form "
                        "is evaluated at every trial's own start.")
                     .panel([](const Results&) { return bipartite_graph("Diagonal: two components", "10/01"); })
                     .panel([](const Results&) { return bipartite_graph("Column: one component", "10/10"); })
                     .panel("Diagonal observed (disconnected), means",
                            of_diagonal.standard_errors().lines().theory("depth 2, closed form", mean(limiting_rank)))
                     .panel("Column observed (connected), means", of_column.standard_errors().lines())
                     .panel("Diagonal, medians and quartiles", of_diagonal)
                     .panel("Column, medians and quartiles", of_column)},
     .claims = {
         {.claim = "Two factors do not find a low rank from disconnected observations, whatever the scale",
          .says = "rank 2 regardless of initialization scale",
          .holds = above(two_factors, 1.2) && below(largest(two_factors) - smallest(two_factors), 0.03),
          .why = "It stays above one at every scale, but one singular value dominates: the stable rank is close to 1."},
         {.claim = "Three or more factors with a small start do",
          .says = "rank 1",
          .holds = below(disconnected.at(depth >= 3 && scale == 1e-7), 1.005),
          .why = "The start must be small: at scale 0.1 none of them comes to rank one."},
         {.claim = "The bias towards low rank is strengthened by depth",
          .says = "strengthened by depth",
          .holds = decreases(disconnected.at(scale == 1e-1), depth) && decreases(disconnected.at(scale == 1e-2), depth),
          .why = "At scales of 1e-3 and below the deeper ones differ by less than their standard errors."},
         {.claim = "With connected observations the bias is there at every depth, stronger with more factors",
          .says = "generally robust, tending to strengthen further as depth increases",
          .holds = of_rank_one && decreases(connected.at(scale == 1e-1), depth),
          .in_shape = of_rank_one,
          .why = "Every depth comes to rank one where the start is small, and deeper ones are closer where it is not."},
         two_factor_limits_claim(
             "what is left is where the flow was stopped, most where an observed entry is tiny.")}}};

}  // namespace
}  // namespace sigmagrad::experiments::completion
