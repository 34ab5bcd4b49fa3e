// SPDX-License-Identifier: BSD-3-Clause
// How far is gradient descent with steps of finite size from the exact solution of gradient flow?
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include <sigmagrad/experiments/balanced/two_layer.hpp>
#include <sigmagrad/experiments/harness/experiment.hpp>

namespace sigmagrad::experiments::balanced {
namespace {

// Along its range, `position` from 0 to 1, each study varies one thing, at equal ratios but for the last.
struct Setting {
  double lr, lambda;
};
Setting setting(const Params& p) {
  const double x = p.real("position");
  if (p.text("study") == "lr") return {std::pow(10.0, -4 + 2 * x), 3.0};
  if (p.text("study") == "lambda") return {1e-4, std::pow(10.0, -2 + 4 * x)};
  const double lambda = 50 + 150 * x;  // "ratio"
  return {0.01 / lambda, lambda};
}

// Mean over the steps of what gradient descent's loss and the exact one have to do with each other.
Metrics deviations(const std::vector<double>& measured, const std::vector<double>& exact, double constant) {
  double size = 0.0, with_sign = 0.0, reducible = 0.0;
  for (std::size_t i = 0; i < measured.size(); ++i) {
    const double difference = exact[i] - measured[i];
    size += std::abs(difference) / measured[i];
    with_sign += difference / measured[i];
    reducible += std::abs(difference) / (measured[i] - constant);
  }
  const auto steps = static_cast<double>(measured.size());
  return {
      {"deviation", size / steps}, {"signed_deviation", with_sign / steps}, {"reducible_deviation", reducible / steps}};
}

std::vector<Metrics> batch(std::span<const Trial> trials) {
  const auto& p = trials.front().params;
  const auto [lr, lambda] = setting(p);
  const std::int64_t n = p.integer("n"), steps = p.integer("steps");
  std::vector<Start> starts;
  for (const auto& t : trials) {
    const auto tasks = t.generator(), weights = t.generator(1);
    starts.push_back({random_task(n, n, 2 * n, *tasks), theory::lambda_balanced(lambda, {n, n, n}, {}, *weights)});
  }
  const auto [task, weights] = stacked(starts);
  Descent descent(TwoLayer(weights), task, lr);
  std::vector<double> times;
  std::vector<std::vector<double>> measured(trials.size());
  for (std::int64_t step = 1; step <= steps; ++step) {
    descent.run(1);
    times.push_back(static_cast<double>(step) * lr);
    const auto losses = descent.loss().to_vector();
    for (std::size_t b = 0; b < losses.size(); ++b) measured[b].push_back(losses[b]);
  }
  const auto exact = theory::BalancedDynamics(weights.W1, weights.W2, task.Sigma).loss(times);
  const auto constants = task.irreducible_loss().to_vector();
  const auto strengths = linalg::norm(matmul(weights.W2, weights.W1), 2).to_vector();
  std::vector<Metrics> metrics;
  for (std::size_t b = 0; b < trials.size(); ++b) {
    const auto losses = (exact.select(0, static_cast<std::int64_t>(b)) + constants[b]).to_vector();
    metrics.push_back(deviations(measured[b], losses, constants[b])
                          .add("lr", lr)
                          .add("lambda", lambda)
                          .add("initial_strength", strengths[b]));
  }
  return metrics;
}

// Means with one standard deviation, over what the study varies.
Series against(const Groups& groups, const std::string& x, const std::string& metric, const std::string& label) {
  Series series{.label = label, .role = Role::Mean};
  for (const Group* group : groups) {
    const auto s = group->statistics(metric);
    series.x.push_back(group->mean(x));
    series.y.push_back(s.mean);
    series.low.push_back(s.mean - s.std);
    series.high.push_back(s.mean + s.std);
  }
  return series;
}

Panel panel(const Results& results, const std::string& study, const std::string& x, const std::string& title,
            bool log) {
  Panel drawn{.title = title,
              .x_label = x == "lr" ? "learning rate" : "\u03bb",
              .y_label = "mean |loss exact - loss| / loss",
              .log_x = log,
              .log_y = log};
  for (const auto& n : results.values_of("n"))
    drawn.series.push_back(
        against(results.where({{"study", study}, {"n", n}}), x, "deviation", fmt::format("n = {}", to_text(n))));
  return drawn;
}

std::vector<Figure> figures(const Results& results) {
  return {{.name = "balanced-accuracy",
           .caption = "Relative deviation of the exact loss (its irreducible part included) from that of gradient "
                      "descent, averaged over 200 steps; mean \u00b1 std over trials.",
           .panels = {panel(results, "lr", "lr", "\u03bb = 3", true),
                      panel(results, "lambda", "lambda", "learning rate 1e-4", true),
                      panel(results, "ratio", "lambda", "learning rate 0.01 / \u03bb", false)}}};
}

// The end points of a study at size n.
const Group& at(const Results& r, const std::string& study, std::int64_t n, double position) {
  return r.group({{"study", study}, {"n", n}, {"position", position}});
}
Groups sizes_at(const Results& r, const std::string& study, double position) {
  return r.where({{"study", study}, {"position", position}});
}

void judge_small(const Results& r, Claim& claim) {
  double worst = 0.0, trial = 0.0, reducible = 0.0;
  const auto groups = r.where({{"study", "lr"}});
  const auto n = groups.back()->params().integer("n");
  for (const Group* group : groups) {
    worst = std::max(worst, group->mean("deviation"));
    trial = std::max(trial, group->statistics("deviation").max);
    reducible = std::max(reducible, group->mean("reducible_deviation"));
  }
  claim.measured = fmt::format("means up to {:.3f}, single trials up to {:.3f} (n up to {})", worst, trial, n);
  claim.verdict = verdict(worst < 0.05, worst < 0.06);
  claim.why =
      fmt::format("The loss includes its irreducible part; relative to the rest the means reach {:.2g}.", reducible);
}

void judge_lr(const Results& r, Claim& claim) {
  std::string measured;
  bool grows = true;
  for (const Group* group : sizes_at(r, "lr", 1.0)) {
    const auto n = group->params().integer("n");
    const double low = at(r, "lr", n, 0.0).mean("deviation"), high = group->mean("deviation");
    measured += fmt::format("{}n = {}: {:.1e} to {:.2g}", measured.empty() ? "" : ", ", n, low, high);
    grows = grows && high > 5 * low;
  }
  if (measured.empty()) throw NotRun("groups with study = lr");
  claim.measured = measured;
  claim.verdict = verdict(grows);
  claim.why = "Over learning rates from 1e-4 to 1e-2: the error of Euler's method.";
}

void judge_size(const Results& r, Claim& claim) {
  std::vector<double> means;
  const auto groups = sizes_at(r, "lr", 1.0);
  for (const Group* group : groups) means.push_back(group->mean("deviation"));
  if (means.size() < 2) throw NotRun("two sizes or more");
  claim.measured =
      fmt::format("{:.3f} to {:.3f} from the smallest to the largest size at lr 0.01", means.front(), means.back());
  claim.verdict = verdict(std::is_sorted(means.begin(), means.end()), means.back() > means.front());
  claim.why = fmt::format(
      "Larger layers start from a stronger product (largest singular value {:.0f} and {:.0f}), whose rates "
      "are higher: the same step is longer for them.",
      groups.front()->mean("initial_strength"), groups.back()->mean("initial_strength"));
}

void judge_lambda(const Results& r, Claim& claim) {
  const auto groups = sizes_at(r, "lambda", 1.0);
  const auto small = groups.front()->params().integer("n"), large = groups.back()->params().integer("n");
  const auto ratio = [&](std::int64_t n) {
    return at(r, "lambda", n, 1.0).mean("deviation") / at(r, "lambda", n, 0.0).mean("deviation");
  };
  claim.measured = fmt::format("from \u03bb = 0.01 to 100 it grows {:.1f}-fold at n = {}, {:.1f}-fold at n = {}",
                               ratio(small), small, ratio(large), large);
  double until_ten = 0.0;
  for (const Group* group : r.where({{"study", "lambda"}}))
    if (group->mean("lambda") < 5)
      until_ten = std::max(
          until_ten, group->mean("deviation") / at(r, "lambda", group->params().integer("n"), 0.0).mean("deviation"));
  claim.verdict = verdict(ratio(small) > 2 && ratio(large) > 2, ratio(small) > 2);
  claim.why = fmt::format(
      "Below \u03bb = 5 it grows {:.2f}-fold at most: \u03bb matters once it exceeds the strengths that the "
      "network starts from.",
      until_ten);
}

void judge_ratio(const Results& r, Claim& claim) {
  double spread = 1.0;
  std::string measured;
  for (const Group* group : sizes_at(r, "ratio", 1.0)) {
    const auto n = group->params().integer("n");
    double low = 1e300, high = 0.0;
    for (const Group* point : r.where({{"study", "ratio"}, {"n", n}})) {
      low = std::min(low, point->mean("deviation"));
      high = std::max(high, point->mean("deviation"));
    }
    spread = std::max(spread, high / low);
    measured += fmt::format("{}n = {}: {:.4f} to {:.4f}", measured.empty() ? "" : ", ", n, low, high);
  }
  if (measured.empty()) throw NotRun("groups with study = ratio");
  claim.measured = measured;
  claim.verdict = verdict(spread < 1.5, spread < 2.5);
  claim.why =
      fmt::format("Between \u03bb = 50 and 200 the largest mean is {:.2f} times the smallest of its size.", spread);
}

void judge_variability(const Results& r, Claim& claim) {
  const auto groups = sizes_at(r, "ratio", 1.0);
  const auto small = groups.front()->statistics("deviation"), large = groups.back()->statistics("deviation");
  if (groups.size() < 2) throw NotRun("two sizes or more");
  claim.measured = fmt::format("std {:.1e} at n = {}, {:.1e} at n = {}", small.std,
                               groups.front()->params().integer("n"), large.std, groups.back()->params().integer("n"));
  claim.verdict = verdict(large.std < small.std && large.mean > small.mean, large.std < small.std);
  claim.why = fmt::format("At \u03bb = 200; the means are {:.4f} and {:.4f}.", small.mean, large.mean);
}

std::vector<Claim> claims(const Results& results) {
  const std::string source = "paper 004, section 3.3, figure ";
  return judge_all(
      results,
      {{{.claim = "The average deviation remains below 0.05 for learning rates below 0.01",
         .source = source + "3.4",
         .printed = "< 0.05"},
        judge_small},
       {{.claim = "It increases with the learning rate", .source = source + "3.4", .printed = "increases"}, judge_lr},
       {{.claim = "It is larger for larger networks", .source = source + "3.4", .printed = "larger"}, judge_size},
       {{.claim = "At a fixed learning rate it increases with \u03bb",
         .source = source + "3.5",
         .printed = "increases"},
        judge_lambda},
       {{.claim = "At a constant \"real learning rate\" \u03bb / \u03c4 it is almost constant",
         .source = source + "3.6",
         .printed = "almost constant"},
        judge_ratio},
       {{.claim = "It varies less over trials for larger networks, although it is higher",
         .source = source + "3.6",
         .printed = "lower variance"},
        judge_variability}});
}

Values positions(std::size_t count) {
  Values values(count, 0.0);
  for (std::size_t i = 0; i < count; ++i) values[i] = static_cast<double>(i) / static_cast<double>(count - 1);
  return values;
}

const Register accuracy{Experiment{
    .id = "balanced/accuracy",
    .title = "Exact solution against steps of finite size",
    .question =
        "How well does the solution of gradient flow describe gradient descent, by learning rate, \u03bb and size?",
    .observe =
        "At \u03bb = 3 the mean deviation of the loss grows from 4e-4 to .05 between learning rates 1e-4 and 1e-2, and "
        "with n. At 1e-4 it is flat up to \u03bb = 10. At a constant product of both it is about .01 for \u03bb >= 50.",
    .source = "paper 004, section 3.3, figures 3.4 to 3.6",
    .parameters = {{.name = "study",
                    .help = "lr: 1e-4 to 1e-2 at lambda 3; lambda: 0.01 to 100 at lr 1e-4; ratio: lambda 50 to 200 at "
                            "lr 0.01 / lambda",
                    .quick = {"lr", "lambda", "ratio"}},
                   {.name = "n",
                    .help = "size of every layer",
                    .quick = {5, 10, 25},
                    .paper = {5, 10, 15, 20, 25},
                    .minimum = 1,
                    .maximum = 200},
                   {.name = "position",
                    .help = "along the study's range",
                    .quick = positions(5),
                    .paper = positions(20),
                    .minimum = 0,
                    .maximum = 1},
                   {.name = "steps", .help = "steps of full-batch gradient descent", .quick = {200}, .minimum = 1}},
    .trials = {.quick = 10, .paper = 40},
    .seconds = {.quick = 1, .paper = 20},
    .batch = batch,
    .figures = figures,
    .claims = claims}};

}  // namespace
}  // namespace sigmagrad::experiments::balanced
