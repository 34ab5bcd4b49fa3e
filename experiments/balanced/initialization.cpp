// SPDX-License-Identifier: BSD-3-Clause
// How balanced are randomly initialised layers, and what decides their lambda?
#include <algorithm>
#include <cmath>

#include <sigmagrad/experiments/balanced/comparison.hpp>
#include <sigmagrad/experiments/balanced/random_weights.hpp>

namespace sigmagrad::experiments::balanced {
namespace {

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

theory::TwoLayerSizes sizes_of(const Params& p) {
  const double inputs = static_cast<double>(p[n_i]);
  return {p[n_i], std::llround(p[k] * inputs), std::llround(p[r] * inputs)};
}

theory::BalanceStatistics exact(const Params& p) { return exact_balance({p[scheme]}, sizes_of(p)); }

// The thesis' own sizes are 40, 200, 80.
const Selection thesis = n_i == 40 && k == 5.0 && r == 2.0;

// W2'W2 - W1W1' of a trial: [n_h, n_h].
Tensor draw_balance(const Trial& t) {
  const auto generator = t.generator();
  const auto [W1, W2] = draw_weights({t[scheme]}, sizes_of(t.params()), *generator);
  return matmul(W2.t(), W2) - matmul(W1, W1.t());
}

void trial(Trial& t) {
  const auto n = sizes_of(t.params());
  const auto generator = t.generator();
  const auto [W1, W2] = draw_weights({t[scheme]}, n, *generator);
  const auto b = matmul(W2.t(), W2) - matmul(W1, W1.t());
  const auto h = static_cast<double>(n.n_h);
  const auto [best, distance] = theory::balancedness(W1, W2);
  t.record(lambda, best.item());
  t.record(diagonal_variance, square(diag(b) - exact(t.params()).mean).sum().item() / h);
  t.record(relative_to_identity, distance.item() / (std::abs(best.item()) * std::sqrt(h)));
  if (n.n_h > 1) t.record(off_diagonal_variance, (square(b).sum() - square(diag(b)).sum()).item() / (h * (h - 1.0)));
}

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

const Statistic from_formula =
    of_trials("distance of the mean \u03bb from the formula in standard errors", [](const Sample& trials) {
      const auto formula = exact(trials.params());
      return standard_errors(trials.values(lambda), formula.mean, formula);
    });

const Statistic over_2v = (mean(diagonal_variance) / expected("2v", [](const Params& p) {
                             return exact(p).diagonal_variance;
                           })).at(everywhere);
const Statistic over_v = (mean(off_diagonal_variance) / expected("v", [](const Params& p) {
                            return exact(p).off_diagonal_variance;
                          })).at(everywhere);
const Statistic over_printed = (mean(off_diagonal_variance) / expected("the printed variance", [](const Params& p) {
                                  return (p[r] * 4.0 / (p[k] * p[k]) + 1.0) / static_cast<double>(p[n_i]);
                                })).at(scheme == "scaled" && any(k) && r == 2.0 && n_i == 40);
const Statistic entry = of_trials("entry off the diagonal (root mean square)",
                                  [](const Sample& trials) { return std::sqrt(trials.mean(off_diagonal_variance)); });

Statistic from_20_to_80_inputs(const Statistic& statistic) {
  const auto lecun = statistic.at(scheme == "lecun");
  return ratio(lecun.at(n_i == 80), lecun.at(n_i == 20));
}

// A first trial, drawn again: its entries are too many to be kept as results, and of 200 x 200 for a panel, so that
// every second unit is drawn, to the two decimals that colours tell apart.
Panel map_of(const Group& group) {
  const auto b = draw_balance(Trial({.params = group.params()})).to_vector();
  const auto n = static_cast<std::size_t>(sizes_of(group.params()).n_h);
  const std::string axis = "hidden unit, every second one";
  Panel panel{.title = group[scheme], .x_label = axis, .y_label = axis};
  panel.matrix.columns = static_cast<std::int64_t>((n + 1) / 2);
  for (std::size_t i = 0; i < n; i += 2)
    for (std::size_t j = 0; j < n; j += 2) panel.matrix.values.push_back(rounded<2>(b[i * n + j]));
  return panel;
}
std::vector<Panel> maps(const Results& results) {
  std::vector<Panel> panels;
  for (const Group* group : results.where(thesis)) panels.push_back(map_of(*group));
  return panels;
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
     .source = source + ", figure 3.1, tables 3.1 and 3.2",
     .parameters = {scheme, n_i, k, r},
     .printed_at = thesis,
     .trials = {.quick = 10, .paper = 100},
     .seconds = {.quick = 1, .paper = 11},
     .valid = on_an_axis,
     .valid_rule = "one alone of n_i, k and r differs from 40, 5 and 2, among the values of the presets",
     .trial = trial,
     .figures = {figure("maps",
                        "b = W2'W2 - W1W1' of one draw with layers of 40, 200 and 80 units: its rows and columns "
                        "of every second hidden unit.")
                     .panels(maps),
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
          .holds = from_formula.at(everywhere) < 5,
          .why = "The mean is n_o v2 - n_i v1 for any widths, with the entries' variances v1 and v2; printed are the "
                 "formula's values."},
         {.claim = "Its entries have variance 4v on the diagonal and v off it, v = n_o v2\u00b2 + n_i v1\u00b2",
          .source = "paper 004, theorem 3.1.1",
          .says = "4v and v",
          .holds = over_2v > 1.6 && within(over_v, 0.75, 1.25),
          .why = "A squared Gaussian has variance 2, not 4: the fourth moment 3 of each entry loses the square of its "
                 "mean."},
         {.claim = "W2'W2 - W1W1' of random weights resembles a scaled identity",
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
         {.claim = "The variance of scaled weights is that of table 3.2",
          .source = "paper 004, table 3.2",
          .says = "(r \u03b1\u00b2 / k\u00b2 + \u03b1\u00b2) / n_i",
          .holds = within(over_printed, 0.75, 1.25),
          .in_shape = within(over_v.at(scheme == "scaled"), 0.75, 1.25),
          .why = "Off the diagonal, against that times 1: \u03b1 is to be in the fourth power, as in table 3.1. With "
                 "\u03b1 = (1, 2) the second layer's part is four times what is printed."}}}};

}  // namespace
}  // namespace sigmagrad::experiments::balanced
