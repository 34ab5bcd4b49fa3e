// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/experiments/completion/limits.hpp>

#include <cmath>

#include <sigmagrad/sigmagrad.hpp>
#include <sigmagrad/theory/completion_limits.hpp>
#include <sigmagrad/theory/disconnected_limit.hpp>

namespace sigmagrad::experiments::completion {

Tensor two_factor_limits(const std::vector<Tensor>& start, const Completion& completion) {
  const auto& shape = start[0].shape();
  const auto target = completion.target.expand(shape), observed = completion.observed.expand(shape);
  std::vector<Tensor> products;
  for (std::int64_t t = 0; t < shape[0]; ++t) {
    const auto [A, B] = theory::disconnected_limit(start[1].select(0, t), start[0].select(0, t), target.select(0, t),
                                                   observed.select(0, t));
    products.push_back(matmul(A, B));
  }
  return stack(products);
}

Tensor diagonal_limit(const StartSize& size, double ratio) {
  const auto limits = theory::completion_limits({.w = 1.0,
                                                 .n = size.d,
                                                 .s = 1,
                                                 .depth = size.depth,
                                                 .m = ratio,
                                                 .log_alpha = std::log(size.scale) / static_cast<double>(size.depth)});
  std::vector<double> values(static_cast<std::size_t>(size.d), limits.sigma_rest);
  values.front() = limits.sigma_1;
  return diag(tensor(values));
}

void record_limits(std::span<Trial> trials, const Quantity& limiting_rank, const Tensor& limits, const Tensor& ends) {
  record(trials, limiting_rank, limits);
  record(trials, rank_off_limit, abs(ends - limits));
}

void run_from_identity(std::span<Trial> trials, const StartSize& size, const Tensor& target, std::int64_t max_steps) {
  const Params& p = trials.front().params();
  const auto factors = identity_start(static_cast<std::int64_t>(trials.size()), size, p[m]);
  const Completion task{target, eye(size.d), reduction_of(p)};
  const Factorization model(factors);
  const auto ends = p[descent_rate] > 0.0 ? run_descent(trials, model, task, p[descent_rate])
                                          : run_flow(trials, model, task, max_steps);
  if (factors.size() == 2)
    record_limits(trials, limiting_stable_rank, linalg::stable_rank(two_factor_limits(factors, task)), ends.stable);
}

Claim same_as_flow_claim() {
  const auto rank = mean(stable_rank);
  return {.claim = "Gradient descent ends where gradient flow does",
          .source = "paper 002, appendix C.1",
          .says = "using gradient descent",
          .holds = near(rank.at(descent_rate > 0.0), rank.at(descent_rate == 0.0), 0.01),
          .why = "Mean stable ranks agree to a hundredth, which is what the length of the steps is worth."};
}

Claim two_factor_limits_claim(const std::string& why, const Selection& where) {
  return {.claim = "Where two factors end has a closed form",
          .source = "paper 002, proposition 4.1",
          .says = "a cosh r - b sinh r, b cosh r - a sinh r",
          .holds = below(largest(rank_off_limit).at(depth == 2 && where), 1e-2) &&
                   below(mean(mean(rank_off_limit).at(depth == 2 && where)), 1e-3),
          .why = "Each trial's limit is computed from its own start; " + why};
}

}  // namespace sigmagrad::experiments::completion
