// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/experiments/completion/limits.hpp>

#include <sigmagrad/sigmagrad.hpp>
#include <sigmagrad/theory/completion_limits.hpp>
#include <sigmagrad/theory/disconnected_limit.hpp>

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

}  // namespace sigmagrad::experiments::completion
