// SPDX-License-Identifier: BSD-3-Clause
// Over all patterns of observed entries of a 3 x 3 matrix: what do connectivity, depth and the start decide?
#include <algorithm>

#include <fmt/format.h>

#include <sigmagrad/experiments/completion/flow_runs.hpp>
#include <sigmagrad/experiments/completion/observations.hpp>
#include <sigmagrad/sigmagrad.hpp>
#include <sigmagrad/theory/coupling.hpp>

namespace sigmagrad::experiments::completion {
namespace {

constexpr std::int64_t d = 3, max_steps = 1500;

const Text pattern{
    .name = "pattern", .help = "rows of a 3 x 3 matrix, 1 where it is observed", .quick = patterns_up_to_symmetry(d)};
const Quantity nuclear_norm_gap{.name = "nuclear_norm_gap", .label = "excess of the nuclear norm"};

// Streams of its own for each pattern, which makes means over patterns those of independent trials.
std::vector<Trial> with_own_streams(std::span<const Trial> trials) {
  const auto place = std::ranges::find(pattern.quick, trials.front()[pattern]) - pattern.quick.begin();
  std::vector<Trial> own;
  for (const Trial& trial : trials) {
    auto key = trial.key();
    key.index = key.index * static_cast<std::int64_t>(pattern.quick.size()) + place;
    own.emplace_back(key);
  }
  return own;
}

// ||W||_* over the least nuclear norm of all matrices with W's entries in the blocks, minus 1. By pinching, that is
// the sum of the blocks' own norms.
Tensor excess_of_nuclear_norm(const Tensor& products, const std::vector<Tensor>& blocks) {
  Tensor least = zeros({products.size(0)});
  for (const auto& block : blocks) least = least + linalg::norm(products * block, linalg::Nuclear);
  return linalg::norm(products, linalg::Nuclear) / least - 1.0;
}

void run(std::span<Trial> group) {
  const auto trials = with_own_streams(group);
  const Params& p = group.front().params();
  const Factorization model(gaussian_start(trials, {d, p[depth], p[scale]}, convention_of(p)));
  const Completion task{rank_one_targets(trials, d), mask_of(p[pattern]), reduction_of(p)};
  run_flow(group, model, task, max_steps);
  if (const auto blocks = complete_blocks(task.observed); !blocks.empty())
    record(group, nuclear_norm_gap, excess_of_nuclear_norm(model.product().detach(), blocks));
}

bool is_connected(const Value& value) { return theory::is_connected(mask_of(std::get<std::string>(value))); }
const auto connected = Selection::where(pattern.name, "connected", is_connected);
const auto disconnected = Selection::where(pattern.name, "disconnected", std::not_fn(is_connected));

// A line for each depth, by the scale of the start, over all patterns that are meant.
Plot by_scale(const Quantity& quantity, const Selection& patterns) {
  return plot(scale, quantity).by(depth).over(pattern).at(patterns).log_x();
}
Plot means_by_scale(const Selection& patterns) {
  return by_scale(effective_rank, patterns).means().standard_errors().lines();
}

// The mean over all patterns that are meant, from the smallest start.
Statistic rank(const Selection& where) { return mean(effective_rank).at(scale == 1e-7 && where).over(pattern); }
const Statistic level = rank(depth == 2 && disconnected);
Statistic excess_of_two_factors(const Selection& where) {
  return rank(depth == 2 && where) - rank(depth == 3 && where);
}
const Statistic gap = mean(nuclear_norm_gap).at(depth == 2 && scale == 1e-7 && disconnected).over(pattern);

Judgement count(const Results&) {
  const auto all = static_cast<std::int64_t>(pattern.quick.size());
  const auto together = std::ranges::count_if(pattern.quick, is_connected);
  return {.holds = all == 23 && together == 17,
          .measured = fmt::format("{}: {} connected, {} disconnected", all, together, all - together)};
}

const Register patterns{
    {.id = "completion/patterns",
     .title = "All patterns of observations of a 3 x 3 matrix",
     .question = "Over all patterns of observed entries, what do connectivity, depth and the start decide?",
     .observe =
         "With two factors disconnected patterns stay at a mean effective rank of 1.43 and connected ones sink to 1.06 "
         "at scale 1e-7; with three and more both come to 1. Where all components of a disconnected pattern are "
         "complete, two factors end at the least nuclear norm.",
     .source = "paper 002, appendix C.1, figure 4",
     .parameters = with_flow_parameters({pattern, depth.with({2, 3, 4}).at_least(1), scale, convention}, 1e-6),
     .trials = {.quick = 5, .paper = 10},
     .seconds = {.quick = 1, .paper = 2},
     .batch = run,
     .figures = {figure("",
                        "3 x 3 matrices completed from every pattern of entries of a Gaussian u v', by the scale of a "
                        "Gaussian start: means with standard errors over all patterns that are connected or not, "
                        "medians with quartiles, and how far the nuclear norm is from its least where every component "
                        "of the pattern is fully observed.")
                     .panel("Connected observations, means", means_by_scale(connected))
                     .panel("Disconnected observations, means", means_by_scale(disconnected))
                     .panel("Connected observations, medians", by_scale(effective_rank, connected))
                     .panel("Disconnected observations, medians", by_scale(effective_rank, disconnected))
                     .panel("Disconnected, components complete: medians",
                            by_scale(nuclear_norm_gap, disconnected).log_y())
                     .panel("Effective rank of each pattern at scale 1e-7",
                            heat_map(depth, pattern, effective_rank).means().at(scale == 1e-7))},
     .claims = {
         {.claim = "There are 23 observation patterns",
          .says = "17 connected, 6 disconnected",
          .holds = count,
          .why = "Up to permutations of rows and of columns and transposition, from two observed entries to all but "
                 "one; rows and columns without any are allowed."},
         {.claim = "Depth 2 differs from deeper factorisations, most where observations are disconnected",
          .says = "notably more pronounced for the disconnected observation patterns",
          .holds = excess_of_two_factors(disconnected) > 2.0 * excess_of_two_factors(connected) &&
                   excess_of_two_factors(connected) > 0.0,
          .why = "From a large start, at scale 1e-1, it is not so."},
         {.claim = "Two factors tend to a low rank with connected observations alone",
          .says = "effective rank of disconnected patterns level at about 1.4",
          .holds = level > 1.25 && level.at(scale == 1e-3) - level < 0.05 && rank(depth == 2 && connected) < 1.15,
          .why = "Connected patterns come to rank one slowly."},
         {.claim = "Deeper ones tend to rank one with either",
          .says = "1",
          .holds = rank(depth > 2 && connected) < 1.02 && rank(depth > 2 && disconnected) < 1.02,
          .why = "Means over the connected and over the disconnected patterns."},
         {.claim = "From a small start two factors reach the least nuclear norm where a disconnected pattern has "
                   "complete components",
          .source = "paper 002, appendix A.1, after Bai et al. (2024)",
          .says = "the minimum nuclear norm solution",
          .holds = gap < 1e-4 && gap / gap.at(scale == 1e-3) < 0.1,
          .why = "More factors reach it, too; of the many matrices of that norm they come to one of lower rank."}}}};

}  // namespace
}  // namespace sigmagrad::experiments::completion
