// SPDX-License-Identifier: BSD-3-Clause
// How do the components' errors go down during training?
#include <fmt/format.h>

#include <algorithm>
#include <sigmagrad/experiments/harness/experiment.hpp>
#include <sigmagrad/experiments/spectral/regression.hpp>
#include <sigmagrad/experiments/spectral/verdicts.hpp>
#include <sigmagrad/theory/regression.hpp>

namespace sigmagrad::experiments::spectral {
namespace {

constexpr std::int64_t stride = 10;

Metrics trial(const Trial& given) {
  const Trial t = sampled(given);
  const std::int64_t d = t.params.integer("d"), steps = t.params.integer("steps");
  const auto generator = t.generator();
  const auto target = heterogeneous_target(d, *generator);
  const auto model = small_start(d, *generator);
  Metrics metrics;
  const auto record = [&](std::int64_t step) { add_errors_at(metrics, step, relative_errors(model.weight, target)); };
  optim::SGD optimizer(model.parameters(), {.lr = t.params.real("lr")});
  const bool exact = t.params.text("gradient") == "population";
  train(
      optimizer, steps,
      [&] { return exact ? population_loss(model.weight, target) : loss_on_batch(model, target, *generator); },
      [&](std::int64_t step) {
        if (step == 1 || (step > 0 && step % stride == 0)) record(step);
      });
  record(steps);
  return metrics;
}

std::vector<Figure> figures(const Results&) { return {}; }
std::vector<Claim> claims(const Results&) { return {}; }

std::int64_t trials_factor(const Params& p) { return is_other_sample(p) ? 10 : 1; }

const Register dynamics{Experiment{
    .id = "spectral/dynamics",
    .title = "Component errors during training",
    .question = "How do the components' errors go down during training?",
    .observe = "",
    .source = "paper 001, section 4.5, figure 5",
    .parameters =
        {{.name = "gradient",
          .help = "of a fresh batch, or of the whole population (W - T)",
          .quick = {"batch", "population"}},
         {.name = "d", .help = "matrix size", .quick = {64}, .minimum = 2},
         {.name = "lr", .help = "learning rate of SGD", .quick = {0.01}, .minimum = 0},
         {.name = "steps", .help = "steps, each on a fresh batch of 64", .quick = {200}, .minimum = 1},
         sample_parameter()},
    .trials = {.quick = 10, .paper = 10},
    .seconds = {.quick = 3, .paper = 10},
    .streams = {Stream::Philox, Stream::Numpy},
    .trial = trial,
    .trials_factor = trials_factor,
    .figures = figures,
    .claims = claims}};

}  // namespace
}  // namespace sigmagrad::experiments::spectral
