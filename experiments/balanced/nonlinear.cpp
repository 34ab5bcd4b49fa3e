// SPDX-License-Identifier: BSD-3-Clause
// What of W2'W2 - W1W1' does training keep where the hidden layer is not linear?
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include <sigmagrad/experiments/balanced/two_layer.hpp>
#include <sigmagrad/experiments/harness/experiment.hpp>

namespace sigmagrad::experiments::balanced {
namespace {

constexpr std::int64_t tasks = 2;
// The step size of the thesis' size of experiment; smaller ones show what gradient flow would keep.
constexpr double thesis_lr = 1e-3;

// y = W2 phi(W1 x); "mixed" has ReLU in the first half of the hidden units and none in the second.
class TwoLayerNonlinear : public nn::Module {
 public:
  TwoLayerNonlinear(const theory::TwoLayerWeights& weights, std::string activation)
      : W1(register_parameter("W1", weights.W1)),
        W2(register_parameter("W2", weights.W2)),
        activation_(std::move(activation)),
        half_(arange(static_cast<double>(W1.size(-2))) < 0.5 * static_cast<double>(W1.size(-2))) {}

  Tensor operator()(const Tensor& x) const { return matmul(activate(matmul(x, W1.t())), W2.t()); }
  // W2'W2 - W1W1' [..., n_h, n_h].
  Tensor balance() const {
    const NoGrad guard;
    return matmul(W2.t(), W2) - matmul(W1, W1.t());
  }

  Tensor W1, W2;

 private:
  Tensor activate(const Tensor& h) const {
    if (activation_ == "relu") return relu(h);
    if (activation_ == "leaky_relu") return leaky_relu(h, 0.1);
    if (activation_ == "tanh") return tanh(h);
    return activation_ == "mixed" ? where(half_, relu(h), h) : h;
  }

  std::string activation_;
  Tensor half_;
};

// The parts of W2'W2 - W1W1' of every trial: its diagonal [B, n_h] and the rest [B, n_h, n_h].
struct Parts {
  Tensor diagonal, rest;
};
Parts parts(const Tensor& b) {
  const auto identity = eye(b.size(-1));
  return {(b * identity).sum(-1), b * (1.0 - identity)};
}

void train(const TwoLayerNonlinear& model, const Task& task, double lr, std::int64_t steps) {
  optim::SGD optimizer(model.parameters(), {.lr = lr});
  auto step = capture([&] {
    optimizer.zero_grad();
    squared_error(model(task.X), task.Y).sum().backward();
    optimizer.step();
  });
  for (std::int64_t k = 0; k < steps; ++k) step();
}

void record(const TwoLayerNonlinear& model, std::int64_t trained, std::vector<Metrics>& metrics) {
  const auto [lambda, distance] = theory::balancedness(model.W1.detach(), model.W2.detach());
  for (std::size_t b = 0; b < metrics.size(); ++b) {
    metrics[b].add_at("lambda", static_cast<double>(trained), lambda.data<double>()[b]);
    metrics[b].add_at("distance", static_cast<double>(trained), distance.data<double>()[b]);
  }
}

void add_changes(const Tensor& before, const Tensor& after, std::vector<Metrics>& metrics) {
  const auto was = parts(before), is = parts(after);
  const auto width = static_cast<double>(before.size(-1));
  const auto diagonal = max(abs(is.diagonal - was.diagonal), -1),
             trace = abs((is.diagonal - was.diagonal).sum(-1)) / width;
  const auto rest = max(abs(is.rest - was.rest).flatten(-2), -1);
  const auto lambda = is.diagonal.mean(-1);
  const auto distance = linalg::norm(after - lambda.unsqueeze(-1).unsqueeze(-1) * eye(after.size(-1)));
  for (std::size_t b = 0; b < metrics.size(); ++b) {
    const auto at = [&](const Tensor& x) { return x.data<double>()[b]; };
    metrics[b].add("lambda", at(lambda)).add("distance", at(distance));
    metrics[b].add("relative_distance", at(distance) / (std::abs(at(lambda)) * std::sqrt(width)));
    metrics[b].add("diagonal_change", at(diagonal)).add("trace_change", at(trace)).add("off_diagonal_change", at(rest));
  }
}

std::vector<Metrics> batch(std::span<const Trial> trials) {
  const auto& p = trials.front().params;
  const std::int64_t n = p.integer("n");
  std::vector<std::vector<Start>> starts(tasks);  // the weights of the first are the network's
  for (const Trial& t : trials) {
    const auto data = t.generator(), weights = t.generator(1);
    const auto start = theory::lambda_balanced(p.real("lambda"), {n, n, n}, {}, *weights);
    for (auto& of_task : starts) of_task.push_back({random_task(n, n, 2 * n, *data), start});
  }
  const TwoLayerNonlinear model(stacked(starts.front()).weights, p.text("activation"));
  std::vector<Metrics> metrics(trials.size());
  const auto before = model.balance();
  record(model, 0, metrics);
  for (std::int64_t k = 0; k < tasks; ++k) {
    train(model, stacked(starts[static_cast<std::size_t>(k)]).task, p.real("lr"),
          std::llround(static_cast<double>(p.integer("steps")) * thesis_lr / p.real("lr")));
    record(model, k + 1, metrics);
  }
  add_changes(before, model.balance(), metrics);
  return metrics;
}

const std::vector<std::pair<std::string, std::string>> activations = {{"linear", "linear"},
                                                                      {"relu", "ReLU"},
                                                                      {"leaky_relu", "leaky ReLU"},
                                                                      {"mixed", "ReLU and linear"},
                                                                      {"tanh", "tanh"}};

Groups at(const Results& r, const std::string& activation) {
  return r.where({{"activation", activation}, {"lr", thesis_lr}});
}

const Group& group(const Results& r, const std::string& activation, double lambda) {
  return r.group({{"activation", activation}, {"lr", thesis_lr}, {"lambda", lambda}});
}

std::vector<Figure> figures(const Results& r) {
  Figure figure{
      .name = "balanced-nonlinear",
      .caption =
          "The best-fitting \u03bb of W2'W2 - W1W1', and how far that is from \u03bbI, before and after training "
          "on two random tasks in turn: y = W2 \u03c6(W1 x)."};
  for (const auto& [metric, y_label] : {std::pair{"lambda", "\u03bb*"}, {"distance", "||b - \u03bb*I||, Frobenius"}})
    for (const Value& lambda : r.values_of("lambda")) {
      Panel panel{.title = "Start \u03bb = " + to_text(lambda), .x_label = "tasks trained on", .y_label = y_label};
      for (const auto& [activation, name] : activations)
        for (const Group* one : r.where({{"activation", activation}, {"lr", thesis_lr}, {"lambda", lambda}}))
          panel.series.push_back(curve(*one, metric, name));
      figure.panels.push_back(panel);
    }
  return {figure};
}

// Medians of a metric for the starts run, and the largest.
std::vector<double> medians_of(const Groups& groups, const std::string& metric) {
  groups.front();
  std::vector<double> values;
  for (const Group* one : groups) values.push_back(one->median(metric));
  return values;
}

// How much smaller the change is with the smaller step, where one was run.
std::string with_smaller_step(const Results& r, const std::string& activation, const std::string& metric) {
  for (const Value& lr : r.values_of("lr")) {
    if (std::get<double>(lr) >= thesis_lr) continue;
    const auto finer = medians_of(r.where({{"activation", activation}, {"lr", lr}}), metric);
    return fmt::format("; with lr {} the largest is {:.1e}", to_text(lr), std::ranges::max(finer));
  }
  return {};
}

void judge_relu(const Results& r, Claim& claim) {
  double change = 0;
  for (const std::string name : {"relu", "linear", "leaky_relu", "mixed"})
    change = std::max(change, std::ranges::max(medians_of(at(r, name), "trace_change")));
  claim.measured = fmt::format("\u03bb* changes by at most {:.1e}", change);
  claim.verdict = verdict(change < 0.05, change < 0.5);
  claim.why = fmt::format(
      "Gradient flow keeps the diagonal entry of every unit that is linear on either side of 0; the steps change it "
      "(ReLU) by up to {:.1e}{}.",
      std::ranges::max(medians_of(at(r, "relu"), "diagonal_change")), with_smaller_step(r, "relu", "diagonal_change"));
}

void judge_linear(const Results& r, Claim& claim) {
  const auto distance = medians_of(at(r, "linear"), "distance"),
             relu = medians_of(at(r, "relu"), "off_diagonal_change");
  claim.measured = fmt::format("||b - \u03bb*I|| = {:.1e} at most", std::ranges::max(distance));
  claim.verdict = verdict(std::ranges::max(distance) < 0.1, std::ranges::max(distance) < 1.0);
  claim.why = fmt::format(
      "Only linear units keep the whole matrix (to the order of the step{}); with ReLU entries off the "
      "diagonal change by up to {:.1f}.",
      with_smaller_step(r, "linear", "distance"), std::ranges::max(relu));
}

void judge_tanh(const Results& r, Claim& claim) {
  bool falls = true;
  for (const Group* one : at(r, "tanh")) {
    const auto points = one->curve("lambda");
    claim.measured += claim.measured.empty() ? "" : "; ";
    for (std::size_t k = 0; k < points.size(); ++k) {
      claim.measured += fmt::format("{}{:.2f}", k == 0 ? "" : " \u2192 ", points[k].statistics.median);
      falls = falls && (k == 0 || points[k].statistics.median < points[k - 1].statistics.median);
    }
  }
  group(r, "tanh", 10.0);
  claim.verdict = verdict(falls);
  claim.why =
      "As a signed number; from a negative start its size grows. Saturating units keep neither diagonal nor trace.";
}

void judge_distance(const Results& r, Claim& claim) {
  bool grows = true, slower = true;
  for (const Value& lambda : r.values_of("lambda")) {
    const auto relu = group(r, "relu", std::get<double>(lambda)).curve("distance");
    const auto tanh = group(r, "tanh", std::get<double>(lambda)).curve("distance");
    const auto last = [](const auto& points) { return points.back().statistics.mean; };
    for (const auto* points : {&relu, &tanh})
      for (std::size_t k = 1; k < points->size(); ++k)
        grows = grows && (*points)[k].statistics.mean > (*points)[k - 1].statistics.mean;
    slower = slower && last(relu) < last(tanh);
    claim.measured +=
        fmt::format("{}ReLU {:.1f}, tanh {:.1f}", claim.measured.empty() ? "" : "; ", last(relu), last(tanh));
  }
  claim.verdict = verdict(grows && slower, slower);
  claim.why = fmt::format("{} after each task in every case.", grows ? "It grows" : "It does not grow");
}

void judge_negligible(const Results& r, Claim& claim) {
  std::vector<double> relative;
  for (const double lambda : {10.0, -10.0}) relative.push_back(group(r, "relu", lambda).median("relative_distance"));
  claim.measured = fmt::format("ReLU, \u03bb = 10 and -10: {:.2f} of ||\u03bb*I||", fmt::join(relative, " and "));
  claim.verdict = verdict(std::ranges::max(relative) < 0.1);
  claim.why = "It is no small part of the matrix that is to be kept.";
}

std::vector<Claim> claims(const Results& results) {
  const std::string source = "paper 004, section 4.5, figure 4.8";
  return judge_all(
      results,
      {{{.claim = "\u03bb* is preserved by training in ReLU and linear networks, and in mixtures",
         .source = source,
         .printed = "preserved"},
        judge_relu},
       {{.claim = "In a linear network W2'W2 - W1W1' stays \u03bb*I", .source = source, .printed = "exactly"},
        judge_linear},
       {{.claim = "In a tanh network \u03bb* decreases", .source = source, .printed = "decreases"}, judge_tanh},
       {{.claim = "The distance from \u03bb*I grows with each task, more slowly for ReLU than for tanh",
         .source = source,
         .printed = "lower rate"},
        judge_distance},
       {{.claim = "For large |\u03bb*| the distance is negligible",
         .source = "paper 004, section 4.5",
         .printed = "negligible"},
        judge_negligible}});
}

const Register nonlinear{Experiment{
    .id = "balanced/nonlinear",
    .title = "Balancedness in nonlinear networks",
    .question = "What of W2'W2 - W1W1' does training keep where the hidden layer is not linear?",
    .observe =
        "Linear units keep all of it, ReLU and leaky ReLU the diagonal alone, tanh nothing: \u03bb* falls from 10 to "
        "about 4 in two tasks.",
    .source = "paper 004, section 4.5, figure 4.8",
    .parameters = {{.name = "activation",
                    .help = "of the hidden layer",
                    .quick = {"linear", "relu", "leaky_relu", "mixed", "tanh"}},
                   {.name = "lambda", .help = "W2'W2 - W1W1' = lambda I at the start", .quick = {10.0, 0.1, -10.0}},
                   {.name = "lr",
                    .help = "step of full-batch gradient descent",
                    .quick = {thesis_lr},
                    .paper = {thesis_lr, 2.5e-4},
                    .minimum = 1e-8},
                   {.name = "n", .help = "size of every layer", .quick = {8}, .minimum = 1, .maximum = 64},
                   {.name = "steps",
                    .help = "of each task at lr 0.001; as many more as the step is smaller",
                    .quick = {2000},
                    .minimum = 1}},
    .trials = {.quick = 10, .paper = 50},
    .seconds = {.quick = 3, .paper = 30},
    .batch = batch,
    .figures = figures,
    .claims = claims}};

}  // namespace
}  // namespace sigmagrad::experiments::balanced
