// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/experiments/completion/factorization.hpp>

#include <sigmagrad/sigmagrad.hpp>

#include <cmath>
#include <limits>

namespace sigmagrad::experiments::completion {

namespace {

constexpr double flow_accuracy = 1e-6;  // relative, of a step
constexpr std::uint64_t target_stream = 0, start_stream = 1;

/// Standard normal numbers of each trial: [T, ...].
Tensor draw(std::span<const Trial> trials, std::uint64_t stream, const Shape& shape) {
  std::vector<Tensor> drawn;
  for (const Trial& trial : trials) drawn.push_back(randn(shape, *trial.generator(stream)));
  return stack(drawn);
}

/// Sums over the entries of each matrix: [T, d, d] -> [T].
Tensor sum_entries(const Tensor& matrices) { return matrices.flatten(-2).sum(-1); }

}  // namespace

Factorization::Factorization(const std::vector<Tensor>& start) {
  for (const auto& factor : start)
    factors_.push_back(register_parameter("w" + std::to_string(factors_.size() + 1), factor));
}

Tensor Factorization::product() const {
  Tensor product = factors_.front();
  for (std::size_t l = 1; l < factors_.size(); ++l) product = matmul(factors_[l], product);
  return product;
}

double Start::alpha() const { return std::pow(scale, 1.0 / static_cast<double>(depth)); }

std::vector<Tensor> identity_start(std::int64_t trials, const Start& start, double m) {
  std::vector<Tensor> factors;
  for (std::int64_t l = 0; l < start.depth; ++l)
    factors.push_back(nn::init::identity_(empty({trials, start.d, start.d}), start.alpha(), m));
  return factors;
}

std::vector<Tensor> gaussian_start(std::span<const Trial> trials, const Start& start, Convention convention) {
  const auto [d, depth, scale] = start;
  const bool one_for_all = convention == Convention::Authors;
  const double std = one_for_all ? start.alpha() / std::sqrt(static_cast<double>(d)) : start.alpha();
  const auto drawn = std * draw(trials, start_stream, {one_for_all ? 1 : depth, d, d});
  std::vector<Tensor> factors;
  for (std::int64_t l = 0; l < depth; ++l) factors.push_back(drawn.select(1, one_for_all ? 0 : l));
  return factors;
}

Tensor rank_one_targets(std::span<const Trial> trials, std::int64_t d) {
  const auto drawn = draw(trials, target_stream, {2, d});
  return outer(drawn.select(1, 0), drawn.select(1, 1));
}

Tensor target_noise(std::span<const Trial> trials, std::int64_t d) { return draw(trials, target_stream, {d}); }

Tensor Completion::loss(const Tensor& products) const {
  const auto errors = sum_entries(observed * square(products - target));
  switch (reduction) {
    case Reduction::HalfSum:
      return 0.5 * errors;
    case Reduction::MeanObserved:
      return errors / sum_entries(observed);
    case Reduction::Mean:
      return errors / static_cast<double>(products.size(-2) * products.size(-1));
    case Reduction::Sum:
      break;
  }
  return errors;
}

Tensor Completion::unobserved_rmse(const Tensor& products) const {
  const auto hidden = 1.0 - observed;
  return sqrt(sum_entries(hidden * square(products - target)) / sum_entries(hidden));
}

optim::GradientFlow follow_flow(const Factorization& model, const Completion& completion,
                                const optim::GradientFlowOptions& options) {
  // Of the products' shape, so that nothing is repeated at every step.
  const auto& shape = model.factors().front().shape();
  const Completion each{completion.target.expand(shape).clone(), completion.observed.expand(shape).clone(),
                        completion.reduction};
  return optim::gradient_flow([&] { return each.loss(model.product()); }, model.factors(), options);
}

Parameter entropy_parameter() {
  return {.name = "entropy",
          .help = "the effective rank is that of the singular values or of their squares",
          .quick = {"values"},
          .choices = {"squares"}};
}

std::vector<Parameter> with_flow_parameters(std::vector<Parameter> own, double tolerance) {
  own.push_back({.name = "loss",
                 .help = "half the sum of squared errors at observed entries, their mean, or their sum over d^2",
                 .quick = {"half-sum"},
                 .choices = {"mean-observed", "mean-all"}});
  own.push_back(entropy_parameter());
  own.push_back({.name = "tolerance", .help = "a trial stops at this loss", .quick = {tolerance}, .minimum = 0});
  own.push_back({.name = "time",
                 .help = "a trial stops at this time of the flow, with tolerance=0 there alone",
                 .quick = {std::numeric_limits<double>::infinity()},
                 .minimum = 0});
  return own;
}

Reduction reduction_of(const Params& params) {
  const auto& text = params.text("loss");
  if (text == "mean-observed") return Reduction::MeanObserved;
  return text == "mean-all" ? Reduction::Mean : Reduction::HalfSum;
}

linalg::EntropyOf entropy_of(const Params& params) {
  return params.text("entropy") == "squares" ? linalg::EntropyOf::Squares : linalg::EntropyOf::Values;
}

Parameter convention_parameter() {
  return {.name = "convention",
          .help =
              "factors drawn one by one with entries of variance scale^(2/depth), or as in the authors' program: "
              "one matrix for all of them, variance scale^(2/depth)/d (theirs are also loss=mean-all and "
              "tolerance=1e-5)",
          .quick = {"paper"},
          .choices = {"authors"}};
}

Convention convention_of(const Params& params) {
  return params.text("convention") == "authors" ? Convention::Authors : Convention::Paper;
}

optim::GradientFlowOptions flow_options(const Params& params, std::int64_t max_steps) {
  return {.t_end = params.real("time"),
          .rtol = flow_accuracy,
          .loss_below = params.real("tolerance"),
          .max_steps = max_steps};
}

void add(std::vector<Metrics>& metrics, const std::string& name, const Tensor& values) {
  const auto data = values.data<double>();
  for (std::size_t i = 0; i < metrics.size(); ++i) metrics[i].add(name, data[i]);
}

std::vector<Metrics> run_flow(const Params& params, const Factorization& model, const Completion& completion,
                              std::int64_t max_steps) {
  const auto flow = follow_flow(model, completion, flow_options(params, max_steps));
  const NoGrad guard;
  const auto products = model.product();
  std::vector<Metrics> metrics(flow.reason.size());
  add(metrics, "effective_rank", linalg::effective_rank(products, entropy_of(params)));
  add(metrics, "stable_rank", linalg::stable_rank(products));
  add(metrics, "loss", flow.loss);
  add(metrics, "unobserved_rmse", completion.unobserved_rmse(products));
  add(metrics, "steps_to_stop", flow.steps);
  add(metrics, "time_to_stop", flow.t);
  for (std::size_t i = 0; i < metrics.size(); ++i) {
    const auto reason = flow.reason[i];
    metrics[i].add("converged", reason == optim::FlowStop::Loss || reason == optim::FlowStop::Time ? 1.0 : 0.0);
  }
  return metrics;
}

}  // namespace sigmagrad::experiments::completion
