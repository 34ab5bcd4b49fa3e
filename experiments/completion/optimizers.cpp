// SPDX-License-Identifier: BSD-3-Clause
// Is the low rank of deep factorisations a matter of gradient flow, or do optimisers with steps find it too?
#include <algorithm>
#include <cmath>
#include <functional>
#include <memory>

#include <fmt/format.h>

#include <sigmagrad/experiments/completion/factorization.hpp>
#include <sigmagrad/experiments/completion/summaries.hpp>
#include <sigmagrad/sigmagrad.hpp>

namespace sigmagrad::experiments::completion {
namespace {

constexpr std::uint64_t entry_stream = 2;  // which entry SGD sees

using Parameters = std::vector<Tensor>;

// `make` takes a factor of the learning rate.
struct Method {
  std::string name, title, figure;
  std::function<std::unique_ptr<optim::Optimizer>(const Parameters&, double)> make;
  bool one_entry = false;  // a step follows the error of one observed entry
};

template <class Optimizer>
auto by(typename Optimizer::Options options) {
  return [options](const Parameters& parameters, double factor) {
    auto scaled = options;
    scaled.lr *= factor;
    return std::make_unique<Optimizer>(parameters, scaled);
  };
}

const std::vector<Method>& methods() {
  using namespace optim;
  static const std::vector<Method> all{
      {"gd", "Gradient descent", "", by<SGD>({.lr = 0.05})},
      {"sgd", "SGD, one entry a step", "13", by<SGD>({.lr = 0.05}), true},
      {"momentum", "Gradient descent with momentum", "14", by<SGD>({.lr = 0.01, .momentum = 0.9})},
      {"adam", "Adam", "15", by<Adam>({.lr = 1e-3})},
      {"rmsprop", "RMSProp, rate 1e-3", "16", by<RMSprop>({.lr = 1e-3})},
      {"rmsprop-default", "RMSProp, default rate 1e-2", "16", by<RMSprop>({.lr = 1e-2})},
      {"adagrad", "Adagrad", "17", by<Adagrad>({.lr = 1e-2})},
      {"muon", "Muon", "", by<Muon>({.lr = 3e-4})}};
  return all;
}

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
  Ends(std::size_t trials, const Shape& products, double tolerance)
      : products_(zeros(products)), tolerance_(tolerance), loss_(trials), after_(trials), step_(trials, -1) {}

  bool complete(std::int64_t step) const {
    return std::ranges::all_of(step_, [&](std::int64_t stop) { return stop >= 0 && step >= stop + watched; });
  }

  void look(const Tensor& loss, const Tensor& products, std::int64_t step, bool last) {
    const auto now = loss.data<double>();
    for (std::size_t t = 0; t < step_.size(); ++t) {
      if (step_[t] < 0 && (last || now[t] < tolerance_)) stop(t, now[t], products, step);
      if (step_[t] >= 0 && step <= step_[t] + watched) after_[t] = std::max(after_[t], now[t]);
    }
  }

  std::vector<Metrics> measure() const {
    std::vector<Metrics> metrics(step_.size());
    add(metrics, "stable_rank", linalg::stable_rank(products_));
    add(metrics, "effective_rank", linalg::effective_rank(products_));
    for (std::size_t t = 0; t < metrics.size(); ++t)
      metrics[t]
          .add("loss", loss_[t])
          .add("loss_afterwards", after_[t])
          .add("steps_to_stop", static_cast<double>(step_[t]));
    return metrics;
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
  double tolerance_;
  std::vector<double> loss_, after_;
  std::vector<std::int64_t> step_;
};

Ends optimise(const Method& method, const Factorization& model, const Completion& all, std::span<const Trial> trials) {
  const Params& p = trials.front().params;
  OneEntry entry(trials, model.dimension());
  const Completion seen{all.target, method.one_entry ? entry.mask() : all.observed};
  const auto optimizer = method.make(model.parameters(), p.real("lr_factor"));
  auto step = capture([&]() -> std::vector<Tensor> {
    const auto products = model.product();
    const auto loss = seen.loss(products).sum();  // over the trials, so that each has its own gradient
    optimizer->zero_grad();
    loss.backward();
    optimizer->step();
    return {all.loss(products.detach()), products.detach()};
  });

  const std::int64_t most = p.integer("steps");
  Ends ends(trials.size(), all.target.shape(), p.real("tolerance"));
  for (std::int64_t i = 0; !ends.complete(i); ++i) {
    if (method.one_entry) entry.draw();
    step();
    ends.look(step.output(0), step.output(1), i, i == most);
  }
  return ends;
}

// The flow that all of them approximate with small steps.
Ends follow(const Factorization& model, const Completion& all, const Params& p) {
  const double tolerance = p.real("tolerance");
  const auto flow = follow_flow(model, all, {.rtol = 1e-6, .loss_below = tolerance, .max_steps = 2500});
  Ends ends(flow.reason.size(), all.target.shape(), tolerance);
  ends.look(flow.loss, model.product().detach(), 0, true);
  return ends;
}

std::vector<Metrics> run(std::span<const Trial> trials) {
  const Params& p = trials.front().params;
  const std::int64_t d = p.integer("d");
  const Factorization model(gaussian_start(trials, {d, p.integer("depth"), p.real("scale")}, convention_of(p)));
  const auto ones = eye(d).expand(model.factors().front().shape()).clone();
  const auto method = std::ranges::find(methods(), p.text("optimizer"), &Method::name);
  return (method == methods().end() ? follow(model, {ones, ones}, p) : optimise(*method, model, {ones, ones}, trials))
      .measure();
}

Values names() {
  Values values{"flow"};
  for (const Method& method : methods()) values.emplace_back(method.name);
  return values;
}

Panel at_scale(const Results& results, const Value& scale,
               const std::vector<std::pair<std::string, std::string>>& who) {
  Panel panel{.title = "Initial scale " + to_text(scale), .x_label = "depth", .y_label = "stable rank"};
  for (const auto& [name, label] : who)
    panel.series.push_back(
        mean_line(results.where({{"optimizer", name}, {"scale", scale}}), "depth", "stable_rank", label));
  Series flow = mean_line(results.where({{"optimizer", "flow"}, {"scale", scale}}), "depth", "stable_rank", "");
  panel.series.push_back(theory(flow.x, flow.y, "gradient flow"));
  return panel;
}

// One figure an optimiser, a panel a scale, as printed; and all optimisers in one.
std::vector<Figure> figures(const Results& results) {
  const auto scales = results.values_of("scale");
  const std::string caption =
      "Stable rank by depth of 5 x 5 matrices completed from ones on the diagonal from Gaussian starts";
  std::vector<Figure> all{{.name = "completion-optimizers", .caption = caption + ": means with standard errors."}};
  std::vector<std::pair<std::string, std::string>> everyone;
  for (const Method& method : methods())
    if (method.name != "gd") everyone.emplace_back(method.name, method.title);  // the flow's line would hide it
  for (const Value& scale : scales) all.front().panels.push_back(at_scale(results, scale, everyone));
  for (const Method& method : methods()) {
    Figure figure{.name = "completion-optimizers-" + method.name,
                  .caption = fmt::format("{}, {}: means with standard errors, and medians with quartiles.", caption,
                                         method.title)};
    for (const Value& scale : scales) {
      Panel panel = at_scale(results, scale, {{method.name, "mean"}});
      const auto groups = results.where({{"optimizer", method.name}, {"scale", scale}});
      if (groups.empty()) continue;
      panel.series.push_back(median_line(groups, "depth", "stable_rank", "median, quartiles"));
      figure.panels.push_back(panel);
    }
    all.push_back(figure);
  }
  return all;
}

double rank(const Results& r, const std::string& optimizer, std::int64_t depth, const Value& scale) {
  return r.group({{"optimizer", optimizer}, {"depth", depth}, {"scale", scale}}).mean("stable_rank");
}

// The largest loss of any trial within the steps after it stopped.
double largest_loss(const Results& r, const std::string& optimizer) {
  return statistics(pooled(r.where({{"optimizer", optimizer}}), "loss_afterwards")).max;
}

// Two factors stay at high ranks, deeper ones come to low ones with smaller starts; in order of depth at every scale,
// it holds, else in shape; where the loss does not stay low, it does not.
void judge_bias(const Results& r, const std::string& name, Claim& claim) {
  const auto scales = r.values_of("scale");
  const Value &first = scales.front(), &last = scales.back();
  double least = 5.0;
  bool by_depth = true;
  for (const Value& scale : scales) {
    const double two = rank(r, name, 2, scale), three = rank(r, name, 3, scale), four = rank(r, name, 4, scale);
    least = std::min(least, two);
    by_depth = by_depth && two > three && three > four - 0.005;
  }
  const bool high = least > 1.25 && std::abs(rank(r, name, 2, first) - rank(r, name, 2, last)) < 0.15;
  const bool low = std::max(rank(r, name, 3, last), rank(r, name, 4, last)) < 1.15;
  const double afterwards = largest_loss(r, name);
  const bool settled = afterwards < 0.01;
  claim.measured =
      fmt::format("depths 2, 3, 4: {:.2f}, {:.2f}, {:.2f} at scale {}, {:.2f}, {:.3f}, {:.3f} at {}",
                  rank(r, name, 2, first), rank(r, name, 3, first), rank(r, name, 4, first), to_text(first),
                  rank(r, name, 2, last), rank(r, name, 3, last), rank(r, name, 4, last), to_text(last));
  const bool shape = high && low && settled;
  claim.verdict = verdict(shape && by_depth, shape);
  if (!settled)
    claim.why = fmt::format("It does not settle: within 100 steps the loss is up to {:.2g} again.", afterwards);
  else if (!high)
    claim.why = "With two factors the rank depends on the scale of the start.";
  else if (!low)
    claim.why = "With more factors the rank stays high from small starts too.";
  else if (by_depth)
    claim.why = "More factors come to lower ranks at every scale.";
  else
    claim.why = "Three and four factors are not in order at every scale: draws of the start differ by more.";
}

void judge_flow(const Results& r, Claim& claim) {
  double worst = 0.0;
  for (const Value& scale : r.values_of("scale"))
    for (const std::int64_t depth : {2, 3, 4})
      worst = std::max(worst, std::abs(rank(r, "gd", depth, scale) - rank(r, "flow", depth, scale)));
  claim.measured = fmt::format("mean stable ranks within {:.2g} of gradient flow's from the same starts", worst);
  claim.verdict = verdict(worst < 0.1);
  claim.why = "Steps of 0.05 on half the sum of squared errors.";
}

std::vector<Claim> claims(const Results& results) {
  std::vector<Judgement> all{{{.claim = "Small steps of gradient descent follow the flow",
                               .source = "paper 002, appendix C.1",
                               .printed = "a sufficiently small step size"},
                              judge_flow}};
  for (const Method& method : methods()) {
    const bool paper = !method.figure.empty();
    all.push_back({{.claim = method.title + ": high ranks with two factors, low ones with more and small starts",
                    .source = paper ? "paper 002, appendix C.1, figure " + method.figure : "beyond figures 13 to 17",
                    .printed = paper ? "solutions become increasingly low-rank" : "not treated there"},
                   [&method](const Results& r, Claim& c) { judge_bias(r, method.name, c); }});
  }
  return judge_all(results, all);
}

const Register optimizers{Experiment{
    .id = "completion/optimizers",
    .title = "Other optimisers",
    .question =
        "Is the low rank of deep factorisations a matter of gradient flow, or do optimisers with steps find it?",
    .observe = "Most do: two factors end at mean stable ranks of 1.4 to 1.6 at every scale, three and four at 1.0 from "
               "small starts. RMSProp with its default rate does not converge, and Muon, whose steps make all singular "
               "values grow alike, ends at higher ranks the smaller the start.",
    .source = "paper 002, appendix C.1, figures 13 to 17",
    .parameters =
        {{.name = "optimizer", .help = "the flow, or steps of", .quick = names()},
         {.name = "depth", .help = "number of factors", .quick = {2, 3, 4}, .minimum = 1, .maximum = 10},
         {.name = "scale",
          .help = "alpha^depth",
          .quick = {1e-1, 1e-3, 1e-5},
          .paper = {1e-1, 1e-3, 1e-5, 1e-7},
          .minimum = 1e-30,
          .maximum = 10},
         {.name = "lr_factor", .help = "multiplies the learning rates", .quick = {1.0}, .minimum = 0},
         {.name = "tolerance", .help = "a trial stops at this loss", .quick = {1e-6}, .minimum = 0},
         {.name = "steps", .help = "or after so many steps", .quick = {10'000}, .paper = {60'000}, .minimum = 1},
         {.name = "d", .help = "matrix size", .quick = {5}, .minimum = 2},
         convention_parameter()},
    .trials = {.quick = 10, .paper = 10},
    .seconds = {.quick = 2, .paper = 4},
    .batch = run,
    .figures = figures,
    .claims = claims}};

}  // namespace
}  // namespace sigmagrad::experiments::completion
