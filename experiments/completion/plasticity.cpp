// SPDX-License-Identifier: BSD-3-Clause
// Does a model that was trained on few entries of a matrix learn from further ones as well as a new model does?
#include <cmath>

#include <fmt/format.h>

#include <sigmagrad/experiments/completion/flow_runs.hpp>
#include <sigmagrad/experiments/completion/phases.hpp>
#include <sigmagrad/sigmagrad.hpp>

namespace sigmagrad::experiments::completion {
namespace {

const Int rank{.name = "rank", .help = "rank of the matrix", .quick = {5}, .minimum = 1};
const Int observed{.name = "observed", .help = "entries seen before", .quick = {2000}, .minimum = 1};
const Int added{.name = "added", .help = "further entries seen then", .quick = {1000}, .minimum = 0};
const Real entry_size{
    .name = "scale", .help = "standard deviation of the first product's entries", .quick = {1e-3}, .minimum = 1e-12};
const Real largest_mse{
    .name = "tolerance", .help = "mean squared error of observed entries", .quick = {1e-4}, .minimum = 1e-12};
const Int steps{.name = "steps",
                .help = "steps of each training; 0: until `tolerance` is met",
                .quick = {0, 300},
                .paper = {0, 1000, 5000},
                .minimum = 0};

const Quantity reconstruction{.name = "reconstruction", .label = "RMSE over all entries"};
const Quantity mse{.name = "mse", .label = "mean squared error"};
const Quantity rank_gap{.name = "rank_gap", .label = "effective rank, warm - cold"};
const Quantity rmse_ratio{.name = "rmse_ratio", .label = "unobserved error, warm / cold"};

constexpr std::uint64_t target_stream = 10, observation_stream = 11, power_stream = 12;
constexpr double rate = 0.5;        // of the largest stable step where the factors are balanced
constexpr double least_norm = 3.0;  // the step near the start is that of a product of this norm
constexpr std::int64_t most_steps = 200'000;

// U V' / sqrt(r) with standard normal factors: entries of variance 1.
Tensor low_rank_target(std::int64_t d, std::int64_t r, Generator& generator) {
  const auto u = randn({d, r}, generator), v = randn({d, r}, generator);
  return matmul(u, v.t()) / std::sqrt(static_cast<double>(r));
}

// The first `count` of entries in random order, as a mask [d, d].
Tensor first_entries(const Tensor& order, std::int64_t d, std::int64_t count) {
  std::vector<double> mask(static_cast<std::size_t>(d * d));
  for (const double entry : order.data<double>().first(static_cast<std::size_t>(count)))
    mask[static_cast<std::size_t>(entry)] = 1.0;
  return tensor(mask, {d, d});
}

struct Training {
  double steps = 0, mse = 0;
};

// Gradient descent on half the sum of squared errors at step size rate / (L s^(2 - 2/L)), where s is the norm of the
// product, followed by a step of the power method each. Ends at a mean squared error below `goal`, or after
// `budget` steps where that is given.
Training train(const Factorization& model, const Completion& seen, double goal, std::int64_t budget,
               Generator& generator) {
  const auto layers = static_cast<double>(model.factors().size());
  const double count = seen.observed.sum().item();
  auto v = randn({model.dimension(), 1}, generator);
  optim::SGD optimizer(model.parameters(), {.lr = 1.0});
  auto step = capture([&] {
    const auto product = model.product();
    Tensor step_size;
    {
      const NoGrad guard;
      const auto u = matmul(product, v / linalg::norm(v));
      step_size = rate / (layers * pow(clamp(linalg::norm(u), least_norm, infinity), 2.0 - 2.0 / layers));
      v.copy_(matmul(product.t(), u));
    }
    const auto loss = masked_mse_loss(product, seen.target, seen.observed, Reduction::HalfSum);
    optimizer.zero_grad();
    (step_size * loss).backward();
    optimizer.step();
    return 2.0 / count * loss.detach();
  });
  Training done{.mse = infinity};
  const auto last = static_cast<double>(budget > 0 ? budget : most_steps);
  while (done.steps < last && (budget > 0 || !(done.mse < goal))) {
    done.mse = step().item();
    ++done.steps;
  }
  if (!(done.mse < goal) && budget == 0)
    throw Error(fmt::format("plasticity: the mean squared error is {:.3g} after {} steps", done.mse, done.steps));
  return done;
}

struct Ends {
  double effective_rank = 0, unobserved_rmse = 0;
};

// A phase of a trial: the training of a model, and where it ended.
Ends run_phase(Trial& t, const Phase& phase, const Factorization& model, const Completion& seen, Generator& power) {
  const auto training = train(model, seen, t[largest_mse], t[steps], power);
  const NoGrad guard;
  const auto product = model.product();
  const Ends ends{linalg::effective_rank(product, entropy_of(t.params())).item(), seen.unobserved_rmse(product).item()};
  t.record(phase(effective_rank), ends.effective_rank);
  t.record(phase(stable_rank), linalg::stable_rank(product).item());
  t.record(phase(unobserved_rmse), ends.unobserved_rmse);
  t.record(phase(reconstruction), sqrt(mean(square(product - seen.target))).item());
  t.record(phase(mse), training.mse);
  t.record(phase(steps_to_stop), training.steps);
  return ends;
}

// Pre-training on few entries; then, on more, that model (warm) and a new one (cold).
void trial(Trial& t) {
  const std::int64_t d = t[matrix_size], post = t[observed] + t[added];
  if (post > d * d) throw Error(fmt::format("plasticity: {} entries of a {} x {} matrix were asked for", post, d, d));
  const auto targets = t.generator(target_stream), entries = t.generator(observation_stream),
             power = t.generator(power_stream);
  const auto target = low_rank_target(d, t[rank], *targets);
  const auto order = randperm(d * d, *entries);
  const Completion few{target, first_entries(order, d, t[observed])}, more{target, first_entries(order, d, post)};

  const double of_product =
      t[entry_size] / std::pow(static_cast<double>(d), 0.5 * (static_cast<double>(t[depth]) - 1.0));
  std::vector<Tensor> start;
  for (const auto& factor : gaussian_start({&t, 1}, {.d = d, .depth = t[depth], .scale = of_product}))
    start.push_back(factor.squeeze(0));
  const Factorization warm(start), cold(start);
  run_phase(t, before, warm, few, *power);
  const auto warm_ends = run_phase(t, warm_start, warm, more, *power);
  const auto cold_ends = run_phase(t, cold_start, cold, more, *power);
  t.record(rank_gap, warm_ends.effective_rank - cold_ends.effective_rank);
  t.record(rmse_ratio, warm_ends.unobserved_rmse / cold_ends.unobserved_rmse);
}

// A line for each training.
std::vector<Plot> by_training(const Quantity& quantity) {
  return {plot(depth, quantity).at(steps == 0).called("trained to a loss"),
          plot(depth, quantity).at(steps > 0).by(steps)};
}

// The longest training of each preset, whichever was run.
const Selection longest = Selection::where(steps.name, "the longest of 300 or 5000 steps", [](const Value& value) {
  return same_value(value, 300.0) || same_value(value, 5000.0);
});

const Register plasticity{
    {.id = "completion/plasticity",
     .title = "Loss of plasticity by depth",
     .question =
         "Does a model that has learned few entries of a matrix learn from more of them as well as a new model does?",
     .observe =
         "At depth 2 it keeps part of the rank it had (about 11 against 9.5 from a new start, the matrix has rank 5); "
         "at depth 3 and 4 both end near rank 5.",
     .source = "paper 002, section 4, figure 3",
     .parameters = {depth.with({2, 3}, {2, 3, 4}), matrix_size.with({100}), rank, observed, added, entry_size,
                    largest_mse, steps, entropy},
     .printed_at = steps == 0,
     .trials = {.quick = 3, .paper = 3},
     .seconds = {.quick = 3, .paper = 27},
     .trial = trial,
     .figures = {figure("",
                        "Completion of a matrix of low rank from few entries, and from more of them by the model "
                        "trained before (warm start) or a new one (cold start). Entries have variance 1.")
                     .panel("Effective rank", by_phase(depth, effective_rank, steps == 0))
                     .panel("Reconstruction, hidden entries", log_y(by_phase(depth, unobserved_rmse, steps == 0)))
                     .panel("Reconstruction, all entries", log_y(by_phase(depth, reconstruction, steps == 0)))
                     .panel("Rank kept by the warm start", by_training(rank_gap))
                     .panel("Error of the warm start", log_y(by_training(rmse_ratio)))},
     .claims = {
         {.claim = "At depth 2 a warm start ends at a higher rank and error than a cold one",
          .says = "pronounced",
          .holds = smallest(rank_gap).at(depth == 2) > 1.0 && smallest(rmse_ratio).at(depth == 2) > 1.05,
          .why = "In every trial; the model keeps part of the rank that it had before."},
         {.claim = "Deeper models do not lose plasticity: warm and cold starts end at the same rank",
          .says = "no substantial increase",
          .holds = smallest(rank_gap).at(depth > 2) > -0.5 && largest(rank_gap).at(depth > 2) < 0.5,
          .why = "Judged by the rank: differences of the error are those of where a loss of the tolerance is met."},
         {.claim = "Deeper models prefer low rank even from few entries",
          .says = "increasingly",
          .holds = decreases(median(before(effective_rank)), depth),
          .why = [](const Results& r) { return fmt::format("The matrix has rank {}.", r.groups().front()[rank]); }},
         {.claim = "After a fixed number of steps the loss of plasticity grows with depth",
          .source = "Kleinman et al. 2024, as cited in paper 002, section 4",
          .says = "intensified",
          .holds = increases(median(rmse_ratio).at(longest), depth),
          .in_shape = median(rmse_ratio).at(depth > 2 && longest) > median(rmse_ratio).at(depth == 2 && longest),
          .why = "It compares how far each training has come as much as where it ends: trained to one loss, or for "
                 "fewer steps, the ratios are others."}}}};

}  // namespace
}  // namespace sigmagrad::experiments::completion
