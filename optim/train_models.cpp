// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/optim/train_models.hpp>

#include <algorithm>
#include <cmath>
#include <optional>

#include <unistd.h>

#include <sigmagrad/autograd/capture/capture.hpp>
#include <sigmagrad/autograd/capture/captured_bytes.hpp>
#include <sigmagrad/autograd/capture/capturing.hpp>
#include <sigmagrad/autograd/operations/reductions.hpp>
#include <sigmagrad/autograd/operations/shape_ops.hpp>
#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/autograd/tensor/fail.hpp>
#include <sigmagrad/optim/detail/running_models.hpp>

namespace sigmagrad::optim::detail {
namespace {

using engine::fail;

// Trained first, and measured.
constexpr std::int64_t first_chunk = 8;

std::int64_t cache_bytes() {
  const long bytes = sysconf(_SC_LEVEL2_CACHE_SIZE);
  return bytes > 0 ? bytes : 1 << 20;
}

void check(std::int64_t count, const TrainModelsOptions& options) {
  if (count < 1) fail("train_models: count must be >= 1 (got {})", count);
  if (options.steps < 1) fail("train_models: steps must be >= 1 (got {})", options.steps);
  if (options.chunk < 0) fail("train_models: chunk must be >= 0 (got {})", options.chunk);
  if (options.watch_every < 1) fail("train_models: watch_every must be >= 1 (got {})", options.watch_every);
  if (std::isnan(options.loss_below)) fail("train_models: loss_below is NaN");
}

void check_first_axis(const ModelBatch& batch, std::int64_t n) {
  if (!batch.losses) fail("train_models: the function that makes the models gave no losses");
  for (const Tensor& parameter : batch.parameters)
    if (parameter.dim() == 0 || parameter.size(0) != n)
      fail("train_models: the parameters of {} models must be [{}, ...], got {}", n, n, parameter.shape().str());
}

// Room for all models, in the form of some.
TrainedModels results_like(const ModelBatch& batch, std::int64_t count) {
  TrainedModels result{.losses = zeros({count}), .steps = zeros({count}), .parameters = {}};
  for (const Tensor& parameter : batch.parameters)
    result.parameters.push_back(zeros(parameter.shape().with(0, count), parameter.dtype()));
  return result;
}

void check_form(const ModelBatch& batch, const TrainedModels& result) {
  const auto alike = [](const Tensor& a, const Tensor& b) {
    return a.dtype() == b.dtype() && a.shape().tail(1) == b.shape().tail(1);
  };
  if (!std::equal(batch.parameters.begin(), batch.parameters.end(), result.parameters.begin(), result.parameters.end(),
                  alike))
    fail("train_models: the parameters of all models must have the same shapes and dtypes");
}

Tensor checked_losses(const ModelBatch& batch, std::int64_t n) {
  Tensor losses = batch.losses();
  if (!losses.defined() || losses.shape() != Shape{n})
    fail("train_models: the losses of {} models must be [{}], got {}", n, n,
         losses.defined() ? losses.shape().str() : "an undefined tensor");
  return losses;
}

void check_reached(const ModelBatch& batch) {
  if (std::ranges::none_of(batch.parameters, [](const Tensor& parameter) { return parameter.grad().defined(); }))
    fail("train_models: the losses depend on none of the parameters (a layer copies a weight that is no leaf)");
}

// Returns the bytes that a step works on, the data aside.
std::size_t train_chunk(const ModelBatch& batch, std::int64_t first, std::int64_t n, const TrainModelsOptions& options,
                        const MakeOptimizer& make_optimizer, const TrainedModels& result) {
  const auto optimizer = make_optimizer(batch.parameters, first, n);
  std::optional<Schedule> schedule;
  if (options.schedule) schedule.emplace(*optimizer, options.schedule);
  RunningModels models(batch.parameters, first, n, options.loss_below, result);
  auto step = capture([&] {
    optimizer->zero_grad();
    const Tensor losses = checked_losses(batch, n);
    losses.sum().backward();
    check_reached(batch);
    models.stop(losses);
    optimizer->step();
    models.hold();
  });
  const std::size_t before = engine::captured_bytes();
  std::size_t bytes = 0;
  for (std::int64_t k = 0; k < options.steps && models.running() > 0; ++k) {
    if (options.watch && k % options.watch_every == 0) options.watch({k, first, models.which_run()});
    if (schedule && k > 0) schedule->step();
    step();
    if (k == 0) bytes = engine::captured_bytes() - before;
  }
  const NoGrad guard;
  if (options.watch && models.running() > 0) options.watch({options.steps, first, models.which_run()});
  if (models.running() > 0) models.stop_all(checked_losses(batch, n));
  for (const Tensor& parameter : batch.parameters)  // and what an optimiser remembers of it
    bytes += 3 * static_cast<std::size_t>(parameter.numel()) * sizeof(double);
  return bytes;
}

// As many as work on half of the cache, in chunks of nearly one size.
std::int64_t chunk_of(std::int64_t rest, std::int64_t bytes_of_one) {
  const std::int64_t largest = std::max<std::int64_t>(1, cache_bytes() / 2 / std::max<std::int64_t>(1, bytes_of_one));
  const std::int64_t chunks = (rest + largest - 1) / largest;
  return (rest + chunks - 1) / chunks;
}

}  // namespace

TrainedModels train_models(std::int64_t count, const TrainModelsOptions& options, const MakeOptimizer& make_optimizer,
                           const MakeModels& make) {
  engine::refuse_in_capture("train_models", "its steps are captured by themselves");
  check(count, options);
  if (!make) fail("train_models: the function that makes the models is empty");
  TrainedModels result;
  std::int64_t chunk = options.chunk > 0 ? options.chunk : first_chunk;
  for (std::int64_t first = 0; first < count;) {
    const std::int64_t n = std::min(chunk, count - first);
    const ModelBatch batch = make(first, n);
    check_first_axis(batch, n);
    if (first == 0) result = results_like(batch, count);
    check_form(batch, result);
    const std::size_t bytes = train_chunk(batch, first, n, options, make_optimizer, result);
    if (options.chunk == 0 && first == 0 && n < count)
      chunk = chunk_of(count - n, static_cast<std::int64_t>(bytes) / n);
    first += n;
  }
  return result;
}

Tensor rates_of(const Tensor& lr_scale, std::int64_t first, std::int64_t n) {
  return lr_scale.defined() ? lr_scale.narrow(0, first, n) : Tensor();
}

void check_rates(const Tensor& lr_scale, std::int64_t count) {
  if (lr_scale.defined() && lr_scale.shape() != Shape{count})
    fail("train_models: lr_scale must be [{}], one factor for each model, got {}", count, lr_scale.shape().str());
}

}  // namespace sigmagrad::optim::detail
