// SPDX-License-Identifier: BSD-3-Clause
// Is the truncated singular value decomposition the best approximation in every unitarily invariant norm, does training
// find it, and what is it worth to a network?
#include <sigmagrad/experiments/norms/lowrank.hpp>

#include <algorithm>

namespace sigmagrad::experiments::norms {
namespace {

const std::vector<Inequality>& rows() {
  static const auto all = approximation_rows();
  return all;
}

std::vector<std::string> names() {
  std::vector<std::string> all;
  for (const Inequality& row : rows()) all.push_back(row.name);
  all.insert(all.end(), {"descent", "adapter", "compression"});
  return all;
}

const Text part{.name = "part", .help = "what is checked", .quick = names()};

void trial(Trial& t) {
  const auto row = std::ranges::find(rows(), t[part], &Inequality::name);
  if (row != rows().end()) return check(t, *row);
  if (t[part] == "descent") return competitors::check(t);
  t[part] == "adapter" ? adapter::check(t) : compression::check(t);
}

const Selection descent = part == "descent", trained = part == "adapter", networks = part == "compression";

Claim best_of_descent() {
  Condition never, closely;
  const auto joined = [](const Condition& all, const Condition& one) { return all.is_given() ? all && one : one; };
  for (const auto& norm : competitors::norms()) {
    const auto reached = competitors::reached("gradient descent", norm);
    never = joined(never, largest(reached).at(descent) < 1.0 + 1e-9);
    closely = joined(closely, median(reached).at(descent) > 0.99);
  }
  return {.claim = "No matrix of rank k that gradient descent finds is closer, in any of five norms",
          .source = "paper 003, section 6.4",
          .says = "optimal",
          .holds = never && closely,
          .in_shape = never,
          .why =
              "Error of the truncation over that of the best X Y out of eight starts, 6 x 5 with k = 2; descent comes "
              "to the same error."};
}

std::vector<Claim> claims() {
  std::vector<Claim> all;
  for (const Inequality& row : rows()) all.push_back(claim_of(row, part == row.name));
  all.push_back(best_of_descent());
  const auto excess = [](const Curve& curve, std::int64_t step) {
    return median(curve.at(static_cast<double>(step))).at(trained);
  };
  using namespace adapter;
  all.push_back(
      {.claim = "Training A B is guaranteed the best change of rank r in the Frobenius norm",
       .source = "paper 003, section 3.4",
       .says = "optimal",
       .holds = excess(white, early) < 1e-3 && excess(correlated, late) < 1e-3,
       .in_shape = excess(white, late) < 1e-3,
       .why = {"The theorem speaks of the minimiser. Gradient descent comes to it in the end where the loss is "
               "that very distance, with white inputs; after 30 steps the error is {:.2g} above. Where "
               "inputs are correlated the loss is another one: its minimiser stays {:.2g} above in the "
               "Frobenius norm.",
               {excess(white, early), excess(correlated, late)}}});
  all.push_back({.claim = "With correlated inputs training finds the least loss instead",
                 .source = "control",
                 .says = "-",
                 .holds = median(weighted).at(trained) < 0.01,
                 .why = "The least loss is where the change times the root of the inputs' covariance is truncated."});
  all.push_back({.claim = "An adapter trains r (m + n) numbers in place of m n",
                 .source = "paper 003, section 9.4",
                 .says = "r (m + n)",
                 .holds = near(mean(adapter::numbers).at(trained), 1.0, 1e-12),
                 .why = "The parameters of a layer with LowRank, less its frozen weight."});
  all.push_back({.claim = "A layer of rank k has k (m + n) numbers and the error s_(k+1)",
                 .source = "paper 003, section 9.4",
                 .says = "exact",
                 .holds = largest(compression::numbers).at(networks) < 0.5 &&
                          largest(compression::layer_error).at(networks) < 1e-12,
                 .why = "Hidden layers of a trained network, at ten ranks."});
  const auto lost = [](const Quantity& kept) {
    return (mean(compression::whole) - mean(kept)).called("accuracy lost").at(networks);
  };
  all.push_back(
      {.claim = "Truncated decompositions compress a network",
       .source = "paper 003, section 9.4",
       .says = "justified",
       .holds = lost(compression::half) < 0.01,
       .in_shape = lost(compression::half) < 0.05,
       .why = {"Half of the numbers cost {:.2g} of the accuracy on points not trained on, nine tenths "
               "{:.2g}; ranks that keep 90% of each layer's squares leave {:.2g} of the numbers and cost {:.2g}. The "
               "theorem bounds the error of the weights, not that of the network.",
               {lost(compression::half), lost(compression::tenth), mean(compression::numbers_by_energy).at(networks),
                lost(compression::by_energy)}}});
  return all;
}

// Medians with quartiles: a series for each kind of competitor, over the norms.
Panel by_norm(const Results& results) {
  const Group& group = results.group(descent);
  Panel panel{.title = "Gaussian matrices",
              .x_label = "norm",
              .y_label = "error, truncation over competitor",
              .categories = competitors::norms()};
  for (const auto& kind : competitors::kinds) {
    Series series{.label = kind, .kind = Kind::Points, .role = Role::Median};
    for (std::size_t i = 0; i < panel.categories.size(); ++i) {
      const auto s = group.statistics(competitors::reached(kind, panel.categories[i]));
      series.x.push_back(static_cast<double>(i)), series.y.push_back(s.median);
      series.low.push_back(s.q25), series.high.push_back(s.q75);
    }
    panel.series.push_back(series);
  }
  panel.series.push_back(theory_line({0.0, static_cast<double>(panel.categories.size() - 1)}, {1.0, 1.0}, "the bound"));
  return panel;
}

const Register lowrank{
    {.id = "norms/lowrank",
     .title = "The best approximation of low rank",
     .question = "Is the truncated decomposition the closest matrix of rank k in every unitarily invariant norm, and "
                 "does training find it?",
     .observe =
         "No competitor is closer in any norm. An adapter A B comes to the truncation slowly if inputs are white, "
         "and to another matrix if they are correlated.",
     .source = "paper 003, sections 3.4, 6.4 and 9.4",
     .parameters = {part},
     .trials = {.quick = 8, .paper = 150},
     .seconds = {.quick = 3, .paper = 45},
     .trial = trial,
     .figures = {figure(
                     "competitors",
                     "Error of the truncation over that of competitors of equal rank, norm by norm: a projection on a "
                     "random sketch, the truncation of a matrix close by, and the best that gradient descent finds "
                     "for that norm. Medians with quartiles.")
                     .panel(by_norm)
                     .whole(),
                 figure("training",
                        "Left, an adapter of rank 3 on the way to a change of full rank: its distance over the least "
                        "one, less 1. Right, accuracy of a ReLU network on points not trained on, its layers "
                        "compressed to ranks from 1 to 32. Medians with quartiles.")
                     .panel("Adapter", plot({adapter::white, adapter::correlated})
                                           .at(trained)
                                           .log_log()
                                           .y_label("excess of the Frobenius error"))
                     .panel("Compressed network", plot(compression::accuracy)
                                                      .at(networks)
                                                      .theory("whole", median(compression::whole))
                                                      .y_label("accuracy"))
                     .whole()},
     .claims = claims()}};

}  // namespace
}  // namespace sigmagrad::experiments::norms
