// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/experiments/completion/limits.hpp>

#include <sigmagrad/experiments/completion/summaries.hpp>
#include <sigmagrad/sigmagrad.hpp>
#include <sigmagrad/theory/completion_limits.hpp>
#include <sigmagrad/theory/disconnected_limit.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

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

Tensor diagonal_limit(const Start& start, double m) {
  const auto limits =
      theory::completion_limits({.w = 1.0,
                                 .n = start.d,
                                 .s = 1,
                                 .depth = start.depth,
                                 .m = m,
                                 .log_alpha = std::log(start.scale) / static_cast<double>(start.depth)});
  std::vector<double> values(static_cast<std::size_t>(start.d), limits.sigma_rest);
  values.front() = limits.sigma_1;
  return diag(tensor(values));
}

Judgement two_factor_limits_claim(const std::string& metric, const std::string& why) {
  const auto measure = [=](const Results& results, Claim& claim) {
    const auto groups = having(results.where({{"depth", 2}}), "limiting_" + metric);
    const auto ends = pooled(groups, metric), limits = pooled(groups, "limiting_" + metric);
    double worst = 0.0, sum = 0.0;
    for (std::size_t i = 0; i < ends.size(); ++i) {
      worst = std::max(worst, std::abs(ends[i] - limits[i]));
      sum += std::abs(ends[i] - limits[i]);
    }
    const double average = sum / static_cast<double>(ends.size());
    claim.measured = fmt::format("ranks within {:.1e} of it in every trial, {:.1e} on average", worst, average);
    claim.verdict = verdict(worst < 1e-2 && average < 1e-3);
    claim.why = "Each trial's limit is computed from its own start; " + why;
  };
  return {{.claim = "Where two factors end has a closed form",
           .source = "paper 002, proposition 4.1",
           .printed = "a cosh r - b sinh r, b cosh r - a sinh r"},
          measure};
}

}  // namespace sigmagrad::experiments::completion
