// SPDX-License-Identifier: BSD-3-Clause
// Which corrections repair norms, which the condition number?
#include <fmt/format.h>

#include <algorithm>
#include <sigmagrad/experiments/harness/experiment.hpp>
#include <sigmagrad/experiments/spectral/regression.hpp>
#include <sigmagrad/experiments/spectral/verdicts.hpp>

namespace sigmagrad::experiments::spectral {
namespace {

constexpr std::uint64_t training_stream = 7;  // start and batches come from a stream of their own
constexpr std::int64_t pull_every = 20;       // steps
constexpr double pull = 0.1;                  // of the way to the target's singular values

using Student = nn::Parametrized<nn::Linear>;

bool has_multipliers(const std::string& correction) {
  return correction == "multipliers" || correction == "combined";
}
bool has_penalty(const std::string& correction) { return correction == "spectral" || correction == "combined"; }
/// Whether it trains parameters beside the weight.
bool has_parameters(const std::string& correction) {
  return has_multipliers(correction) || correction == "singular_values";
}

Student make_student(const nn::Linear& layer, const std::string& correction) {
  if (has_multipliers(correction)) return nn::parametrize(layer, nn::Multipliers{});
  if (correction == "singular_values") return nn::parametrize(layer, nn::SingularValues{});
  return Student(layer);
}

/// The weight at one learning rate, what a correction adds to it at another.
std::vector<optim::GroupOptions> parameter_groups(const Student& student, const Params& p) {
  const auto all = student.parameters();
  std::vector<optim::GroupOptions> groups = {{.params = {all.front()}, .lr = p.real("lr")}};
  if (all.size() > 1) groups.push_back({.params = {all.begin() + 1, all.end()}, .lr = p.real("multiplier_lr")});
  return groups;
}

/// Moves the singular values of `weight` towards those given.
void pull_singular_values(Tensor weight, const Tensor& wanted) {
  const auto [U, S, Vt] = linalg::svd(weight);
  weight.copy_(matmul(U * (S + pull * (wanted - S)), Vt));
}

Metrics trial(const Trial& given) {
  const Trial t = sampled(given);
  const auto& correction = t.params.text("correction");
  const std::int64_t d = t.params.integer("d");
  const auto target = heterogeneous_target(d, *t.generator());
  const auto generator = t.generator(training_stream);
  const auto student = make_student(small_start(d, *generator), correction);
  optim::SGD optimizer(parameter_groups(student, t.params));

  if (correction == "svd")
    optimizer.after_step([original = student.original, wanted = linalg::svdvals(target), step = 0]() mutable {
      if (++step % pull_every == 0) pull_singular_values(original, wanted);
    });
  const auto penalty =
      nn::clipped(t.params.real("lambda") * nn::log_cond_penalty(components(target).cond, 1.0, 1e-10), 1.0);
  train(optimizer, t.params.integer("steps"), [&] {
    const auto loss = loss_on_batch(student, target, *generator);
    return has_penalty(correction) ? loss + penalty(student) : loss;
  });
  return error_metrics(relative_errors(student.weight(), target));
}

bool valid(const Params& p) {
  const auto& correction = p.text("correction");
  if (is_other_sample(p) && correction == "singular_values") return false;  // no printed claim to check
  return has_parameters(correction) || p.real("multiplier_lr") == 0.001;
}

std::int64_t trials_factor(const Params& p) { return is_other_sample(p) ? 6 : 1; }

std::vector<Figure> figures(const Results&) { return {}; }
std::vector<Claim> claims(const Results&) { return {}; }

const Register corrections{Experiment{
    .id = "spectral/corrections",
    .title = "Corrections of norms and condition number",
    .question = "Which corrections repair norms, which the condition number, and is there a trade-off?",
    .observe = "",
    .source = "paper 001, section 4.4, figure 4",
    .parameters =
        {{.name = "correction",
          .help = "none (sgd), multipliers, spectral (penalty), svd (pulled towards the target's), singular_values "
                  "(trained), combined (multipliers and penalty)",
          .quick = {"sgd", "multipliers", "spectral", "svd", "singular_values", "combined"}},
         {.name = "multiplier_lr",
          .help = "learning rate of multipliers and trained singular values; 0.001 for corrections without",
          .quick = {0.001, 0.01},
          .minimum = 0},
         {.name = "lambda", .help = "weight of the spectral penalty", .quick = {0.005}, .minimum = 0},
         {.name = "d", .help = "matrix size", .quick = {64}, .minimum = 2},
         {.name = "lr", .help = "learning rate of SGD", .quick = {0.01}, .minimum = 0},
         {.name = "steps", .help = "steps, each on a fresh batch of 64", .quick = {200}, .minimum = 1},
         sample_parameter()},
    .trials = {.quick = 5, .paper = 10},
    .seconds = {.quick = 5, .paper = 20},
    .streams = {Stream::Philox, Stream::Numpy},
    .valid = valid,
    .trial = trial,
    .trials_factor = trials_factor,
    .figures = figures,
    .claims = claims}};

}  // namespace
}  // namespace sigmagrad::experiments::spectral
