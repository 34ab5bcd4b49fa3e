// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/experiments/completion/flow_runs.hpp>

#include <utility>

#include <sigmagrad/sigmagrad.hpp>

namespace sigmagrad::experiments::completion {

namespace {

constexpr double flow_accuracy = 1e-6;  // relative, of a step
constexpr std::int64_t most_descent_steps = 2'000'000;

}  // namespace

std::vector<Parameter> with_flow_parameters(std::vector<Parameter> own, double stop_at) {
  for (const Parameter& shared :
       {Parameter(reduction), Parameter(entropy), Parameter(tolerance.with({stop_at})), Parameter(stop_time)})
    own.push_back(shared);
  return own;
}

StartSize start_size(const Params& p) { return {p[matrix_size], p[depth], p[scale]}; }

Convention convention_of(const Params& p) {
  return p[convention] == "authors" ? Convention::Authors : Convention::Paper;
}

linalg::EntropyOf entropy_of(const Params& p) {
  return p[entropy] == "squares" ? linalg::EntropyOf::Squares : linalg::EntropyOf::Values;
}

Reduction reduction_of(const Params& p) {
  if (p[reduction] == "mean-observed") return Reduction::MeanObserved;
  return p[reduction] == "mean-all" ? Reduction::Mean : Reduction::HalfSum;
}

optim::GradientFlowOptions flow_options(const Params& p, std::int64_t max_steps) {
  return {.t_end = p[stop_time], .rtol = flow_accuracy, .loss_below = p[tolerance], .max_steps = max_steps};
}

void record(std::span<Trial> trials, const Quantity& quantity, const Tensor& values) {
  const auto data = values.data<double>();
  for (std::size_t i = 0; i < trials.size(); ++i) trials[i].record(quantity, data[i]);
}

namespace {

Ranks record_ends(std::span<Trial> trials, const Factorization& model, const Completion& completion) {
  const NoGrad guard;
  const auto products = model.product();
  const Ranks ranks{linalg::effective_rank(products, entropy_of(trials.front().params())),
                    linalg::stable_rank(products)};
  record(trials, effective_rank, ranks.effective);
  record(trials, stable_rank, ranks.stable);
  record(trials, unobserved_rmse, completion.unobserved_rmse(products));
  return ranks;
}

}  // namespace

Ranks run_flow(std::span<Trial> trials, const Factorization& model, const Completion& completion,
               std::int64_t max_steps) {
  const auto flow = follow_flow(model, completion, flow_options(trials.front().params(), max_steps));
  record(trials, final_loss, flow.loss);
  record(trials, steps_to_stop, flow.steps);
  record(trials, time_to_stop, flow.t);
  for (std::size_t i = 0; i < trials.size(); ++i) {
    const auto reason = flow.reason[i];
    trials[i].record(converged, reason == optim::FlowStop::Loss || reason == optim::FlowStop::Time ? 1.0 : 0.0);
  }
  return record_ends(trials, model, completion);
}

Descent descend(const Factorization& model, const Completion& completion, double lr, double goal, std::int64_t most) {
  optim::SGD optimizer(model.parameters(), {.lr = lr});
  auto step = capture([&] {
    const auto loss = completion.loss(model.product()).sum();
    optimizer.zero_grad();
    loss.backward();
    optimizer.step();
    return loss;
  });
  Descent done{.loss = step().item(), .steps = 1};
  for (; done.loss > goal && done.steps < most; ++done.steps) done.loss = step().item();
  return done;
}

Ranks run_descent(std::span<Trial> trials, const Factorization& model, const Completion& completion, double lr) {
  const auto& shape = model.factors().front().shape();
  const auto target = completion.target.expand(shape), observed = completion.observed.expand(shape);
  std::vector<std::vector<Tensor>> ends(model.factors().size());
  // One by one: a trial ends at its own step.
  for (std::size_t i = 0; i < trials.size(); ++i) {
    const auto own = [i](const Tensor& all) { return all.detach().narrow(0, static_cast<std::int64_t>(i), 1).clone(); };
    std::vector<Tensor> start;
    for (const auto& factor : model.factors()) start.push_back(own(factor));
    const Factorization alone(start);
    const Completion own_task{own(target), own(observed), completion.reduction};
    const double goal = trials[i][tolerance];
    const auto done = descend(alone, own_task, lr, goal, most_descent_steps);
    trials[i].record(final_loss, done.loss);
    trials[i].record(steps_to_stop, static_cast<double>(done.steps));
    trials[i].record(time_to_stop, lr * static_cast<double>(done.steps));
    trials[i].record(converged, done.loss <= goal ? 1.0 : 0.0);
    for (std::size_t l = 0; l < ends.size(); ++l) ends[l].push_back(alone.factors()[l].detach());
  }
  std::vector<Tensor> factors;
  for (const auto& factor : ends) factors.push_back(cat(factor));
  return record_ends(trials, Factorization(factors), completion);
}

}  // namespace sigmagrad::experiments::completion
