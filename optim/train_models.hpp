// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <vector>

#include <sigmagrad/optim/optimizer.hpp>
#include <sigmagrad/optim/schedule.hpp>

namespace sigmagrad::optim {

/// Some of the models, along the first axis of every tensor: n of them, as `make(first, n)` builds them.
struct ModelBatch {
  std::vector<Tensor> parameters;  // [n, ...]
  /// The loss of each, [n], of which none depends on another model. It is called in the body of a captured step. What
  /// it draws is shared by all models, from a generator that `make` makes: then every chunk meets the same batches.
  std::function<Tensor()> losses;
};

/// Models first, ..., first + running.size() - 1 after so many steps.
struct ModelsAtStep {
  std::int64_t step = 0, first = 0;
  std::vector<bool> running;  // a model that stopped is back at its start
};

struct TrainModelsOptions {
  std::int64_t steps = 0;
  /// A model whose loss is below stops: its parameters stay as they are.
  double loss_below = -std::numeric_limits<double>::infinity();
  Rate schedule{};         // of all models' rates; none unless given
  std::int64_t chunk = 0;  // models at once; 0: as many as train in the processor's cache
  /// Called before the first step, after every `watch_every`-th and after the last, to look at the parameters that
  /// `make` gave for these models.
  std::function<void(const ModelsAtStep&)> watch{};
  std::int64_t watch_every = 1;
};

/// What became of M models.
struct TrainedModels {
  Tensor losses;                   // [M], f64, of the parameters below; NaN or infinite for one that diverged
  Tensor steps;                    // [M], f64: updates that each has had
  std::vector<Tensor> parameters;  // [M, ...], in the order in which `make` gives them
};

namespace detail {
using MakeOptimizer = std::function<std::unique_ptr<Optimizer>(std::vector<Tensor>, std::int64_t, std::int64_t)>;
using MakeModels = std::function<ModelBatch(std::int64_t first, std::int64_t n)>;
TrainedModels train_models(std::int64_t count, const TrainModelsOptions& options, const MakeOptimizer& optimizer,
                           const MakeModels& make);
/// The rates of the models from `first` on; undefined where all share one.
Tensor rates_of(const Tensor& lr_scale, std::int64_t first, std::int64_t n);
void check_rates(const Tensor& lr_scale, std::int64_t count);
}  // namespace detail

/// Trains `count` models of one kind with an optimiser of type O, a few at a time, so that their numbers stay in the
/// cache: 1000 models cost no more each than 100 do. The bits of a model depend on neither the number of models nor its
/// place among them, if `make` keys its random numbers by the model's own index.
///
///   const auto trained = train_models<Adam>(1000, {.lr = 0.01}, {.steps = 500}, [&](auto first, auto n) {
///     ...  // models first, ..., first + n - 1; nn::stack_models makes one of several
///     return ModelBatch{many.parameters(), [=] { return losses_of(many); }};
///   });
///
/// The optimiser's `lr_scale` [count] multiplies its `lr` for each model: `{.lr = 1.0, .lr_scale = rates}` gives the
/// rates themselves. `losses` outlives `make`: it copies what it needs (`[=]`), modules being handles. A model whose
/// loss or gradient is no longer finite stops and leaves the others alone. Each step is replayed from a captured one.
/// Error for a count or steps below 1, for parameters that do not begin with n, and for losses of another shape than
/// [n].
template <class O>
TrainedModels train_models(std::int64_t count, const typename O::Options& optimizer, const TrainModelsOptions& options,
                           const detail::MakeModels& make) {
  constexpr bool scales = requires { optimizer.lr_scale; };
  if constexpr (scales) detail::check_rates(optimizer.lr_scale, count);
  const auto one = [&](std::vector<Tensor> parameters, std::int64_t first, std::int64_t n) {
    auto own = optimizer;
    if constexpr (scales) own.lr_scale = detail::rates_of(optimizer.lr_scale, first, n);
    return std::make_unique<O>(std::move(parameters), own);
  };
  return detail::train_models(count, options, one, make);
}

}  // namespace sigmagrad::optim
