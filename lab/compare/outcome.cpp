// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/lab/compare/outcome.hpp>

#include <algorithm>
#include <utility>

#include <sigmagrad/autograd/capture/capture.hpp>
#include <sigmagrad/autograd/graph/grad_mode.hpp>
#include <sigmagrad/autograd/operations/elementwise.hpp>
#include <sigmagrad/autograd/tensor/fail.hpp>

namespace sigmagrad::lab::detail {

using engine::fail;

std::optional<double> Outcome::final_loss() const {
  return diverged || losses.empty() ? std::nullopt : std::optional(losses.back().second);
}

std::optional<std::int64_t> Outcome::steps_to(double target) const {
  const auto found = std::ranges::find_if(losses, [&](const auto& point) { return point.second <= target; });
  return found == losses.end() ? std::nullopt : std::optional(found->first);
}

namespace {

Tensor checked(Tensor loss, const Problem& problem) {
  if (!loss.defined()) fail("compare: problem {}: its loss is an undefined tensor; expected a scalar", problem.name);
  if (loss.numel() != 1)
    fail("compare: problem {}: its loss must be a scalar (got {}); reduce it, by .mean() say", problem.name,
         loss.shape().str());
  return loss;
}

std::vector<Tensor> weights_of(const Training& training) {
  if (training.weights) return training.weights();
  std::vector<Tensor> matrices;
  for (const Tensor& parameter : training.parameters)
    if (parameter.dim() == 2) matrices.push_back(parameter);
  return matrices;
}

// The loss that is trained: the problem's, and the penalty if the candidate is one.
std::function<Tensor()> trained_loss(const Problem& problem, const Training& training, const Variant& variant) {
  return [&problem, &training, &variant] {
    auto loss = checked(training.loss(), problem);
    if (variant.penalty)
      for (const Tensor& w : weights_of(training)) loss = loss + (*variant.penalty)(w);
    return loss;
  };
}

class OneTraining {
 public:
  OneTraining(const Problem& problem, const Variant& variant, Run run)
      : problem_(problem),
        trial_(std::move(run.trial)),
        training_(made(problem, trial_)),
        loss_(trained_loss(problem, training_, variant)),
        update_(variant.start(training_.parameters, run.rate)) {
    if (training_.captured && variant.is_captured) step_.emplace([this] { return std::vector{update_(loss_)}; });
  }

  double evaluate() const {
    const NoGrad guard;
    return training_.evaluate ? training_.evaluate() : checked(training_.loss(), problem_).item();
  }
  Metrics recorded_at_end() {
    const NoGrad guard;
    if (training_.at_end) training_.at_end(trial_);
    return trial_.take_metrics();
  }
  void step() {
    step_ ? static_cast<void>((*step_)()) : static_cast<void>(update_(loss_));
    if (std::exchange(is_first_, false)) check_reached();
  }

 private:
  void check_reached() const {
    if (std::ranges::none_of(training_.parameters, [](const Tensor& parameter) { return parameter.grad().defined(); }))
      fail("compare: problem {}: its loss depends on none of its parameters (a layer copies a weight that is no leaf)",
           problem_.name);
  }
  static Training made(const Problem& problem, Trial& trial) {
    seed_default_generator(trial);
    auto training = problem.make(trial);
    if (training.parameters.empty() || !training.loss)
      fail("compare: problem {}: its training has no {}", problem.name, training.loss ? "parameters" : "loss");
    return training;
  }

  const Problem& problem_;
  Trial trial_;
  Training training_;
  std::function<Tensor()> loss_;
  Update update_;
  std::optional<CapturedStep> step_;
  bool is_first_ = true;
};

// Optimisers refuse gradients that are no numbers: a training that has come to some has diverged, and any other Error
// is the caller's.
bool steps_soundly(OneTraining& training, double at_start) {
  try {
    training.step();
    return true;
  } catch (const Error&) {
    if (has_diverged(training.evaluate(), at_start)) return false;
    throw;
  }
}

}  // namespace

Outcome train(const Problem& problem, const Variant& variant, Run run, const Budget& budget) {
  OneTraining training(problem, variant, std::move(run));
  Outcome outcome{.losses = {{0, training.evaluate()}}};
  const double at_start = outcome.losses.front().second;
  std::int64_t done = 0;
  double seconds = 0;
  while (done < budget.steps && !outcome.diverged) {
    const double begin = thread_seconds();
    do outcome.diverged = !steps_soundly(training, at_start);
    while (!outcome.diverged && !budget.evaluates(++done));
    seconds += thread_seconds() - begin;
    if (outcome.diverged) break;
    const double loss = training.evaluate();
    outcome.diverged = has_diverged(loss, at_start);
    if (!outcome.diverged) outcome.losses.emplace_back(done, loss);
  }
  if (!outcome.diverged) outcome.recorded = training.recorded_at_end();
  outcome.step_seconds = seconds / static_cast<double>(std::max<std::int64_t>(done, 1));
  return outcome;
}

}  // namespace sigmagrad::lab::detail
