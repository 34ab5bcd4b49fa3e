// SPDX-License-Identifier: BSD-3-Clause
// Is the low rank of deep factorisations a matter of gradient flow, or do optimisers with steps find it too?
#include <algorithm>
#include <functional>
#include <memory>

#include <sigmagrad/experiments/completion/step_runs.hpp>
#include <sigmagrad/sigmagrad.hpp>

namespace sigmagrad::experiments::completion {
namespace {

// `make` takes a factor of the learning rate; `why` is said of its claim.
struct Method {
  std::string name, title, figure;
  std::function<std::unique_ptr<optim::Optimizer>(const std::vector<Tensor>&, double)> make;
  bool one_entry = false;  // a step follows the error of one observed entry
  std::string why = "More factors come to lower ranks from small starts.";
  std::int64_t longer = 1;  // times as many steps, where they are so much smaller than those of a method above
  bool variant() const { return longer > 1; }
};

template <class Optimizer>
auto by(typename Optimizer::Options options) {
  return [options](const std::vector<Tensor>& parameters, double factor) {
    auto scaled = options;
    scaled.lr *= factor;
    return std::make_unique<Optimizer>(parameters, scaled);
  };
}

const std::vector<Method> methods{
    {"gd", "Gradient descent", "", by<optim::SGD>({.lr = 0.05})},
    {"sgd", "SGD, one entry a step", "13", by<optim::SGD>({.lr = 0.05}), true},
    {"momentum", "Gradient descent with momentum", "14", by<optim::SGD>({.lr = 0.01, .momentum = 0.9})},
    {"adam", "Adam", "15", by<optim::Adam>({.lr = 1e-3})},
    {"rmsprop", "RMSProp, rate 1e-3", "16", by<optim::RMSprop>({.lr = 1e-3})},
    {"rmsprop-default", "RMSProp, default rate 1e-2", "16", by<optim::RMSprop>({.lr = 1e-2}), false,
     "Its steps do not become smaller: the loss does not settle."},
    {"adagrad", "Adagrad", "17", by<optim::Adagrad>({.lr = 1e-2})},
    {"sgd-default", "SGD, one entry a step, default rate 1e-3", "13", by<optim::SGD>({.lr = 1e-3}), true,
     "PyTorch's own rate: 50 times as many steps to the same ranks.", 50},
    {"adam-slow", "Adam, rate 1e-4", "15", by<optim::Adam>({.lr = 1e-4}), false,
     "A tenth of the rate; from the smallest starts single trials still end at rank two.", 10},
    {"muon", "Muon", "", by<optim::Muon>({.lr = 3e-4}), false,
     "Its steps make all singular values grow alike, so that the rank depends on the scale of the start."}};

// Variants of other methods take long: at paper size alone.
std::vector<std::string> names(bool with_variants) {
  std::vector<std::string> all{"flow"};
  for (const Method& method : methods)
    if (with_variants || !method.variant()) all.push_back(method.name);
  return all;
}

const Text optimizer{.name = "optimizer", .help = "the flow, or steps of", .quick = names(false), .paper = names(true)};
const Real lr_factor{.name = "lr_factor", .help = "multiplies the learning rates", .quick = {1.0}, .minimum = 0};
const Int steps{.name = "steps", .help = "or after so many steps", .quick = {10'000}, .paper = {60'000}, .minimum = 1};

void run(std::span<Trial> trials) {
  const Params& p = trials.front().params();
  const Factorization model(gaussian_start(trials, start_size(p), convention_of(p)));
  const auto ones = eye(p[matrix_size]).expand(model.factors().front().shape()).clone();
  const auto method = std::ranges::find(methods, p[optimizer], &Method::name);
  if (method == methods.end()) return record_flow(trials, model, {ones, ones}, p[tolerance]);
  const auto descent = method->make(model.parameters(), p[lr_factor]);
  record_steps(trials, model, {ones, ones}, *descent,
               {.one_entry = method->one_entry, .most = method->longer * p[steps], .tolerance = p[tolerance]});
}

const Statistic of_flow = mean(stable_rank).at(optimizer == "flow");

// Means with their standard errors.
Plot means_of(const Method& method) {
  return plot(depth, stable_rank).at(optimizer == method.name).means().standard_errors().lines();
}

// All optimisers in one figure, and one figure an optimiser: a panel a scale, as printed.
std::vector<FigureSource> figures() {
  const std::string caption =
      "Stable rank by depth of 5 x 5 matrices completed from ones on the diagonal from Gaussian starts";
  std::vector<Plot> together;
  std::vector<FigureSource> all;
  for (const Method& method : methods) {
    if (method.name != "gd" && !method.variant())
      together.push_back(means_of(method).called(method.title));  // the flow's line would hide it
    all.push_back(
        figure(method.name, caption + ", " + method.title + ": means with standard errors, and medians with quartiles.")
            .panel_each(scale, {means_of(method).medians().theory("gradient flow", of_flow)}));
  }
  together.back() = together.back().theory("gradient flow", of_flow);
  all.insert(all.begin(), figure("", caption + ": means with standard errors.").panel_each(scale, together));
  return all;
}

Statistic rank_of(const Method& method) { return mean(stable_rank).at(optimizer == method.name); }

// Two factors stay at high ranks, deeper ones come to low ones with smaller starts, and the loss stays low: in shape.
// It holds if ranks are in the order of depths at every scale, too.
Claim bias_of(const Method& method) {
  const bool printed = !method.figure.empty();
  const auto rank = rank_of(method), two = rank.at(depth == 2), three = rank.at(depth == 3), four = rank.at(depth == 4);
  const auto shape = two > 1.25 && abs(two.at(scale <= 1e-5) - two.at(scale == 1e-1)) < 0.15 &&
                     rank.at(depth > 2 && scale <= 1e-5) < 1.15 &&
                     largest(loss_afterwards).at(optimizer == method.name) < 0.01;
  return {.claim = method.title + ": high ranks with two factors, low ones with more and small starts",
          .source = printed ? "paper 002, appendix C.1, figure " + method.figure : "beyond figures 13 to 17",
          .says = printed ? "solutions become increasingly low-rank" : "not treated there",
          .holds = shape && two - three > 0.0 && three - four > -0.005,
          .in_shape = shape,
          .why = method.why};
}

std::vector<Claim> claims() {
  std::vector<Claim> all{{.claim = "Small steps of gradient descent follow the flow",
                          .source = "paper 002, appendix C.1",
                          .says = "a sufficiently small step size",
                          .holds = largest(abs(rank_of(methods.front()) - of_flow)) < 0.1,
                          .why = "Steps of 0.05 on half the sum of squared errors, from the same starts."}};
  for (const Method& method : methods) all.push_back(bias_of(method));
  const auto outlying = [](const char* name) {
    return mean(share_above(stable_rank, 1.5).at(optimizer == name && depth > 2 && scale <= 1e-5));
  };
  all.push_back({.claim = "Adam's few high ranks from small starts come from its rate",
                 .source = "control",
                 .says = "-",
                 .holds = outlying("adam-slow") < outlying("adam"),
                 .why =
                     "The share of trials with a stable rank above 1.5, three and four factors at scales of 1e-5 and "
                     "less, at a rate of 1e-4 beside 1e-3."});
  return all;
}

const Register optimizers{
    {.id = "completion/optimizers",
     .title = "Other optimisers",
     .question =
         "Is the low rank of deep factorisations a matter of gradient flow, or do optimisers with steps find it?",
     .observe =
         "Most do: two factors end at mean stable ranks of 1.4 to 1.6 at every scale, three and four at 1.0 from small "
         "starts. RMSProp with its default rate does not converge, and Muon, whose steps make all singular values grow "
         "alike, ends at higher ranks the smaller the start.",
     .source = "paper 002, appendix C.1, figures 13 to 17",
     .parameters = {optimizer, depth.with({2, 3, 4}).at_least(1),
                    scale.with({1e-1, 1e-3, 1e-5}, {1e-1, 1e-3, 1e-5, 1e-7}), lr_factor, tolerance.with({1e-6}), steps,
                    matrix_size, convention},
     .trials = {.quick = 10, .paper = 10},
     // Few of Adam's trials end far from the others.
     .times = [](const Params& p) { return p[optimizer].starts_with("adam") ? 3 : 1; },
     .seconds = {.quick = 2, .paper = 6},
     .batch = run,
     .figures = figures(),
     .claims = claims()}};

}  // namespace
}  // namespace sigmagrad::experiments::completion
