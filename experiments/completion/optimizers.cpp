// SPDX-License-Identifier: BSD-3-Clause
// Is the low rank of deep factorisations a matter of gradient flow, or do optimisers with steps find it too?
#include <algorithm>
#include <functional>
#include <memory>

#include <sigmagrad/experiments/completion/flow_runs.hpp>
#include <sigmagrad/sigmagrad.hpp>

namespace sigmagrad::experiments::completion {
namespace {

constexpr std::uint64_t entry_stream = 2;  // which entry SGD sees

using Parameters = std::vector<Tensor>;

// `make` takes a factor of the learning rate; `why` is said of its claim.
struct Method {
  std::string name, title, figure;
  std::function<std::unique_ptr<optim::Optimizer>(const Parameters&, double)> make;
  bool one_entry = false;  // a step follows the error of one observed entry
  std::string why = "More factors come to lower ranks from small starts.";
};

template <class Optimizer>
auto by(typename Optimizer::Options options) {
  return [options](const Parameters& parameters, double factor) {
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
    {"muon", "Muon", "", by<optim::Muon>({.lr = 3e-4}), false,
     "Its steps make all singular values grow alike, so that the rank depends on the scale of the start."}};

std::vector<std::string> names() {
  std::vector<std::string> all{"flow"};
  for (const Method& method : methods) all.push_back(method.name);
  return all;
}

const Text optimizer{.name = "optimizer", .help = "the flow, or steps of", .quick = names()};
const Real lr_factor{.name = "lr_factor", .help = "multiplies the learning rates", .quick = {1.0}, .minimum = 0};
const Int steps{.name = "steps", .help = "or after so many steps", .quick = {10'000}, .paper = {60'000}, .minimum = 1};

const Quantity loss_afterwards{.name = "loss_afterwards", .label = "loss of the 100 steps behind the end"};

// The observed entry that each trial's next step sees.
class OneEntry {
 public:
  OneEntry(std::span<const Trial> trials, std::int64_t d)
      : shown_(zeros({static_cast<std::int64_t>(trials.size()), d, d})), d_(d) {
    for (const Trial& trial : trials) generators_.push_back(trial.generator(entry_stream));
  }

  const Tensor& mask() const { return shown_; }

  void draw() {
    const auto entries = shown_.mutable_data<double>();
    std::ranges::fill(entries, 0.0);
    for (std::size_t t = 0; t < generators_.size(); ++t) {
      std::int64_t i = 0;
      generators_[t]->integers(0, d_, {&i, 1});
      entries[t * static_cast<std::size_t>(d_ * d_) + static_cast<std::size_t>(i * (d_ + 1))] = 1.0;
    }
  }

 private:
  Tensor shown_;
  std::int64_t d_;
  std::vector<std::unique_ptr<Generator>> generators_;
};

// Where the trials are as their loss first falls below the tolerance, or at the last step; and the largest loss of the
// steps that follow, which tells those that have converged from those that happened to pass.
class Ends {
 public:
  Ends(std::size_t trials, const Shape& products, double stop_at)
      : products_(zeros(products)), stop_at_(stop_at), loss_(trials), after_(trials), step_(trials, -1) {}

  bool complete(std::int64_t step) const {
    return std::ranges::all_of(step_, [&](std::int64_t stop) { return stop >= 0 && step >= stop + watched; });
  }

  void look(const Tensor& loss, const Tensor& products, std::int64_t step, bool last) {
    const auto now = loss.data<double>();
    for (std::size_t t = 0; t < step_.size(); ++t) {
      if (step_[t] < 0 && (last || now[t] < stop_at_)) stop(t, now[t], products, step);
      if (step_[t] >= 0 && step <= step_[t] + watched) after_[t] = std::max(after_[t], now[t]);
    }
  }

  void record(std::span<Trial> trials) const {
    completion::record(trials, stable_rank, linalg::stable_rank(products_));
    completion::record(trials, effective_rank, linalg::effective_rank(products_));
    for (std::size_t t = 0; t < trials.size(); ++t) {
      trials[t].record(final_loss, loss_[t]);
      trials[t].record(loss_afterwards, after_[t]);
      trials[t].record(steps_to_stop, static_cast<double>(step_[t]));
    }
  }

 private:
  static constexpr std::int64_t watched = 100;

  void stop(std::size_t t, double loss, const Tensor& products, std::int64_t step) {
    const std::size_t size = static_cast<std::size_t>(products.numel()) / step_.size();
    const auto from = products.data<double>().subspan(t * size, size);
    std::ranges::copy(from, products_.mutable_data<double>().subspan(t * size, size).begin());
    loss_[t] = loss;
    step_[t] = step;
  }

  Tensor products_;
  double stop_at_;
  std::vector<double> loss_, after_;
  std::vector<std::int64_t> step_;
};

Ends optimise(const Method& method, const Factorization& model, const Completion& all, std::span<const Trial> trials) {
  const Params& p = trials.front().params();
  OneEntry entry(trials, model.dimension());
  const Completion seen{all.target, method.one_entry ? entry.mask() : all.observed};
  const auto descent = method.make(model.parameters(), p[lr_factor]);
  auto step = capture([&]() -> std::vector<Tensor> {
    const auto products = model.product();
    const auto loss = seen.loss(products).sum();  // over the trials, so that each has its own gradient
    descent->zero_grad();
    loss.backward();
    descent->step();
    return {all.loss(products.detach()), products.detach()};
  });
  Ends ends(trials.size(), all.target.shape(), p[tolerance]);
  for (std::int64_t i = 0; !ends.complete(i); ++i) {
    if (method.one_entry) entry.draw();
    step();
    ends.look(step.output(0), step.output(1), i, i == p[steps]);
  }
  return ends;
}

// The flow that all of them approximate with small steps.
Ends follow(const Factorization& model, const Completion& all, const Params& p) {
  const auto flow = follow_flow(model, all, {.rtol = 1e-6, .loss_below = p[tolerance], .max_steps = 2500});
  Ends ends(flow.reason.size(), all.target.shape(), p[tolerance]);
  ends.look(flow.loss, model.product().detach(), 0, true);
  return ends;
}

void run(std::span<Trial> trials) {
  const Params& p = trials.front().params();
  const Factorization model(gaussian_start(trials, {p[matrix_size], p[depth], p[scale]}, convention_of(p)));
  const auto ones = eye(p[matrix_size]).expand(model.factors().front().shape()).clone();
  const auto method = std::ranges::find(methods, p[optimizer], &Method::name);
  (method == methods.end() ? follow(model, {ones, ones}, p) : optimise(*method, model, {ones, ones}, trials))
      .record(trials);
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
    if (method.name != "gd")
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
     .seconds = {.quick = 2, .paper = 4},
     .batch = run,
     .figures = figures(),
     .claims = claims()}};

}  // namespace
}  // namespace sigmagrad::experiments::completion
