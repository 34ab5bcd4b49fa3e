// SPDX-License-Identifier: BSD-3-Clause
// Many models of 2-16-1 trained whole: what a step costs each, by their number and by how many train at once.
#include <ctime>

#include <benchmark/benchmark.h>

#include <sigmagrad/autograd/operations/elementwise.hpp>
#include <sigmagrad/autograd/operations/reductions.hpp>
#include <sigmagrad/autograd/operations/shape_ops.hpp>
#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/nn/activations.hpp>
#include <sigmagrad/nn/linear.hpp>
#include <sigmagrad/nn/losses.hpp>
#include <sigmagrad/nn/sequential.hpp>
#include <sigmagrad/nn/stack_models.hpp>
#include <sigmagrad/optim/adam.hpp>
#include <sigmagrad/optim/train_models.hpp>

namespace sigmagrad::optim {
namespace {

double thread_microseconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return 1e6 * static_cast<double>(now.tv_sec) + 1e-3 * static_cast<double>(now.tv_nsec);
}

void many_models(benchmark::State& state) {
  const std::int64_t count = state.range(0), steps = 300;
  Generator generator(3);
  const auto x = randn({32, 2}, generator), y = sin(x.sum(1, true));
  const auto make = [&](std::int64_t, std::int64_t n) {
    std::vector<nn::Sequential> models;
    for (std::int64_t m = 0; m < n; ++m)
      models.push_back(nn::Sequential{nn::Linear(2, 16), nn::ReLU(), nn::Linear(16, 1)});
    const auto many = nn::stack_models(models);
    const auto target = y.expand({n, 32, 1});
    return ModelBatch{many.parameters(), [=] { return mse_loss(many(x), target, Reduction::None).mean({-2, -1}); }};
  };
  const double before = thread_microseconds();
  for (auto _ : state) train_models<Adam>(count, {.lr = 0.01}, {.steps = steps, .chunk = state.range(1)}, make);
  state.counters["us_a_model_and_step"] =
      (thread_microseconds() - before) / static_cast<double>(state.iterations() * count * steps);
}
BENCHMARK(many_models)->ArgNames({"models", "chunk"})->Args({100, 0})->Args({1000, 0})->Args({1000, 1000});

}  // namespace
}  // namespace sigmagrad::optim
