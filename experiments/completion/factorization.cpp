// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/experiments/completion/factorization.hpp>

#include <cmath>
#include <string>

#include <sigmagrad/sigmagrad.hpp>

namespace sigmagrad::experiments::completion {

namespace {

constexpr std::uint64_t target_stream = 0, start_stream = 1;

// Standard normal numbers of each trial: [T, ...].
Tensor draw(std::span<const Trial> trials, std::uint64_t stream, const Shape& shape) {
  std::vector<Tensor> drawn;
  for (const Trial& trial : trials) drawn.push_back(randn(shape, *trial.generator(stream)));
  return stack(drawn);
}

// Sums over the entries of each matrix: [T, d, d] -> [T].
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

double StartSize::alpha() const { return std::pow(scale, 1.0 / static_cast<double>(depth)); }

std::vector<Tensor> identity_start(std::int64_t trials, const StartSize& size, double m) {
  std::vector<Tensor> factors;
  for (std::int64_t l = 0; l < size.depth; ++l)
    factors.push_back(nn::init::identity_(empty({trials, size.d, size.d}), size.alpha(), m));
  return factors;
}

std::vector<Tensor> gaussian_start(std::span<const Trial> trials, const StartSize& size, Convention convention) {
  const auto d = size.d, depth = size.depth;
  const bool one_for_all = convention == Convention::Authors;
  const double std = one_for_all ? size.alpha() / std::sqrt(static_cast<double>(d)) : size.alpha();
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
  const auto terms = observed * square(products - target), errors = sum_entries(terms);
  switch (reduction) {
    case Reduction::None:
      return terms;
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
  // It has the products' shape, so that nothing is repeated at every step.
  const auto& shape = model.factors().front().shape();
  const Completion each{completion.target.expand(shape).clone(), completion.observed.expand(shape).clone(),
                        completion.reduction};
  return optim::gradient_flow([&] { return each.loss(model.product()); }, model.factors(), options);
}

}  // namespace sigmagrad::experiments::completion
