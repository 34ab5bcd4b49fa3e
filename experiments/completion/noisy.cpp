// SPDX-License-Identifier: BSD-3-Clause
// Does the low rank of deep factorisations survive where the observed diagonal is only nearly constant?
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include <sigmagrad/experiments/completion/factorization.hpp>
#include <sigmagrad/experiments/completion/limits.hpp>
#include <sigmagrad/experiments/completion/summaries.hpp>
#include <sigmagrad/sigmagrad.hpp>

namespace sigmagrad::experiments::completion {
namespace {

constexpr std::int64_t max_steps = 2500;

Start start_of(const Params& p) { return {p.integer("d"), p.integer("depth"), p.real("scale")}; }

std::vector<Metrics> run(std::span<const Trial> trials) {
  const Params& p = trials.front().params;
  const Start start = start_of(p);
  const auto factors = identity_start(static_cast<std::int64_t>(trials.size()), start, p.real("m"));
  const auto diagonal = 1.0 + p.real("noise") * target_noise(trials, start.d);
  const Completion task{diagonal.unsqueeze(-1) * eye(start.d), eye(start.d), reduction_of(p)};
  auto metrics = run_flow(p, Factorization(factors), task, max_steps);
  if (start.depth == 2) add(metrics, "limiting_stable_rank", linalg::stable_rank(two_factor_limits(factors, task)));
  return metrics;
}

double noiseless_rank(const Params& p) { return linalg::stable_rank(diagonal_limit(start_of(p), p.real("m"))).item(); }

Panel at_noise(const Results& results, const Value& noise) {
  Panel panel = by_scale(results.where({{"noise", noise}}), "stable_rank", spread_line);
  panel.title = "Noise of standard deviation " + to_text(noise);
  panel.y_label = "stable rank";
  for (const Value& depth : results.values_of("depth")) {
    Series exact{.label = fmt::format("depth {}, no noise, theory", to_text(depth)), .role = Role::Theory};
    for (const Group* group : results.where({{"noise", noise}, {"depth", depth}})) {
      exact.x.push_back(group->params().real("scale"));
      exact.y.push_back(noiseless_rank(group->params()));
    }
    panel.series.push_back(exact);
  }
  return panel;
}

std::vector<Figure> figures(const Results& results) {
  Figure figure{.name = "completion-noisy",
                .caption =
                    "Stable rank of matrices completed from a diagonal of ones with noise, by the scale of the "
                    "start: means with standard deviations over draws of the noise, and theorem 3.3 for none."};
  for (const Value& noise : results.values_of("noise")) figure.panels.push_back(at_noise(results, noise));
  return {figure};
}

double rank(const Results& r, std::int64_t depth, double scale, double noise) {
  return r.group({{"depth", depth}, {"scale", scale}, {"noise", noise}}).mean("stable_rank");
}

void judge_shallow(const Results& r, Claim& claim) {
  double low = 1e300, spread = 0.0;
  for (const double noise : {0.01, 0.05, 0.1}) {
    const double a = rank(r, 2, 1e-1, noise), b = rank(r, 2, 1e-3, noise), c = rank(r, 2, 1e-7, noise);
    low = std::min({low, a, b, c});
    spread = std::max(spread, std::max({a, b, c}) - std::min({a, b, c}));
  }
  claim.measured = fmt::format("at least {:.2f}, and within {:.2g} over scales 1e-1 to 1e-7", low, spread);
  claim.verdict = verdict(low > 3.0 && spread < 0.05);
  claim.why = "Of at most 5. What two factors converge to hardly depends on how large they were, only on their shape.";
}

void judge_depth(const Results& r, Claim& claim) {
  bool falls = true;
  for (const double noise : {0.01, 0.05, 0.1})
    for (const double scale : {1e-1, 1e-3})
      falls = falls && rank(r, 2, scale, noise) > rank(r, 3, scale, noise) &&
              rank(r, 3, scale, noise) > rank(r, 4, scale, noise);
  claim.measured = fmt::format("{:.2f}, {:.2f}, {:.2f} at scale 1e-1, {:.2f}, {:.3f}, {:.3f} at 1e-3, noise 0.05",
                               rank(r, 2, 1e-1, 0.05), rank(r, 3, 1e-1, 0.05), rank(r, 4, 1e-1, 0.05),
                               rank(r, 2, 1e-3, 0.05), rank(r, 3, 1e-3, 0.05), rank(r, 4, 1e-3, 0.05));
  claim.verdict = verdict(falls);
  claim.why = fmt::format("Depths 2, 3 and 4. From scale 1e-5 on the deeper ones are both at rank one ({:.4f}).",
                          rank(r, 3, 1e-5, 0.05));
}

void judge_noise(const Results& r, Claim& claim) {
  const auto falls = [&](std::int64_t depth, double scale) {
    return rank(r, depth, scale, 0.0) >= rank(r, depth, scale, 0.01) &&
           rank(r, depth, scale, 0.01) > rank(r, depth, scale, 0.05) &&
           rank(r, depth, scale, 0.05) > rank(r, depth, scale, 0.1);
  };
  claim.measured =
      fmt::format("depth 2: {:.3f}, {:.3f}, {:.3f}, {:.3f}; depth 3 at scale 1e-3: {:.3f}, {:.3f}, {:.3f}, {:.3f}",
                  rank(r, 2, 1e-3, 0.0), rank(r, 2, 1e-3, 0.01), rank(r, 2, 1e-3, 0.05), rank(r, 2, 1e-3, 0.1),
                  rank(r, 3, 1e-3, 0.0), rank(r, 3, 1e-3, 0.01), rank(r, 3, 1e-3, 0.05), rank(r, 3, 1e-3, 0.1));
  claim.verdict = verdict(falls(2, 1e-3) && falls(3, 1e-3));
  claim.why = "Noise 0, 0.01, 0.05 and 0.1.";
}

void judge_continuity(const Results& r, Claim& claim) {
  const double small = std::abs(rank(r, 2, 1e-3, 0.01) - rank(r, 2, 1e-3, 0.0));
  const double large = std::abs(rank(r, 2, 1e-3, 0.1) - rank(r, 2, 1e-3, 0.0));
  claim.measured = fmt::format("depth 2 moves by {:.3f} at noise 0.01 and by {:.2f} at 0.1", small, large);
  claim.verdict = verdict(small < 0.05 && large > 5.0 * small);
  claim.why = fmt::format("Ten times the noise moves it {:.0f} times as far: in the mean it is of second order.",
                          large / small);
}

std::vector<Claim> claims(const Results& results) {
  const std::string source = "paper 002, appendix C.1, figure 11";
  return judge_all(
      results,
      {{{.claim = "Two factors converge to a high rank largely independently of the scale",
         .source = source,
         .printed = "a high-rank solution"},
        judge_shallow},
       {{.claim = "With more factors the stable rank decreases", .source = source, .printed = "decreases with depth"},
        judge_depth},
       {{.claim = "Larger noise leads to lower ranks", .source = source, .printed = "more pronounced low rank"},
        judge_noise},
       {{.claim = "The dependence on the noise is continuous",
         .source = source,
         .printed = "mild at 0.01, more substantial at 0.1"},
        judge_continuity},
       two_factor_limits_claim("stable_rank", "targets need not be equal.")});
}

const Register noisy{Experiment{
    .id = "completion/noisy",
    .title = "A noisy diagonal",
    .question = "Does the low rank of deep factorisations survive where the observed diagonal is only nearly constant?",
    .observe = "Yes. Two factors end at stable ranks of 4.28, 4.19 and 3.96 for noise 0.01, 0.05 and 0.1 at every "
               "scale; three at 3.1 from scale 1e-1 and 1.2 from 1e-3, four at 2.1 and 1.0.",
    .source = "paper 002, appendix C.1, figure 11",
    .parameters = with_flow_parameters(
        {{.name = "noise", .help = "standard deviation about ones", .quick = {0.0, 0.01, 0.05, 0.1}, .minimum = 0},
         {.name = "depth", .help = "number of factors", .quick = {2, 3, 4}, .minimum = 2, .maximum = 10},
         {.name = "scale", .help = "alpha^depth", .quick = {1e-1, 1e-3, 1e-5, 1e-7}, .minimum = 1e-30, .maximum = 10},
         {.name = "m", .help = "the start's diagonal over what is beside it", .quick = {100.0}, .minimum = 1},
         {.name = "d", .help = "matrix size", .quick = {5}, .minimum = 2}},
        1e-10),
    .trials = {.quick = 10, .paper = 10},
    .seconds = {.quick = 1, .paper = 1},
    .batch = run,
    .figures = figures,
    .claims = claims}};

}  // namespace
}  // namespace sigmagrad::experiments::completion
