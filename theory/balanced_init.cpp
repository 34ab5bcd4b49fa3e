// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/theory/balanced_init.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

#include <sigmagrad/autograd/graph/grad_mode.hpp>
#include <sigmagrad/autograd/operations/elementwise.hpp>
#include <sigmagrad/autograd/operations/euclidean.hpp>
#include <sigmagrad/autograd/operations/matmul.hpp>
#include <sigmagrad/autograd/operations/shape_ops.hpp>
#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/autograd/tensor/fail.hpp>
#include <sigmagrad/linalg/decompositions.hpp>
#include <sigmagrad/linalg/kernels/matrix.hpp>
#include <sigmagrad/linalg/svd.hpp>
#include <sigmagrad/theory/detail/check.hpp>
#include <sigmagrad/theory/detail/full_svd.hpp>

namespace sigmagrad::theory {
namespace {

void check_feasible(const char* operation, double lambda, const TwoLayerSizes& sizes) {
  const auto [n_i, n_h, n_o] = sizes;
  if (std::min({n_i, n_h, n_o}) < 1)
    engine::fail("{}: sizes must be >= 1 (got n_i={}, n_h={}, n_o={})", operation, n_i, n_h, n_o);
  detail::check_finite(operation, "lambda", lambda);
  if (lambda > 0 && n_h > n_o)
    engine::fail("{}: lambda > 0 needs n_h <= n_o (got lambda={}, n_h={}, n_o={})", operation, lambda, n_h, n_o);
  if (lambda < 0 && n_h > n_i)
    engine::fail("{}: lambda < 0 needs n_h <= n_i (got lambda={}, n_h={}, n_i={})", operation, lambda, n_h, n_i);
}

// columns [..., m, n] diag(values [..., k]) R' for the first columns of each, where modes beyond k have `rest`.
Tensor weight(const Tensor& columns, const Tensor& values, double rest, const Tensor& R) {
  const std::int64_t k = values.size(-1), n = rest > 0 ? R.size(-1) : k;
  const auto all = cat({values, full(values.shape().with(-1, n - k), rest)}, -1);
  return matmul(columns.narrow(-1, 0, n) * all.unsqueeze(-2), R.narrow(-1, 0, n).t());
}

Tensor with_vectors_of(const Tensor& target, const Tensor& product) {
  if (target.shape() != product.shape())
    engine::fail("lambda_balanced: aligned_to must be {} (got {})", product.shape().str(), target.shape().str());
  const auto [U, S, Vt] = linalg::svd(target);
  return matmul(U * linalg::svdvals(product).unsqueeze(-2), Vt);
}

}  // namespace

Tensor random_orthogonal(const Shape& batch, std::int64_t n, Generator& generator) {
  const NoGrad guard;
  return linalg::detail::orthonormal_columns(randn(batch.inserted(-1, n).inserted(-1, n), generator));
}

TwoLayerWeights balanced_factors(const Tensor& product, std::int64_t n_h, double lambda, Generator& generator) {
  constexpr auto name = "balanced_factors";
  if (product.dim() < 2 || product.dtype() != f64)
    engine::fail("{}: needs an f64 matrix, got {} {}", name, name_of(product.dtype()), product.shape().str());
  const TwoLayerSizes sizes{product.size(-1), n_h, product.size(-2)};
  check_feasible(name, lambda, sizes);
  const NoGrad guard;
  const auto [U, S, V] = detail::full_svd(product.detach());
  const auto s = S.narrow(-1, 0, std::min({sizes.n_i, n_h, sizes.n_o}));
  // The strong side from a sum, the weak one by division: (sqrt(lambda^2 + 4 s^2) - |lambda|) / 2 would cancel.
  const auto strong = sqrt((engine::hypotenuse(2.0 * s, lambda) + std::abs(lambda)) / 2.0);
  const auto weak = where(strong == 0.0, strong, s / strong);
  const auto R = random_orthogonal(product.shape().head(product.dim() - 2), n_h, generator);
  const double rest = std::sqrt(std::abs(lambda));
  const auto W2 = weight(U, lambda >= 0 ? strong : weak, lambda > 0 ? rest : 0.0, R);
  const auto W1 = weight(V, lambda >= 0 ? weak : strong, lambda < 0 ? rest : 0.0, R).t();
  return {W1, W2};
}

TwoLayerWeights lambda_balanced(double lambda, const TwoLayerSizes& sizes, const LambdaBalancedOptions& options,
                                Generator& generator) {
  check_feasible("lambda_balanced", lambda, sizes);
  if (!(std::isfinite(options.sigma) && options.sigma > 0))
    engine::fail("lambda_balanced: sigma must be finite and > 0 (got {})", options.sigma);
  const NoGrad guard;
  const auto W1 = options.sigma * randn({sizes.n_h, sizes.n_i}, generator);
  const auto W2 = options.sigma * randn({sizes.n_o, sizes.n_h}, generator);
  const auto product = matmul(W2, W1);
  const auto& target = options.aligned_to;
  return balanced_factors(target.defined() ? with_vectors_of(target, product) : product, sizes.n_h, lambda, generator);
}

Tensor whiten(const Tensor& X) {
  if (X.dim() != 2 || X.dtype() != f64)
    engine::fail("whiten: needs an f64 matrix [P, n], got {} {}", name_of(X.dtype()), X.shape().str());
  const NoGrad guard;
  const auto [U, S, Vt] = linalg::svd(X);
  const double largest = S.numel() ? S.data<double>()[0] : 0.0;
  const double resolution =
      static_cast<double>(std::max(X.size(0), X.size(1))) * std::numeric_limits<double>::epsilon();
  const auto rank = static_cast<std::int64_t>((S > resolution * largest).sum().item());
  if (rank < X.size(1))
    engine::fail("whiten: X {} has rank {}, expected {}: inputs that do not span their space cannot be white",
                 X.shape().str(), rank, X.size(1));
  return std::sqrt(static_cast<double>(X.size(0))) * matmul(U, Vt);
}

}  // namespace sigmagrad::theory
