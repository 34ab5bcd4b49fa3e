// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>

#include <sigmagrad/autograd/graph/grad_mode.hpp>
#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/autograd/tensor/fail.hpp>
#include <sigmagrad/lab/compare/outcome.hpp>
#include <sigmagrad/optim/train_models.hpp>

namespace sigmagrad::lab::detail {

namespace {

class Ensemble {
 public:
  Ensemble(const Problem& problem, const Variant& variant, std::span<const Run> runs, const Budget& budget)
      : problem_(problem), variant_(variant), runs_(runs), budget_(budget), outcomes_(runs.size()) {}

  std::vector<Outcome> train() {
    const double begin = thread_seconds();
    optim::detail::train_models(
        static_cast<std::int64_t>(runs_.size()),
        {.steps = budget_.steps,
         .watch =
             [this](const optim::ModelsAtStep& now) {
               if (budget_.evaluates(now.step)) watch(now);
             }},
        [this](std::vector<Tensor> parameters, std::int64_t first, std::int64_t n) {
          return variant_.together(std::move(parameters), rates(first, n));
        },
        [this](std::int64_t first, std::int64_t n) { return make(first, n); });
    const double of_all = thread_seconds() - begin - other_seconds_;
    for (Outcome& outcome : outcomes_) {
      outcome.diverged = outcome.diverged || outcome.losses.back().first < budget_.steps;
      outcome.step_seconds = of_all / static_cast<double>(budget_.steps) / static_cast<double>(outcomes_.size());
    }
    return std::move(outcomes_);
  }

 private:
  std::span<const Run> part(std::int64_t first, std::int64_t n) const {
    return runs_.subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(n));
  }

  Tensor rates(std::int64_t first, std::int64_t n) const {
    std::vector<double> all;
    for (const Run& run : part(first, n)) all.push_back(run.rate);
    return tensor(all);
  }

  optim::ModelBatch make(std::int64_t first, std::int64_t n) {
    const double begin = thread_seconds();
    std::vector<Trial> trials;
    for (const Run& run : part(first, n)) trials.push_back(run.trial);
    seed_default_generator(trials.front());
    auto made = problem_.batched(trials);
    if (made.parameters.empty() || !made.losses)
      engine::fail("compare: problem {}: its ensemble has no {}", problem_.name, made.losses ? "parameters" : "losses");
    evaluate_ = made.evaluate ? made.evaluate : made.losses;
    other_seconds_ += thread_seconds() - begin;
    return {.parameters = std::move(made.parameters), .losses = std::move(made.losses)};
  }

  // A mean over all models is a scalar, which has no loss of each.
  Tensor checked(Tensor losses, std::int64_t n) const {
    if (!losses.defined() || losses.shape() != Shape{n})
      engine::fail("compare: problem {}: the losses of {} models must be [{}], got {}", problem_.name, n, n,
                   losses.defined() ? losses.shape().str() : "an undefined tensor");
    return losses;
  }

  void watch(const optim::ModelsAtStep& now) {
    const double begin = thread_seconds();
    const NoGrad guard;
    const auto losses = checked(evaluate_(), static_cast<std::int64_t>(now.running.size())).to_vector();
    for (std::size_t m = 0; m < now.running.size(); ++m) {
      Outcome& outcome = outcomes_[static_cast<std::size_t>(now.first) + m];
      const double at_start = outcome.losses.empty() ? losses[m] : outcome.losses.front().second;
      outcome.diverged = outcome.diverged || !now.running[m] || (now.step > 0 && has_diverged(losses[m], at_start));
      if (!outcome.diverged) outcome.losses.emplace_back(now.step, losses[m]);
    }
    other_seconds_ += thread_seconds() - begin;
  }

  const Problem& problem_;
  const Variant& variant_;
  std::span<const Run> runs_;
  Budget budget_;
  std::vector<Outcome> outcomes_;
  std::function<Tensor()> evaluate_;  // of the models that are being trained
  double other_seconds_ = 0;
};

}  // namespace

bool train_together(const Problem& problem, const Variant& variant, const Trial& sample) {
  if (!problem.batched || !variant.together) return false;
  if (variant.together_takes_vectors) return true;
  auto trial = sample;
  seed_default_generator(trial);
  const auto made = problem.batched({&trial, 1});
  return std::ranges::all_of(made.parameters, [](const Tensor& parameter) { return parameter.dim() == 3; });
}

std::vector<Outcome> train_ensemble(const Problem& problem, const Variant& variant, std::span<const Run> runs,
                                    const Budget& budget) {
  return Ensemble(problem, variant, runs, budget).train();
}

}  // namespace sigmagrad::lab::detail
