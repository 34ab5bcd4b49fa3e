// SPDX-License-Identifier: BSD-3-Clause
// An operation with a gradient of its own, checked against finite differences.
#include <iostream>

#include <sigmagrad/sigmagrad.hpp>

namespace sg = sigmagrad;

// log(1 + exp(x)), whose gradient sigmoid(x) the operation knows better than its parts do.
struct Softplus : sg::Function<Softplus> {
  static sg::Tensor forward(sg::Context& ctx, const sg::Tensor& x) {
    ctx.save(x);
    return sg::log1p(sg::exp(x));
  }
  static std::vector<sg::Tensor> backward(sg::Context& ctx, const sg::Tensor& grad) {
    return {grad * sg::sigmoid(ctx.saved(0))};
  }
};

int main() {
  sg::manual_seed(1);
  sg::testing::gradcheck(Softplus::apply, {sg::randn({3, 4})});
  sg::testing::gradgradcheck(Softplus::apply, {sg::randn({3, 4})});

  const auto x = sg::tensor({-1.0, 0.0, 2.0}, {3}).requires_grad_();
  Softplus::apply(x).sum().backward();
  std::cout << "value    " << Softplus::apply(x) << '\n' << "gradient " << x.grad() << '\n';
}
