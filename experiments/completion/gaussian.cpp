// SPDX-License-Identifier: BSD-3-Clause
// Is the start that theory can follow like a Gaussian one?
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

constexpr std::int64_t max_steps = 2500;
constexpr std::int64_t draws = 50;  // Gaussian trials for each of the other start
constexpr double infinity = std::numeric_limits<double>::infinity();

Start start_of(const Params& p) { return {p.integer("d"), p.integer("depth"), p.real("scale")}; }

std::vector<Metrics> run(std::span<const Trial> trials) {
  const Params& p = trials.front().params;
  const Start start = start_of(p);
  const Factorization model(p.text("start") == "gaussian"
                                ? gaussian_start(trials, start, convention_of(p))
                                : identity_start(static_cast<std::int64_t>(trials.size()), start, p.real("m")));
  return run_flow(p, model, {eye(start.d), eye(start.d), reduction_of(p)}, max_steps);
}

double limiting_rank(const Params& p, double m) {
  return linalg::effective_rank(diagonal_limit(start_of(p), m), entropy_of(p)).item();
}

Groups identity(const Results& r) { return r.where({{"start", "identity"}}); }

std::string depth_label(const Value& depth) { return "depth " + to_text(depth); }

Panel by_m(const Results& results) {
  Panel panel{.title = "Start of equation (7): \u03b1, and \u03b1/m off the diagonal",
              .x_label = "m",
              .y_label = "effective rank",
              .log_x = true};
  for (const Value& depth : results.values_of("depth")) {
    Series flow{.label = depth_label(depth), .kind = Kind::Points},
        exact{.label = depth_label(depth) + ", theory", .role = Role::Theory};
    double low = infinity, high = 0.0;
    const Group* last = nullptr;
    for (const Group* group : results.where({{"start", "identity"}, {"depth", depth}})) {
      const double m = group->params().real("m");
      if (std::isinf(m)) continue;
      flow.x.push_back(m);
      flow.y.push_back(group->median("effective_rank"));
      low = std::min(low, m);
      high = std::max(high, m);
      last = group;
    }
    panel.series.push_back(flow);
    for (int i = 0; i <= 60 && last; ++i) {
      exact.x.push_back(low * std::pow(high / low, i / 60.0));
      exact.y.push_back(limiting_rank(last->params(), exact.x.back()));
    }
    panel.series.push_back(exact);
  }
  return panel;
}

Panel sorted_draws(const Results& results) {
  Panel panel{.title = "Gaussian start", .x_label = "trials, sorted", .y_label = "effective rank"};
  for (const Group* group : results.where({{"start", "gaussian"}})) {
    Series series{.label = depth_label(group->params()["depth"])};
    series.y = group->values("effective_rank");
    std::ranges::sort(series.y);
    for (std::size_t i = 1; i <= series.y.size(); ++i) series.x.push_back(static_cast<double>(i));
    panel.series.push_back(series);
  }
  return panel;
}

std::vector<Figure> figures(const Results& results) {
  return {{.name = "completion-gaussian",
           .caption = "Effective rank of matrices completed from ones on the diagonal, by the start: with theorem 3.3 "
                      "for the start that it treats, and over draws of a Gaussian one.",
           .panels = {by_m(results), sorted_draws(results)}}};
}

const Group& gaussian(const Results& r, std::int64_t depth) {
  return r.group({{"start", "gaussian"}, {"depth", depth}});
}
double rank(const Results& r, std::int64_t depth, double m) {
  return r.group({{"start", "identity"}, {"depth", depth}, {"m", m}}).median("effective_rank");
}

void judge_shallow(const Results& r, Claim& claim) {
  const auto s = gaussian(r, 2).statistics("effective_rank");
  claim.measured = fmt::format("Gaussian median {:.2f}, quartiles {:.2f} to {:.2f}; {:.2f} to {:.2f} at m = 5 to 100",
                               s.median, s.q25, s.q75, rank(r, 2, 5.0), rank(r, 2, 100.0));
  claim.verdict = verdict(s.q25 > 1.5 && rank(r, 2, 5.0) > 1.5);
  claim.why = fmt::format(
      "Of at most 3. A start close to ones everywhere is of rank one from the outset: {:.2f} at "
      "m = 1.1.",
      rank(r, 2, 1.1));
}

void judge_gap(const Results& r, Claim& claim) {
  const double two = gaussian(r, 2).mean("effective_rank"), three = gaussian(r, 3).mean("effective_rank");
  claim.measured = fmt::format("Gaussian means {:.2f} and {:.2f}; {:.2f} and {:.2f} at m = 10", two, three,
                               rank(r, 2, 10.0), rank(r, 3, 10.0));
  claim.verdict = verdict(two - three > 0.5 && rank(r, 2, 10.0) - rank(r, 3, 10.0) > 0.5);
  claim.why =
      fmt::format("The gap closes where m is so large that nothing is coupled: {:.2f} and {:.2f} at m = 10 000.",
                  rank(r, 2, 1e4), rank(r, 3, 1e4));
}

void judge_depth(const Results& r, Claim& claim) {
  const double a = gaussian(r, 3).mean("effective_rank"), b = gaussian(r, 4).mean("effective_rank");
  const double c = gaussian(r, 5).mean("effective_rank");
  const double x = rank(r, 3, 100.0), y = rank(r, 4, 100.0), z = rank(r, 5, 100.0);
  claim.measured =
      fmt::format("Gaussian means {:.3f}, {:.3f}, {:.3f}; {:.2f}, {:.2f}, {:.2f} at m = 100", a, b, c, x, y, z);
  claim.verdict = verdict(a > b && b > c && x > y && y > z);
  claim.why = fmt::format("Depths 3, 4 and 5. A tenth of the Gaussian trials are above {:.2f}, {:.2f} and {:.2f}.",
                          quantile(gaussian(r, 3).values("effective_rank"), 0.9),
                          quantile(gaussian(r, 4).values("effective_rank"), 0.9),
                          quantile(gaussian(r, 5).values("effective_rank"), 0.9));
}

void judge_theorem(const Results& r, Claim& claim) {
  double worst = 0.0;
  const auto groups = identity(r);
  for (const Group* group : groups) {
    const double exact = limiting_rank(group->params(), group->params().real("m"));
    for (const double end : group->values("effective_rank")) worst = std::max(worst, std::abs(end - exact));
  }
  groups.front();
  claim.measured = fmt::format("the flow ends within {:.1e} of it", worst);
  claim.verdict = verdict(worst < 1e-3);
  claim.why = fmt::format("Effective ranks of {} starts, from nearly all ones to the identity.", groups.size());
}

std::vector<Claim> claims(const Results& results) {
  const std::string source = "paper 002, appendix C.1, figure 10";
  return judge_all(
      results, {{{.claim = "With two factors both starts tend to high ranks", .source = source, .printed = "high-rank"},
                 judge_shallow},
                {{.claim = "A clear gap lies between two and three factors with both",
                  .source = source,
                  .printed = "a clear gap"},
                 judge_gap},
                {{.claim = "More factors tend to lower ranks still",
                  .source = source,
                  .printed = "increasingly pronounced as depth increases"},
                 judge_depth},
                {{.claim = "The limits are those of theorem 3.3",
                  .source = "paper 002, theorem 3.3",
                  .printed = "equations (8) and (9)"},
                 judge_theorem}});
}

const Register gaussian_starts{Experiment{
    .id = "completion/gaussian",
    .title = "Gaussian starts and starts between ones and the identity",
    .question =
        "Is the start that theory can follow, alpha on the diagonal and alpha / m beside it, like a Gaussian one?",
    .observe =
        "In its trends, yes: mean effective ranks over Gaussian starts are 2.09, 1.14, 1.05 and 1.02 with two to "
        "five factors, those at m = 10 are 2.88, 1.10, 1.02 and 1.01. But m decides where a Gaussian start "
        "leaves it to chance.",
    .source = "paper 002, appendix C.1, figure 10",
    .parameters = with_flow_parameters(
        {{.name = "start", .help = "of all factors", .quick = {"identity", "gaussian"}},
         {.name = "depth", .help = "number of factors", .quick = {2, 3, 4, 5}, .minimum = 2, .maximum = 10},
         {.name = "m",
          .help = "the diagonal over what is beside it; Gaussian starts have none and go with m = inf",
          .quick = {1.01, 1.1, 1.5, 2, 3, 5, 10, 30, 100, 300, 1e3, 3e3, 1e4, infinity},
          .minimum = 1},
         {.name = "d", .help = "matrix size", .quick = {3}, .minimum = 2},
         {.name = "scale", .help = "alpha^depth", .quick = {1e-3}, .minimum = 1e-30, .maximum = 10},
         convention_parameter()},
        1e-10),
    .trials = {.quick = 5, .paper = 20},
    .seconds = {.quick = 1, .paper = 2},
    .valid = [](const Params& p) { return p.text("start") == "identity" || std::isinf(p.real("m")); },
    .batch = run,
    .batch_size = 500,
    .trials_factor = [](const Params& p) { return p.text("start") == "gaussian" ? draws : 1; },
    .figures = figures,
    .claims = claims}};

}  // namespace
}  // namespace sigmagrad::experiments::completion
