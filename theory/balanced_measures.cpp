// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/theory/balanced_measures.hpp>

#include <algorithm>
#include <cmath>

#include <sigmagrad/autograd/graph/grad_mode.hpp>
#include <sigmagrad/autograd/operations/elementwise.hpp>
#include <sigmagrad/autograd/operations/matmul.hpp>
#include <sigmagrad/autograd/operations/reductions.hpp>
#include <sigmagrad/autograd/operations/shape_ops.hpp>
#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/autograd/tensor/fail.hpp>
#include <sigmagrad/linalg/kernels/matrix.hpp>
#include <sigmagrad/linalg/spectral_functions.hpp>
#include <sigmagrad/linalg/svd.hpp>
#include <sigmagrad/theory/detail/check.hpp>
#include <sigmagrad/theory/detail/full_svd.hpp>

namespace sigmagrad::theory {
namespace {

Tensor inner(const Tensor& A, const Tensor& B) { return (A * B).sum(-1).sum(-1); }

// U diag(values) U' for the first columns of U.
Tensor spectral(const Tensor& U, const Tensor& values) {
  const auto u = U.narrow(-1, 0, values.size(-1));
  return matmul(u * values.unsqueeze(-2), u.t());
}

void check_determined(std::int64_t n_i, std::int64_t n_h, std::int64_t n_o, double lambda) {
  constexpr auto name = "converged_representations";
  detail::check_finite(name, "lambda", lambda);
  if (n_h < 1) engine::fail("{}: n_h must be >= 1 (got {})", name, n_h);
  const std::int64_t strong = lambda > 0 ? n_o : n_i, m = std::min(n_i, n_o);
  if (lambda != 0 && n_h > m && n_h != strong)
    engine::fail(
        "{}: with lambda={} needs n_h <= {} or n_h = {}, otherwise they depend on the start or do not exist (got "
        "n_h={})",
        name, lambda, m, strong, n_h);
}

}  // namespace

Balancedness balancedness(const Tensor& W1, const Tensor& W2) {
  if (W1.dim() < 2 || W2.dim() < 2 || W1.size(-2) != W2.size(-1))
    engine::fail("balancedness: needs W1 [n_h, n_i] and W2 [n_o, n_h], got {} and {}", W1.shape().str(),
                 W2.shape().str());
  const NoGrad guard;
  const std::int64_t n_h = W1.size(-2);
  const auto balance = matmul(W2.t(), W2) - matmul(W1, W1.t());
  const auto lambda = trace(balance) / static_cast<double>(n_h);
  const auto rest = balance - lambda.unsqueeze(-1).unsqueeze(-1) * eye(n_h, W1.dtype());
  const auto scale = linalg::detail::scales_of(rest), scaled = rest * scale;
  return {lambda, sqrt(inner(scaled, scaled)) / scale.squeeze(-1).squeeze(-1)};
}

Representations representations(const Tensor& W1, const Tensor& W2) {
  const NoGrad guard;
  return {matmul(W1.t(), W1), matmul(W2, W2.t())};
}

Representations converged_representations(const Tensor& Sigma, double lambda, std::int64_t n_h) {
  if (Sigma.dim() < 2) engine::fail("converged_representations: needs a matrix, got {}", Sigma.shape().str());
  const std::int64_t n_o = Sigma.size(-2), n_i = Sigma.size(-1);
  check_determined(n_i, n_h, n_o, lambda);
  const NoGrad guard;
  const auto [U, S, V] = detail::full_svd(Sigma);
  const std::int64_t modes = std::min(n_h, S.size(-1)), free = lambda == 0 ? 0 : n_h - modes;
  const auto s = S.narrow(-1, 0, modes);
  const auto large = (engine::hypotenuse(2.0 * s, lambda) + std::abs(lambda)) / 2.0;
  const auto scale = engine::scales_for(large);
  const auto small = where(large == 0.0, large, square(s * scale) / (large * scale) / scale);
  const auto strong = cat({large, full(s.shape().with(-1, free), std::abs(lambda))}, -1);
  if (lambda >= 0) return {spectral(V, small), spectral(U, strong)};
  return {spectral(V, strong), spectral(U, small)};
}

Tensor tangent_kernel(const Tensor& input, const Tensor& output, const Tensor& X) {
  const NoGrad guard;
  const auto similar = input_similarity(input, X), XX = matmul(X, X.t());
  const std::int64_t n_o = output.size(-1), P = X.size(-2);
  const auto outputs = [](const Tensor& x) { return x.unsqueeze(-2).unsqueeze(-1); };  // [..., o, 1, o', 1]
  const auto samples = [](const Tensor& x) { return x.unsqueeze(-2).unsqueeze(-4); };  // [..., 1, p, 1, p']
  const auto kernel = outputs(eye(n_o, output.dtype())) * samples(similar) + outputs(output) * samples(XX);
  return kernel.reshape(kernel.shape().head(kernel.dim() - 4).inserted(-1, n_o * P).inserted(-1, n_o * P));
}

Tensor input_similarity(const Tensor& input, const Tensor& X) {
  if (X.dim() < 2 || X.size(-1) != input.size(-1))
    engine::fail("input_similarity: needs X [P, {}], got {}", input.size(-1), X.shape().str());
  const NoGrad guard;
  return matmul(matmul(X, input), X.t());
}

Tensor output_similarity(const Tensor& output, const Tensor& Y) {
  if (Y.dim() < 2 || Y.size(-1) != output.size(-1))
    engine::fail("output_similarity: needs Y [P, {}], got {}", output.size(-1), Y.shape().str());
  const NoGrad guard;
  return matmul(matmul(Y, linalg::pinv(output)), Y.t());
}

Tensor cosine_similarity(const Tensor& A, const Tensor& B) {
  const NoGrad guard;
  const auto a = A * linalg::detail::scales_of(A), b = B * linalg::detail::scales_of(B);
  return inner(a, b) / (sqrt(inner(a, a)) * sqrt(inner(b, b)));
}

Tensor kernel_distance(const Tensor& A, const Tensor& B) { return 1.0 - cosine_similarity(A, B); }

TaskSpecificScore task_specific_score(const Representations& representations, const Tensor& Sigma) {
  const NoGrad guard;
  const auto [U, s, Vt] = linalg::svd(Sigma);
  const auto score = [&s = s](const Tensor& gram, const Tensor& vectors) {
    return maximum(cosine_similarity(gram, spectral(vectors, s)),
                   cosine_similarity(gram, spectral(vectors, square(s))));
  };
  return {score(representations.input, Vt.t()), score(representations.output, U)};
}

Tensor task_loss(const Tensor& product, const Tensor& Sigma) {
  const NoGrad guard;
  const auto missing = product - Sigma;
  return 0.5 * inner(missing, missing);
}

Tensor forgetting(const Tensor& Sigma_i, const Tensor& Sigma_j, const Tensor& Sigma_k) {
  return task_loss(Sigma_k, Sigma_i) - task_loss(Sigma_j, Sigma_i);
}

Tensor forgetting_rate(const Tensor& qqt, const Tensor& trained, const Tensor& Sigma_i) {
  if (trained.dim() < 2 || qqt.dim() < 2 || qqt.size(-1) != trained.size(-1) + trained.size(-2))
    engine::fail("forgetting_rate: needs Q Q' of [n_i + n_o, n_i + n_o] for targets [n_o, n_i], got {} and {}",
                 qqt.shape().str(), trained.shape().str());
  const NoGrad guard;
  const std::int64_t n_o = trained.size(-2), n_i = trained.size(-1);
  const auto bottom = qqt.narrow(-2, n_i, n_o);
  const auto input = qqt.narrow(-2, 0, n_i).narrow(-1, 0, n_i), output = bottom.narrow(-1, n_i, n_o);
  const auto product = bottom.narrow(-1, 0, n_i), missing = trained - product;
  return inner(matmul(missing, input) + matmul(output, missing), product - Sigma_i);
}

}  // namespace sigmagrad::theory
