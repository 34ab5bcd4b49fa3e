// SPDX-License-Identifier: BSD-3-Clause
// Does Adam learn a matrix worse than SGD?
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <sigmagrad/experiments/harness/experiment.hpp>
#include <sigmagrad/experiments/spectral/regression.hpp>
#include <sigmagrad/experiments/spectral/verdicts.hpp>
#include <sigmagrad/theory/regression.hpp>

namespace sigmagrad::experiments::spectral {
namespace {

constexpr std::uint64_t training_stream = 50;  // start and batches come from a stream of their own

/// With their usual options but for the learning rate.
std::unique_ptr<optim::Optimizer> make_optimizer(const std::string& name, const std::vector<Tensor>& params,
                                                 double lr) {
  if (name == "adam") return std::make_unique<optim::Adam>(params, optim::AdamOptions{.lr = lr});
  if (name == "rmsprop") return std::make_unique<optim::RMSprop>(params, optim::RMSpropOptions{.lr = lr});
  if (name == "muon") return std::make_unique<optim::Muon>(params, optim::MuonOptions{.lr = lr});
  if (name == "shampoo")
    return std::make_unique<optim::Shampoo>(params, optim::ShampooOptions{.lr = lr, .eps = 1.0, .update_every = 10});
  return std::make_unique<optim::SGD>(params, optim::SGDOptions{.lr = lr});
}

Metrics trial(const Trial& given) {
  const Trial t = sampled(given);
  const std::int64_t d = t.params.integer("d");
  const auto target = heterogeneous_target(d, *t.generator());
  const auto generator = t.generator(training_stream);
  const auto model = small_start(d, *generator);
  const auto optimizer = make_optimizer(t.params.text("optimizer"), model.parameters(), t.params.real("lr"));
  train(*optimizer, t.params.integer("steps"), [&] { return loss_on_batch(model, target, *generator); });
  return error_metrics(relative_errors(model.weight, target));
}

std::vector<Figure> figures(const Results&) { return {}; }
std::vector<Claim> claims(const Results&) { return {}; }

const Register optimizers{Experiment{
    .id = "spectral/optimizers",
    .title = "Component errors by optimiser",
    .question = "Does Adam learn a matrix worse than SGD, and its condition number?",
    .observe = "",
    .source = "paper 001, section 4.2, figure 2",
    .parameters =
        {{.name = "optimizer",
          .help = "sgd, adam, rmsprop, muon, or shampoo with roots every 10 steps",
          .quick = {"sgd", "adam", "rmsprop", "muon", "shampoo"}},
         {.name = "lr", .help = "learning rate", .quick = {0.001, 0.01, 0.1}, .minimum = 0},
         {.name = "d", .help = "matrix size", .quick = {128}, .minimum = 2},
         {.name = "steps", .help = "steps, each on a fresh batch of 64", .quick = {200}, .minimum = 1},
         sample_parameter()},
    .trials = {.quick = 4, .paper = 15},
    .seconds = {.quick = 6, .paper = 40},
    .streams = {Stream::Philox, Stream::Numpy},
    .trial = trial,
    .figures = figures,
    .claims = claims}};

}  // namespace
}  // namespace sigmagrad::experiments::spectral
