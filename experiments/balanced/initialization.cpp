// SPDX-License-Identifier: BSD-3-Clause
// How balanced are randomly initialised layers, and what decides their lambda?
#include <algorithm>
#include <cmath>

#include <sigmagrad/experiments/balanced/comparison.hpp>
#include <sigmagrad/experiments/balanced/two_layer.hpp>

namespace sigmagrad::experiments::balanced {
namespace {

constexpr double alpha_1 = 1.0, alpha_2 = 2.0;  // of the scaled weights
constexpr std::int64_t shown = 20;              // rows and columns of the heat maps

const std::vector<std::int64_t> sizes = {10, 20, 40, 80, 160};
const std::vector<double> ratios = {0.25, 0.5, 1.0, 2.0, 5.0};
const Text scheme{.name = "scheme", .help = "initialisation", .quick = {"lecun", "glorot", "he", "scaled"}};
const Int n_i{.name = "n_i", .help = "inputs", .quick = {20, 40, 80}, .paper = sizes, .minimum = 1};
const Real k{.name = "k",
             .help = "hidden units by inputs",
             .label = "k = n_h / n_i",
             .quick = {0.25, 1.0, 5.0},
             .paper = ratios,
             .minimum = 0.01};
const Real r{.name = "r",
             .help = "outputs by inputs",
             .label = "r = n_o / n_i",
             .quick = {0.5, 2.0, 5.0},
             .paper = ratios,
             .minimum = 0.01};

const Quantity lambda{.name = "lambda", .label = "\u03bb"};
const Quantity diagonal_variance{.name = "diagonal_variance", .label = "variance on the diagonal"};
const Quantity off_diagonal_variance{.name = "off_diagonal_variance", .label = "variance off the diagonal"};
const Quantity relative_to_identity{.name = "relative_distance", .label = "||b - \u03bbI|| / ||\u03bbI||"};
const Curve corner{.name = "b", .label = "first rows and columns of b, row by row"};

theory::TwoLayerSizes sizes_of(const Params& p) {
  const double inputs = static_cast<double>(p[n_i]);
  return {p[n_i], std::llround(p[k] * inputs), std::llround(p[r] * inputs)};
}

theory::TwoLayerWeights draw(const std::string& name, const theory::TwoLayerSizes& n, Generator& generator) {
  const auto W1 = empty({n.n_h, n.n_i}), W2 = empty({n.n_o, n.n_h});
  for (const auto& w : {W1, W2}) {
    if (name == "lecun") nn::init::lecun_normal_(w, generator);
    if (name == "glorot") nn::init::xavier_normal_(w, 1.0, generator);
    if (name == "he") nn::init::kaiming_normal_(w, {}, generator);
    const double alpha = w.is(W1) ? alpha_1 : alpha_2;
    if (name == "scaled") nn::init::normal_(w, 0.0, alpha / std::sqrt(static_cast<double>(w.size(1))), generator);
  }
  return {W1, W2};
}

theory::BalanceStatistics exact(const Params& p) {
  const auto n = sizes_of(p);
  if (p[scheme] == "lecun") return theory::random_balance(n, theory::RandomInit::LeCun);
  if (p[scheme] == "glorot") return theory::random_balance(n, theory::RandomInit::Glorot);
  if (p[scheme] == "he") return theory::random_balance(n, theory::RandomInit::He);
  return theory::scaled_random_balance(n, alpha_1, alpha_2);
}

void trial(Trial& t) {
  const auto n = sizes_of(t.params());
  const auto generator = t.generator();
  const auto [W1, W2] = draw(t[scheme], n, *generator);
  const auto b = matmul(W2.t(), W2) - matmul(W1, W1.t());
  const auto h = static_cast<double>(n.n_h);
  const auto [best, distance] = theory::balancedness(W1, W2);
  t.record(lambda, best.item());
  t.record(diagonal_variance, square(diag(b) - exact(t.params()).mean).sum().item() / h);
  t.record(relative_to_identity, distance.item() / (std::abs(best.item()) * std::sqrt(h)));
  if (n.n_h > 1) t.record(off_diagonal_variance, (square(b).sum() - square(diag(b)).sum()).item() / (h * (h - 1.0)));
  if (t.index() > 0) return;
  const std::int64_t size = std::min(shown, n.n_h);
  record_entries(t, corner, b.narrow(0, 0, size).narrow(1, 0, size).clone());
}

// The thesis' own sizes are 40, 200, 80.
const Selection thesis = n_i == 40 && k == 5.0 && r == 2.0;
const Selection everywhere = any(n_i) && any(k) && any(r);

// Keeps the axes through the thesis' own sizes of the presets' values, and whatever a user asks for beside them.
bool on_an_axis(const Params& p) {
  const auto usual = [](const auto& values, const auto& value) {
    return std::ranges::find(values, value) != values.end();
  };
  if (!usual(sizes, p[n_i]) || !usual(ratios, p[k]) || !usual(ratios, p[r])) return true;
  return (p[n_i] != 40) + (p[k] != 5.0) + (p[r] != 2.0) <= 1;
}

Plot lambda_against(const Parameter& x, const Selection& others) {
  return plot(x, lambda).at(others).by(scheme).points().log_x().theory("formula",
                                                                       [](const Params& p) { return exact(p).mean; });
}

// tr(b) / n_h has the variance of a diagonal entry over n_h, and correlations that only lower it.
const Statistic standard_errors =
    of_trials("distance of the mean \u03bb from the formula in standard errors", [](const Sample& trials) {
      const auto values = trials.values(lambda);
      const auto formula = exact(trials.params());
      const auto count = static_cast<double>(formula.n_h) * static_cast<double>(values.size());
      return std::abs(statistics(values).mean - formula.mean) / std::sqrt(formula.diagonal_variance / count);
    });

const Statistic over_2v = (mean(diagonal_variance) / expected("2v", [](const Params& p) {
                             return exact(p).diagonal_variance;
                           })).at(everywhere);
const Statistic over_v = (mean(off_diagonal_variance) / expected("v", [](const Params& p) {
                            return exact(p).off_diagonal_variance;
                          })).at(everywhere);
const Statistic entry = of_trials("entry off the diagonal (root mean square)",
                                  [](const Sample& trials) { return std::sqrt(trials.mean(off_diagonal_variance)); });

Statistic from_20_to_80_inputs(const Statistic& statistic) {
  const auto lecun = statistic.at(scheme == "lecun");
  return ratio(lecun.at(n_i == 80), lecun.at(n_i == 20));
}

const Condition rises_with_r = increases(mean(lambda).at(any(r)), r);
const Statistic glorot = mean(lambda).at(scheme == "glorot");

const std::string source = "paper 004, section 3.1";

const Register initialization{
    {.id = "balanced/initialization",
     .title = "Balancedness of random weights",
     .question = "How balanced are randomly initialised layers, and what decides their \u03bb?",
     .observe = "The diagonal of W2'W2 - W1W1' has the predicted mean, its entries variance 2v and v; yet in norm the "
                "matrix is several times further from \u03bbI than \u03bbI is from 0, at any width.",
     .source = source + ", figure 3.1, tables 3.1 to 3.3",
     .parameters = {scheme, n_i, k, r},
     .printed_at = thesis,
     .trials = {.quick = 10, .paper = 100},
     .seconds = {.quick = 1, .paper = 20},
     .valid = on_an_axis,
     .valid_rule = "one alone of n_i, k and r differs from 40, 5 and 2, among the values of the presets",
     .trial = trial,
     .figures = {figure("maps",
                        "b = W2'W2 - W1W1' of one draw with layers of 40, 200 and 80 units: its first 20 rows "
                        "and columns.")
                     .panels(matrices(corner, "hidden unit", thesis, [](const Params& p) { return p[scheme]; })),
                 figure("",
                        "\u03bb of randomly initialised layers against the formula; single entries concentrate as "
                        "the layers grow together, the matrix does not come closer to \u03bbI in norm.")
                     .panel("Width of the hidden layer, n_o = 2 n_i", lambda_against(k, n_i == 40 && r == 2.0))
                     .panel("Width of the output, n_h = 5 n_i", lambda_against(r, n_i == 40 && k == 5.0))
                     .panel("Entries of b",
                            plot(n_i, off_diagonal_variance).at(k == 5.0 && r == 2.0).by(scheme).log_log())
                     .panel("Distance from a multiple of the identity",
                            plot(n_i, relative_to_identity)
                                .at(k == 5.0 && r == 2.0)
                                .by(scheme)
                                .log_x()
                                .theory("formula", [](const Params& p) { return exact(p).relative_distance(); }))},
     .claims = {
         {.claim = "The mean of W2'W2 - W1W1' is (n_o v2 - n_i v1) I",
          .source = "paper 004, theorem 3.1.1, table 3.1",
          .printed = {{mean(lambda).at(scheme == "lecun"), -0.60},
                      {mean(lambda).at(scheme == "glorot"), 0.24},
                      {mean(lambda).at(scheme == "he"), -1.20},
                      {mean(lambda).at(scheme == "scaled"), 0.60}},
          .holds = standard_errors.at(everywhere) < 5,
          .why = "The mean is n_o v2 - n_i v1 for any widths, with the entries' variances v1 and v2; printed are the "
                 "formula's values."},
         {.claim = "Its entries have variance 4v on the diagonal and v off it, v = n_o v2\u00b2 + n_i v1\u00b2",
          .source = "paper 004, theorem 3.1.1",
          .says = "4v and v",
          .holds = over_2v > 1.6 && within(over_v, 0.75, 1.25),
          .why = "A squared Gaussian has variance 2, not 4: the fourth moment 3 of each entry loses the square of its "
                 "mean."},
         {.claim = "It resembles a scaled identity",
          .source = source + ", figure 3.1",
          .says = "visually",
          .holds = median(relative_to_identity) < 0.1,
          .in_shape = abs(mean(lambda)) / entry > 2,
          .why = "By eye only: the diagonal stands out, but the many entries off it outweigh it in norm."},
         {.claim = "Wide random networks are close to \u03bb-balanced",
          .source = source,
          .says = "converges in probability",
          .holds = from_20_to_80_inputs(median(relative_to_identity)) < 0.5,
          .in_shape = from_20_to_80_inputs(entry) < 0.9,
          .why = "Convergence is that of single entries; relative to \u03bbI the distance in norm keeps its size, so "
                 "wide random networks are not \u03bb-balanced."},
         {.claim = "A larger r raises \u03bb and a larger k lowers it, for every scheme",
          .source = source,
          .says = "every one",
          .holds = rises_with_r && decreases(mean(lambda).at(any(k)), k),
          .in_shape = rises_with_r,
          .why = "Glorot's \u03bb = 2 (r / (k + r) - 1 / (k + 1)) rises with k where (r - 1)(k\u00b2 - r) < 0."},
         {.claim = "Limits of Glorot's \u03bb",
          .source = "paper 004, table 3.3",
          .says = "r = k: 0; r\u21920: 2; r\u2192\u221e: 2; k\u2192\u221e: 0; k\u21920: -2/(k+1)",
          .holds = abs(glorot.at(r == 5.0)) < 0.05 && glorot.at(r == 0.5) > 0,
          .why = "\u03bb = 2 (r / (k + r) - 1 / (k + 1)), 0.67 and -0.15 there, so that the limits are (k-1)/(k+1), "
                 "-2/(k+1), 2k/(k+1), 0 and 0."}}}};

}  // namespace
}  // namespace sigmagrad::experiments::balanced
