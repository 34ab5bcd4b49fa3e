// SPDX-License-Identifier: BSD-3-Clause
// Does the low rank of deep factorisations need observed entries of one size?
#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include <sigmagrad/experiments/completion/factorization.hpp>
#include <sigmagrad/experiments/completion/limits.hpp>
#include <sigmagrad/experiments/completion/summaries.hpp>
#include <sigmagrad/sigmagrad.hpp>

namespace sigmagrad::experiments::completion {
namespace {

constexpr std::int64_t d = 5, max_steps = 5000;
constexpr double infinity = std::numeric_limits<double>::infinity();

const Tensor& diagonal() {
  static const auto entries = tensor({0.0, 0.5, 1.0, 1.5, 2.0});
  return entries;
}

std::vector<Metrics> run(std::span<const Trial> trials) {
  const Params& p = trials.front().params;
  const auto factors =
      identity_start(static_cast<std::int64_t>(trials.size()), {d, p.integer("depth"), p.real("scale")}, p.real("m"));
  const Completion task{diag(diagonal()), eye(d), reduction_of(p)};
  auto metrics = run_flow(p, Factorization(factors), task, max_steps);
  if (factors.size() == 2) add(metrics, "limiting_stable_rank", linalg::stable_rank(two_factor_limits(factors, task)));
  return metrics;
}

// Of the diagonal itself: 7.5 / 4.
double decoupled_rank() { return linalg::stable_rank(diag(diagonal())).item(); }

Panel at_m(const Results& results, const Value& m) {
  const auto groups = results.where({{"m", m}});
  Panel panel = by_scale(groups, "stable_rank", median_line);
  panel.title = "m = " + to_text(m);
  panel.y_label = "stable rank";
  Series two{.label = "depth 2, closed form", .role = Role::Theory};
  for (const Group* group : having(groups, "limiting_stable_rank")) {
    two.x.push_back(group->params().real("scale"));
    two.y.push_back(group->median("limiting_stable_rank"));
  }
  panel.series.push_back(two);
  // The least rank and that of the diagonal matrix itself, which also give all panels one range.
  std::vector<double> scales;
  for (const Value& scale : results.values_of("scale")) scales.push_back(std::get<double>(scale));
  panel.series.push_back(theory(scales, std::vector<double>(scales.size(), decoupled_rank()), "diagonal matrix"));
  panel.series.push_back(theory(scales, std::vector<double>(scales.size(), 1.0), "rank one"));
  return panel;
}

std::vector<Figure> figures(const Results& results) {
  Figure figure{.name = "completion-unequal",
                .caption =
                    "Stable rank of 5 x 5 matrices completed from a diagonal of 0, 0.5, 1, 1.5 and 2, by the "
                    "scale of the start and its m. The diagonal matrix itself has 7.5 / 4 = 1.875."};
  for (const Value& m : results.values_of("m")) figure.panels.push_back(at_m(results, m));
  return {figure};
}

double rank(const Results& r, double m, std::int64_t depth, double scale) {
  return r.group({{"m", m}, {"depth", depth}, {"scale", scale}}).median("stable_rank");
}

void judge_shallow(const Results& r, Claim& claim) {
  double spread = 0.0;
  for (const double scale : {1e-1, 1e-3, 1e-5})
    for (const double m : {10.0, 100.0})
      spread = std::max(spread, std::abs(rank(r, m, 2, scale) - rank(r, m, 2, 1e-7)));
  claim.measured = fmt::format("{:.3f} at m = 10, {:.3f} at m = 100, within {:.1g} at scales 1e-1 to 1e-7",
                               rank(r, 10.0, 2, 1e-7), rank(r, 100.0, 2, 1e-7), spread);
  const bool high = rank(r, 10.0, 2, 1e-7) > 1.3 && rank(r, 100.0, 2, 1e-7) > 1.3;
  claim.verdict = verdict(high && spread < 0.05);
  claim.why = fmt::format("The diagonal matrix itself has {:.3f}. Smaller m make it low at any depth: {:.4f} at m = 2.",
                          decoupled_rank(), rank(r, 2.0, 2, 1e-7));
}

void judge_depth(const Results& r, Claim& claim) {
  const auto falls = [&](double m, double scale) {
    return rank(r, m, 2, scale) > rank(r, m, 3, scale) && rank(r, m, 3, scale) > rank(r, m, 4, scale);
  };
  claim.measured = fmt::format("m = 100: {:.3f}, {:.3f}, {:.3f} at scale 1e-1, {:.3f}, {:.3f}, {:.3f} at 1e-3",
                               rank(r, 100.0, 2, 1e-1), rank(r, 100.0, 3, 1e-1), rank(r, 100.0, 4, 1e-1),
                               rank(r, 100.0, 2, 1e-3), rank(r, 100.0, 3, 1e-3), rank(r, 100.0, 4, 1e-3));
  claim.verdict = verdict(falls(10.0, 1e-1) && falls(100.0, 1e-1) && falls(100.0, 1e-3));
  claim.why = "Depths 2, 3 and 4; with smaller starts the deeper ones are all at rank one.";
}

void judge_decoupled(const Results& r, Claim& claim) {
  double worst = 0.0;
  for (const std::int64_t depth : {2, 3, 4})
    for (const double scale : {1e-1, 1e-3, 1e-5, 1e-7})
      worst = std::max(worst, std::abs(rank(r, infinity, depth, scale) - decoupled_rank()));
  claim.measured = fmt::format("within {:.1e} of {:.3f} at every depth and scale", worst, decoupled_rank());
  claim.verdict = verdict(worst < 5e-3);
  claim.why = "From a multiple of the identity nothing off the diagonal moves: the diagonal is what is learned.";
}

std::vector<Claim> claims(const Results& results) {
  const std::string source = "paper 002, appendix C.1, figure 12";
  return judge_all(
      results,
      {{{.claim = "Two factors converge to a high rank independently of the scale",
         .source = source,
         .printed = "a high rank solution"},
        judge_shallow},
       {{.claim = "With more factors the stable rank decreases", .source = source, .printed = "decreases with depth"},
        judge_depth},
       {{.claim = "For m = infinity all depths converge to high ranks",
         .source = source,
         .printed = "high rank regardless of depth"},
        judge_decoupled},
       two_factor_limits_claim("stable_rank",
                               "what is left is the target 0, which is reached by a power law of time.")});
}

const Register unequal{Experiment{
    .id = "completion/unequal",
    .title = "An unequal diagonal",
    .question = "Does the low rank of deep factorisations need observed entries of one size?",
    .observe =
        "No. With 0, 0.5, 1, 1.5 and 2 on the diagonal two factors end at a stable rank of 1.47 (m = 10) or 1.87 "
        "(m = 100) at every scale, deeper ones come to 1 as the start gets smaller; from the identity (m = inf) "
        "every depth ends at the 1.875 of the diagonal itself.",
    .source = "paper 002, appendix C.1, figure 12",
    .parameters = with_flow_parameters(
        {{.name = "m",
          .help = "the start's diagonal over what is beside it",
          .quick = {2, 10, 100, infinity},
          .minimum = 1},
         {.name = "depth", .help = "number of factors", .quick = {2, 3, 4}, .minimum = 2, .maximum = 10},
         {.name = "scale", .help = "alpha^depth", .quick = {1e-1, 1e-3, 1e-5, 1e-7}, .minimum = 1e-30, .maximum = 10}},
        1e-6),
    .trials = {.quick = 1, .paper = 1},
    .seconds = {.quick = 2, .paper = 2},
    .batch = run,
    .figures = figures,
    .claims = claims}};

}  // namespace
}  // namespace sigmagrad::experiments::completion
