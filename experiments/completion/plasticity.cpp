// SPDX-License-Identifier: BSD-3-Clause
// Does a model that was trained on few entries of a matrix learn from further ones as well as a new model does?
#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include <sigmagrad/experiments/completion/factorization.hpp>
#include <sigmagrad/experiments/harness/experiment.hpp>
#include <sigmagrad/sigmagrad.hpp>

namespace sigmagrad::experiments::completion {
namespace {

constexpr std::uint64_t target_stream = 10, observation_stream = 11, power_stream = 12;
constexpr double rate = 0.5;        // of the largest stable step where the factors are balanced
constexpr double least_norm = 3.0;  // the step near the start is that of a product of this norm
constexpr std::int64_t most_steps = 200'000;

// U V' / sqrt(rank) with standard normal factors: entries of variance 1.
Tensor low_rank_target(std::int64_t d, std::int64_t rank, Generator& generator) {
  const auto u = randn({d, rank}, generator), v = randn({d, rank}, generator);
  return matmul(u, v.t()) / std::sqrt(static_cast<double>(rank));
}

// The first `count` of entries in random order, as a mask [d, d].
Tensor first_entries(const Tensor& order, std::int64_t d, std::int64_t count) {
  std::vector<double> mask(static_cast<std::size_t>(d * d));
  for (const double entry : order.data<double>().first(static_cast<std::size_t>(count)))
    mask[static_cast<std::size_t>(entry)] = 1.0;
  return tensor(mask, {d, d});
}

struct Phase {
  double steps = 0, mse = 0;
};

// Gradient descent on half the sum of squared errors at step size rate / (L s^(2 - 2/L)), where s is the norm of the
// product, followed by a step of the power method each. Ends at a mean squared error below `tolerance`, or after
// `steps` steps where that is given.
Phase train(const Factorization& model, const Completion& seen, double tolerance, std::int64_t steps,
            Generator& generator) {
  const auto depth = static_cast<double>(model.factors().size());
  const double count = seen.observed.sum().item();
  auto v = randn({model.dimension(), 1}, generator);
  optim::SGD optimizer(model.parameters(), {.lr = 1.0});
  auto step = capture([&] {
    const auto product = model.product();
    Tensor step_size;
    {
      const NoGrad guard;
      const auto u = matmul(product, v / linalg::norm(v));
      step_size = rate / (depth * pow(clamp(linalg::norm(u), least_norm, std::numeric_limits<double>::infinity()),
                                      2.0 - 2.0 / depth));
      v.copy_(matmul(product.t(), u));
    }
    const auto loss = masked_mse_loss(product, seen.target, seen.observed, Reduction::HalfSum);
    optimizer.zero_grad();
    (step_size * loss).backward();
    optimizer.step();
    return 2.0 / count * loss.detach();
  });
  Phase phase{.mse = std::numeric_limits<double>::infinity()};
  const auto last = static_cast<double>(steps > 0 ? steps : most_steps);
  while (phase.steps < last && (steps > 0 || !(phase.mse < tolerance))) {
    phase.mse = step().item();
    ++phase.steps;
  }
  if (!(phase.mse < tolerance) && steps == 0)
    throw Error(fmt::format("plasticity: the mean squared error is {:.3g} after {} steps", phase.mse, phase.steps));
  return phase;
}

void measure(const std::string& name, const Factorization& model, const Completion& completion, const Phase& phase,
             const Params& params, Metrics& metrics) {
  const NoGrad guard;
  const auto product = model.product();
  metrics.add(name + "_effective_rank", linalg::effective_rank(product, entropy_of(params)).item())
      .add(name + "_stable_rank", linalg::stable_rank(product).item())
      .add(name + "_unobserved_rmse", completion.unobserved_rmse(product).item())
      .add(name + "_mse", phase.mse)
      .add(name + "_steps_to_stop", phase.steps);
}

// Pre-training on few entries; then, on more, that model (warm) and a new one (cold).
Metrics trial(const Trial& t) {
  const auto& p = t.params;
  const std::int64_t d = p.integer("d"), pre = p.integer("observed"), post = pre + p.integer("added");
  if (post > d * d) throw Error(fmt::format("plasticity: {} entries of a {} x {} matrix were asked for", post, d, d));
  const auto targets = t.generator(target_stream), entries = t.generator(observation_stream),
             power = t.generator(power_stream);
  const auto target = low_rank_target(d, p.integer("rank"), *targets);
  const auto order = randperm(d * d, *entries);
  const Completion few{target, first_entries(order, d, pre)}, more{target, first_entries(order, d, post)};

  const auto depth = static_cast<double>(p.integer("depth"));
  const double alpha_power = p.real("scale") / std::pow(static_cast<double>(d), 0.5 * (depth - 1.0));
  std::vector<Tensor> start;
  for (const auto& factor : gaussian_start({&t, 1}, {.d = d, .depth = p.integer("depth"), .scale = alpha_power}))
    start.push_back(factor.squeeze(0));
  const Factorization warm(start), cold(start);

  const std::int64_t steps = p.integer("steps");
  const double tolerance = p.real("tolerance");
  Metrics metrics;
  measure("pre", warm, few, train(warm, few, tolerance, steps, *power), p, metrics);
  measure("warm", warm, more, train(warm, more, tolerance, steps, *power), p, metrics);
  measure("cold", cold, more, train(cold, more, tolerance, steps, *power), p, metrics);
  const auto value = [&](const std::string& name) {
    return std::ranges::find(metrics.items(), name, &Metrics::Item::first)->second;
  };
  const double gap = value("warm_effective_rank") - value("cold_effective_rank");
  const double ratio = value("warm_unobserved_rmse") / value("cold_unobserved_rmse");
  return metrics.add("rank_gap", gap).add("rmse_ratio", ratio);
}

constexpr std::pair<const char*, const char*> phases[] = {
    {"pre", "before, few entries"}, {"warm", "warm start, more entries"}, {"cold", "cold start, more entries"}};

Panel by_phase(const Groups& groups, const std::string& metric, std::string title, std::string y_label) {
  Panel panel{.title = std::move(title), .x_label = "depth", .y_label = std::move(y_label)};
  for (const auto& [phase, text] : phases)
    panel.series.push_back(medians(groups, "depth", fmt::format("{}_{}", phase, metric), text));
  return panel;
}

std::vector<Figure> figures(const Results& results) {
  const auto groups = results.where({{"steps", 0}});
  Panel gap{.title = "Rank kept by the warm start", .x_label = "depth", .y_label = "effective rank, warm - cold"};
  Panel ratio{.title = "Error of the warm start", .x_label = "depth", .y_label = "unobserved error, warm / cold"};
  for (const Value& steps : results.values_of("steps")) {
    const auto text =
        same_value(steps, std::int64_t{0}) ? std::string("trained to a loss") : to_text(steps) + " steps each";
    gap.series.push_back(medians(results.where({{"steps", steps}}), "depth", "rank_gap", text));
    ratio.series.push_back(medians(results.where({{"steps", steps}}), "depth", "rmse_ratio", text));
  }
  auto error = by_phase(groups, "unobserved_rmse", "Reconstruction", "unobserved RMSE");
  error.log_y = ratio.log_y = true;
  return {{.name = "completion-plasticity",
           .caption =
               "Completion of a matrix of low rank from few entries, and from more of them by the model trained before "
               "(warm start) or a new one (cold start). Entries have variance 1.",
           .panels = {by_phase(groups, "effective_rank", "Effective rank", "effective rank"), error, gap, ratio}}};
}

void judge_depth_2(const Results& r, Claim& claim) {
  const Group& two = r.group({{"steps", 0}, {"depth", 2}});
  claim.measured = fmt::format("effective rank {:.1f} against {:.1f}, error {:.3f} against {:.3f}",
                               two.median("warm_effective_rank"), two.median("cold_effective_rank"),
                               two.median("warm_unobserved_rmse"), two.median("cold_unobserved_rmse"));
  const bool holds = two.statistics("rank_gap").min > 1.0 && two.statistics("rmse_ratio").min > 1.05;
  claim.verdict = verdict(holds);
  claim.why = fmt::format("In each of {} trials; the model keeps {:.1f} of the rank {:.1f} it had before.",
                          two.trials(), two.median("warm_effective_rank"), two.median("pre_effective_rank"));
}

void judge_deeper(const Results& r, Claim& claim) {
  bool holds = true;
  std::string ratios;
  for (const Group* deep : r.where({{"steps", 0}})) {
    if (deep->params().integer("depth") == 2) continue;
    const auto gap = deep->statistics("rank_gap");
    holds = holds && std::max(std::abs(gap.min), std::abs(gap.max)) < 0.5;
    claim.measured += fmt::format("{}depth {}: {:.2f} to {:.2f}", claim.measured.empty() ? "" : "; ",
                                  deep->params().integer("depth"), gap.min, gap.max);
    ratios += fmt::format("{}{:.2f}", ratios.empty() ? "" : ", ", deep->median("rmse_ratio"));
  }
  if (claim.measured.empty()) throw NotRun("no depth above 2 was run");
  claim.verdict = verdict(holds);
  claim.why = fmt::format(
      "Judged by the rank: differences of the error (warm / cold {}) are those of where a loss of the tolerance is "
      "met.",
      ratios);
}

void judge_low_rank(const Results& r, Claim& claim) {
  bool falls = true;
  double last = std::numeric_limits<double>::infinity();
  for (const Group* one : r.where({{"steps", 0}})) {
    const double rank = one->median("pre_effective_rank");
    falls = falls && rank < last;
    last = rank;
    claim.measured += fmt::format("{}{:.2f}", claim.measured.empty() ? "" : ", ", rank);
  }
  claim.verdict = verdict(falls);
  claim.why = fmt::format("The matrix has rank {}.", r.groups().front().params().integer("rank"));
}

// Warm / cold errors by depth after a number of steps.
std::vector<double> ratios_after(const Results& r, const Value& steps) {
  std::vector<double> ratios;
  for (const Group* one : r.where({{"steps", steps}})) ratios.push_back(one->median("rmse_ratio"));
  return ratios;
}

// Kleinman et al. 2024, as paper 002 cites them. Judged by the longest training; the others show what it depends on.
void judge_fixed_steps(const Results& r, Claim& claim) {
  Values budgets;
  for (const Value& steps : r.values_of("steps"))
    if (!same_value(steps, std::int64_t{0})) budgets.push_back(steps);
  if (budgets.empty()) throw NotRun("no number of steps was run");
  const auto longest = ratios_after(r, budgets.back());
  if (longest.size() < 2) throw NotRun("fewer than two depths were run");
  claim.measured =
      fmt::format("warm / cold error {:.2f} after {} steps", fmt::join(longest, ", "), to_text(budgets.back()));
  const bool grows = longest.back() > longest.front(), always = std::ranges::is_sorted(longest);
  claim.verdict = verdict(grows && always, grows);
  std::string others;
  for (std::size_t i = 0; i + 1 < budgets.size(); ++i)
    others += fmt::format("; after {}: {:.2f}", to_text(budgets[i]), fmt::join(ratios_after(r, budgets[i]), ", "));
  claim.why = fmt::format(
      "It compares how far each training has come as much as where it ends: trained to one loss the ratios are "
      "{:.2f}{}.",
      fmt::join(ratios_after(r, std::int64_t{0}), ", "), others);
}

std::vector<Claim> claims(const Results& results) {
  const std::string source = "paper 002, section 4, figure 3";
  return judge_all(
      results,
      {{{.claim = "At depth 2 a warm start ends at a higher rank and error than a cold one",
         .source = source,
         .printed = "pronounced"},
        judge_depth_2},
       {{.claim = "Deeper models do not lose plasticity: warm and cold starts end at the same rank",
         .source = source,
         .printed = "no substantial increase"},
        judge_deeper},
       {{.claim = "Deeper models prefer low rank even from few entries", .source = source, .printed = "increasingly"},
        judge_low_rank},
       {{.claim = "After a fixed number of steps the loss of plasticity grows with depth",
         .source = "Kleinman et al. 2024, as cited in paper 002, section 4",
         .printed = "intensified"},
        judge_fixed_steps}});
}

std::vector<Parameter> parameters() {
  return {
      {.name = "depth", .help = "number of factors", .quick = {2, 3}, .paper = {2, 3, 4}, .minimum = 2, .maximum = 16},
      {.name = "d", .help = "matrix size", .quick = {100}, .minimum = 2},
      {.name = "rank", .help = "rank of the matrix", .quick = {5}, .minimum = 1},
      {.name = "observed", .help = "entries seen before", .quick = {2000}, .minimum = 1},
      {.name = "added", .help = "further entries seen then", .quick = {1000}, .minimum = 0},
      {.name = "scale", .help = "standard deviation of the first product's entries", .quick = {1e-3}, .minimum = 1e-12},
      {.name = "tolerance", .help = "mean squared error of observed entries", .quick = {1e-4}, .minimum = 1e-12},
      {.name = "steps",
       .help = "steps of each training; 0: until `tolerance` is met",
       .quick = {0, 300},
       .paper = {0, 1000, 5000},
       .minimum = 0},
      entropy_parameter()};
}

const Register plasticity{Experiment{
    .id = "completion/plasticity",
    .title = "Loss of plasticity by depth",
    .question =
        "Does a model that has learned few entries of a matrix learn from more of them as well as a new model does?",
    .observe = "At depth 2 it keeps part of the rank it had (about 11 against 9.5 from a new start, the matrix has "
               "rank 5); at "
               "depth 3 and 4 both end near rank 5.",
    .source = "paper 002, section 4, figure 3",
    .parameters = parameters(),
    .trials = {.quick = 1, .paper = 3},
    .seconds = {.quick = 1, .paper = 25},
    .trial = trial,
    .figures = figures,
    .claims = claims}};

}  // namespace
}  // namespace sigmagrad::experiments::completion
