// SPDX-License-Identifier: BSD-3-Clause
// How balanced are randomly initialised layers, and what decides their lambda?
#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include <sigmagrad/experiments/balanced/two_layer.hpp>
#include <sigmagrad/experiments/harness/experiment.hpp>
#include <sigmagrad/sigmagrad.hpp>

namespace sigmagrad::experiments::balanced {
namespace {

constexpr double alpha_1 = 1.0, alpha_2 = 2.0;  // of the scaled weights
constexpr std::int64_t shown = 20;              // rows and columns of the heat maps

theory::TwoLayerSizes sizes_of(const Params& p) {
  const double n_i = static_cast<double>(p.integer("n_i"));
  return {p.integer("n_i"), std::llround(p.real("k") * n_i), std::llround(p.real("r") * n_i)};
}

theory::TwoLayerWeights draw(const std::string& scheme, const theory::TwoLayerSizes& n, Generator& generator) {
  const auto W1 = empty({n.n_h, n.n_i}), W2 = empty({n.n_o, n.n_h});
  for (const auto& w : {W1, W2}) {
    if (scheme == "lecun") nn::init::lecun_normal_(w, generator);
    if (scheme == "glorot") nn::init::xavier_normal_(w, 1.0, generator);
    if (scheme == "he") nn::init::kaiming_normal_(w, {}, generator);
    const double alpha = w.is(W1) ? alpha_1 : alpha_2;
    if (scheme == "scaled") nn::init::normal_(w, 0.0, alpha / std::sqrt(static_cast<double>(w.size(1))), generator);
  }
  return {W1, W2};
}

theory::BalanceStatistics expected(const std::string& scheme, const theory::TwoLayerSizes& n) {
  if (scheme == "lecun") return theory::random_balance(n, theory::RandomInit::LeCun);
  if (scheme == "glorot") return theory::random_balance(n, theory::RandomInit::Glorot);
  if (scheme == "he") return theory::random_balance(n, theory::RandomInit::He);
  return theory::scaled_random_balance(n, alpha_1, alpha_2);
}
theory::BalanceStatistics expected(const Params& p) { return expected(p.text("scheme"), sizes_of(p)); }

Metrics trial(const Trial& t) {
  const auto n = sizes_of(t.params);
  const auto generator = t.generator();
  const auto [W1, W2] = draw(t.params.text("scheme"), n, *generator);
  const auto b = matmul(W2.t(), W2) - matmul(W1, W1.t());
  const auto exact = expected(t.params);
  const auto h = static_cast<double>(n.n_h);
  const double deviation = square(diag(b) - exact.mean).sum().item();
  const auto [lambda, distance] = theory::balancedness(W1, W2);
  Metrics metrics{{"lambda", lambda.item()},
                  {"diagonal_variance", deviation / h},
                  {"relative_distance", distance.item() / (std::abs(lambda.item()) * std::sqrt(h))}};
  if (n.n_h > 1)
    metrics.add("off_diagonal_variance", (square(b).sum() - square(diag(b)).sum()).item() / (h * (h - 1.0)));
  if (t.index > 0) return metrics;
  const std::int64_t size = std::min(shown, n.n_h);
  const auto corner = b.narrow(0, 0, size).narrow(1, 0, size).clone();
  for (std::size_t e = 0; e < corner.data<double>().size(); ++e)
    metrics.add_at("b", static_cast<double>(e), corner.data<double>()[e]);
  return metrics;
}

const std::vector<std::pair<std::string, std::string>> schemes = {
    {"lecun", "LeCun"}, {"glorot", "Glorot"}, {"he", "He"}, {"scaled", "scaled, \u03b1 = 1 and 2"}};

// The thesis' own sizes are 40, 200, 80.
constexpr double thesis_k = 5.0, thesis_r = 2.0;
constexpr std::int64_t thesis_n_i = 40;

const Group& thesis_group(const Results& r, const std::string& scheme) {
  return r.group({{"scheme", scheme}, {"n_i", thesis_n_i}, {"k", thesis_k}, {"r", thesis_r}});
}

Groups varying(const Results& r, const std::string& scheme, std::string_view parameter) {
  Selection fixed{{"scheme", scheme}};
  for (const auto& [name, value] : Selection{{"n_i", thesis_n_i}, {"k", thesis_k}, {"r", thesis_r}})
    if (name != parameter) fixed.emplace_back(name, value);
  return r.where(fixed);
}

Panel heat_map(const Group& group, const std::string& name) {
  Panel panel{.title = name, .x_label = "hidden unit", .y_label = "hidden unit"};
  for (const auto& point : group.curve("b")) panel.matrix.values.push_back(point.statistics.median);
  panel.matrix.columns = std::llround(std::sqrt(static_cast<double>(panel.matrix.values.size())));
  return panel;
}

// Measured medians as points, the formula as a line through the values run.
void add_lambda(Panel& panel, const Groups& groups, std::string_view x, const std::string& name) {
  auto measured = medians(groups, x, "lambda", name);
  measured.kind = Kind::Points;
  auto exact = theory(measured.x, {}, name + ", formula");
  for (const Group* group : groups) exact.y.push_back(expected(group->params()).mean);
  panel.series.push_back(measured);
  panel.series.push_back(exact);
}

std::vector<Figure> figures(const Results& r) {
  Panel by_k{.title = "Width of the hidden layer, n_o = 2 n_i",
             .x_label = "k = n_h / n_i",
             .y_label = "\u03bb",
             .log_x = true};
  Panel by_r{
      .title = "Width of the output, n_h = 5 n_i", .x_label = "r = n_o / n_i", .y_label = "\u03bb", .log_x = true};
  Panel far{.title = "Distance from a multiple of the identity",
            .x_label = "n_i",
            .y_label = "||b - \u03bbI|| / ||\u03bbI||, Frobenius",
            .log_x = true};
  Panel entries{.title = "Entries of b", .x_label = "n_i", .y_label = "variance", .log_x = true, .log_y = true};
  std::vector<Panel> panels;
  for (const auto& [scheme, name] : schemes) {
    if (r.where({{"scheme", scheme}}).empty()) continue;
    add_lambda(by_k, varying(r, scheme, "k"), "k", name);
    add_lambda(by_r, varying(r, scheme, "r"), "r", name);
    const auto by_size = varying(r, scheme, "n_i");
    far.series.push_back(medians(by_size, "n_i", "relative_distance", name));
    auto exact = theory(far.series.back().x, {}, name + ", formula");
    for (const Group* group : by_size) exact.y.push_back(expected(group->params()).relative_distance());
    far.series.push_back(exact);
    entries.series.push_back(medians(by_size, "n_i", "off_diagonal_variance", name));
  }
  const auto thesis_sizes = r.where({{"n_i", thesis_n_i}, {"k", thesis_k}, {"r", thesis_r}});
  const auto& shown_at = thesis_sizes.empty() ? r.where().front()->params() : thesis_sizes.front()->params();
  for (const auto& [scheme, name] : schemes)
    for (const Group* group :
         r.where({{"scheme", scheme}, {"n_i", shown_at["n_i"]}, {"k", shown_at["k"]}, {"r", shown_at["r"]}}))
      panels.push_back(heat_map(*group, name));
  const auto n = sizes_of(shown_at);
  return {
      {.name = "balanced-initialization-maps",
       .caption = fmt::format("b = W2'W2 - W1W1' of one draw with layers of {}, {} and {} units: its first {} rows and "
                              "columns.",
                              n.n_i, n.n_h, n.n_o, std::min(shown, n.n_h)),
       .panels = panels},
      {.name = "balanced-initialization",
       .caption = "\u03bb of randomly initialised layers against the formula; single entries concentrate as the layers "
                  "grow together, the matrix does not come closer to \u03bbI in norm.",
       .panels = {by_k, by_r, entries, far}}};
}

void judge_mean(const Results& r, Claim& claim) {
  double worst = 0;
  for (const Group* group : r.where()) {
    const auto exact = expected(group->params());
    // tr(b) / n_h has the variance of a diagonal entry over n_h, and correlations that only lower it.
    const double error = std::sqrt(exact.diagonal_variance / static_cast<double>(exact.n_h * group->trials()));
    worst = std::max(worst, std::abs(group->mean("lambda") - exact.mean) / error);
  }
  claim.measured =
      fmt::format("{}; within {:.1f} standard errors in {} settings",
                  fmt::join(
                      [&] {
                        std::vector<std::string> texts;
                        for (const auto& [scheme, name] : schemes)
                          texts.push_back(fmt::format("{} {:.2f}", name, thesis_group(r, scheme).mean("lambda")));
                        return texts;
                      }(),
                      ", "),
                  worst, r.where().size());
  claim.verdict = verdict(worst < 5.0);
  claim.why = "The mean is n_o v2 - n_i v1 for any widths, with the entries' variances v1 and v2.";
}

// Measured over printed or exact variance, least and most over the groups.
std::pair<double, double> ratio_range(const Results& r, const std::string& metric,
                                      double theory::BalanceStatistics::*of) {
  double low = std::numeric_limits<double>::infinity(), high = 0;
  for (const Group* group : r.where()) {
    if (!group->has(metric)) continue;
    const double ratio = group->mean(metric) / (expected(group->params()).*of);
    low = std::min(low, ratio);
    high = std::max(high, ratio);
  }
  return {low, high};
}

void judge_variance(const Results& r, Claim& claim) {
  const auto diagonal = ratio_range(r, "diagonal_variance", &theory::BalanceStatistics::diagonal_variance);
  const auto rest = ratio_range(r, "off_diagonal_variance", &theory::BalanceStatistics::off_diagonal_variance);
  claim.measured = fmt::format("{:.2f} to {:.2f} times 2v on the diagonal, {:.2f} to {:.2f} times v off it",
                               diagonal.first, diagonal.second, rest.first, rest.second);
  claim.verdict = verdict(diagonal.first > 2.0 * 0.8);
  claim.why =
      "A squared Gaussian has variance 2, not 4: the fourth moment 3 of each entry loses the square of its mean.";
}

void judge_identity(const Results& r, Claim& claim) {
  std::vector<double> distances, contrasts;
  for (const auto& [scheme, name] : schemes) {
    const Group& group = thesis_group(r, scheme);
    distances.push_back(group.median("relative_distance"));
    contrasts.push_back(std::abs(group.mean("lambda")) / std::sqrt(group.mean("off_diagonal_variance")));
  }
  claim.measured =
      fmt::format("|\u03bb| is {:.1f} times an entry off the diagonal; ||b - \u03bbI|| / ||\u03bbI|| = {:.1f}",
                  fmt::join(contrasts, ", "), fmt::join(distances, ", "));
  claim.verdict = verdict(std::ranges::max(distances) < 0.1, std::ranges::min(contrasts) > 2.0);
  claim.why = "By eye only: the diagonal stands out, but the many entries off it outweigh it in norm.";
}

void judge_wide(const Results& r, Claim& claim) {
  const auto groups = varying(r, "lecun", "n_i");
  if (groups.size() < 2) throw NotRun("two sizes or more");
  const double before = groups.front()->median("relative_distance"), after = groups.back()->median("relative_distance");
  const double entry =
      std::sqrt(groups.back()->mean("off_diagonal_variance") / groups.front()->mean("off_diagonal_variance"));
  claim.measured = fmt::format(
      "from n_i = {} to {} entries shrink {:.2f}-fold, the distance goes from {:.2f} to {:.2f}",
      groups.front()->params().integer("n_i"), groups.back()->params().integer("n_i"), entry, before, after);
  claim.verdict = verdict(after < 0.5 * before, entry < 0.9);
  claim.why =
      "Convergence is that of single entries; relative to \u03bbI the distance in norm keeps its size, so wide random "
      "networks are not \u03bb-balanced.";
}

void judge_widths(const Results& r, Claim& claim) {
  std::string failing;
  bool rises_with_r = true, falls_with_k = true;
  for (const auto& [scheme, name] : schemes)
    for (const std::string_view parameter : {"r", "k"}) {
      const auto groups = varying(r, scheme, parameter);
      if (groups.size() < 2) throw NotRun(fmt::format("two values of {} or more", parameter));
      for (std::size_t i = 1; i < groups.size(); ++i) {
        const double change = groups[i]->mean("lambda") - groups[i - 1]->mean("lambda");
        if (parameter == "r" ? change > 0 : change < 0) continue;
        (parameter == "r" ? rises_with_r : falls_with_k) = false;
        failing = fmt::format("{}: {:.3f} at {} = {}, {:.3f} at {}", name, groups[i - 1]->mean("lambda"), parameter,
                              groups[i - 1]->params().real(parameter), groups[i]->mean("lambda"),
                              groups[i]->params().real(parameter));
      }
    }
  claim.measured = fmt::format("rises with r: {}; falls with k: {}", rises_with_r ? "always" : "not always",
                               falls_with_k ? "always" : failing);
  claim.verdict = verdict(rises_with_r && falls_with_k, rises_with_r);
  claim.why = "Glorot's \u03bb = 2 (r / (k + r) - 1 / (k + 1)) rises with k where (r - 1)(k\u00b2 - r) < 0.";
}

// Table 3.3's limits of Glorot's lambda, where layers of finite width can tell: at r = k, and towards r = 0.
void judge_limits(const Results& r, Claim& claim) {
  const Group& equal = r.group({{"scheme", "glorot"}, {"n_i", thesis_n_i}, {"k", thesis_k}, {"r", thesis_k}});
  const Group& narrow = *varying(r, "glorot", "r").front();
  const double at_equal = equal.mean("lambda"), at_narrow = narrow.mean("lambda");
  claim.measured = fmt::format("\u03bb = {:.2f} at r = k = {:g}, {:.2f} at r = {:g}", at_equal, thesis_k, at_narrow,
                               narrow.params().real("r"));
  claim.verdict = verdict(std::abs(at_equal) < 0.05 && at_narrow > 0);
  claim.why = fmt::format(
      "\u03bb = 2 (r / (k + r) - 1 / (k + 1)), {:.2f} and {:.2f} there, so that the limits are (k-1)/(k+1), -2/(k+1), "
      "2k/(k+1), 0 and 0.",
      expected(equal.params()).mean, expected(narrow.params()).mean);
}

std::vector<Claim> claims(const Results& r) {
  const std::string source = "paper 004, section 3.1";
  return judge_all(
      r, {{{.claim = "The mean of W2'W2 - W1W1' is (n_o v2 - n_i v1) I",
            .source = "paper 004, theorem 3.1.1, table 3.1",
            .printed = "LeCun -0.60, Glorot 0.24, He -1.20, scaled 0.60 by the formula"},
           judge_mean},
          {{.claim = "Its entries have variance 4v on the diagonal and v off it, v = n_o v2\u00b2 + n_i v1\u00b2",
            .source = "paper 004, theorem 3.1.1",
            .printed = "4v and v"},
           judge_variance},
          {{.claim = "It resembles a scaled identity", .source = source + ", figure 3.1", .printed = "visually"},
           judge_identity},
          {{.claim = "Wide random networks are close to \u03bb-balanced",
            .source = source,
            .printed = "converges in probability"},
           judge_wide},
          {{.claim = "A larger r raises \u03bb and a larger k lowers it, for every scheme",
            .source = source,
            .printed = "every one"},
           judge_widths},
          {{.claim = "Limits of Glorot's \u03bb",
            .source = "paper 004, table 3.3",
            .printed = "r = k: 0; r\u21920: 2; r\u2192\u221e: 2; k\u2192\u221e: 0; k\u21920: -2/(k+1)"},
           judge_limits}});
}

const Values sizes = {10, 20, thesis_n_i, 80, 160};
const Values ratios = {0.25, 0.5, 1.0, thesis_r, thesis_k};

// Of the presets' values the axes through the thesis' own sizes alone; whatever a user asks for beside them.
bool on_an_axis(const Params& p) {
  const auto usual = [&](const Values& values, std::string_view name) {
    return std::ranges::any_of(values, [&](const Value& value) { return same_value(value, p[name]); });
  };
  if (!usual(sizes, "n_i") || !usual(ratios, "k") || !usual(ratios, "r")) return true;
  return (p.integer("n_i") != thesis_n_i) + (p.real("k") != thesis_k) + (p.real("r") != thesis_r) <= 1;
}

const Register initialization{Experiment{
    .id = "balanced/initialization",
    .title = "Balancedness of random weights",
    .question = "How balanced are randomly initialised layers, and what decides their \u03bb?",
    .observe = "The diagonal of W2'W2 - W1W1' has the predicted mean, its entries variance 2v and v; yet in norm the "
               "matrix is "
               "several times further from \u03bbI than \u03bbI is from 0, at any width.",
    .source = "paper 004, section 3.1, figure 3.1, tables 3.1 to 3.3",
    .parameters =
        {{.name = "scheme", .help = "initialisation", .quick = {"lecun", "glorot", "he", "scaled"}},
         {.name = "n_i", .help = "inputs", .quick = {20, 40, 80}, .paper = sizes, .minimum = 1},
         {.name = "k", .help = "hidden units by inputs", .quick = {0.25, 1.0, 5.0}, .paper = ratios, .minimum = 0.01},
         {.name = "r", .help = "outputs by inputs", .quick = {0.5, 2.0, 5.0}, .paper = ratios, .minimum = 0.01}},
    .trials = {.quick = 10, .paper = 100},
    .seconds = {.quick = 1, .paper = 20},
    .valid = on_an_axis,
    .trial = trial,
    .figures = figures,
    .claims = claims}};

}  // namespace
}  // namespace sigmagrad::experiments::balanced
