// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/experiments/completion/flow_runs.hpp>

#include <utility>

#include <sigmagrad/sigmagrad.hpp>

namespace sigmagrad::experiments::completion {

namespace {

constexpr double flow_accuracy = 1e-6;  // relative, of a step

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

Ranks run_flow(std::span<Trial> trials, const Factorization& model, const Completion& completion,
               std::int64_t max_steps) {
  const Params& p = trials.front().params();
  const auto flow = follow_flow(model, completion, flow_options(p, max_steps));
  const NoGrad guard;
  const auto products = model.product();
  const Ranks ranks{linalg::effective_rank(products, entropy_of(p)), linalg::stable_rank(products)};
  record(trials, effective_rank, ranks.effective);
  record(trials, stable_rank, ranks.stable);
  record(trials, final_loss, flow.loss);
  record(trials, unobserved_rmse, completion.unobserved_rmse(products));
  record(trials, steps_to_stop, flow.steps);
  record(trials, time_to_stop, flow.t);
  for (std::size_t i = 0; i < trials.size(); ++i) {
    const auto reason = flow.reason[i];
    trials[i].record(converged, reason == optim::FlowStop::Loss || reason == optim::FlowStop::Time ? 1.0 : 0.0);
  }
  return ranks;
}

}  // namespace sigmagrad::experiments::completion
