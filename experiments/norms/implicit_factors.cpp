// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/experiments/norms/implicit.hpp>
#include <sigmagrad/experiments/norms/inequality_tables.hpp>

namespace sigmagrad::experiments::norms {
namespace {

constexpr std::int64_t n = 6;
constexpr double decay = 0.4;

Tensor half_of_squares(const Tensor& A, const Tensor& B) {
  return (square(A).sum(-1).sum(-1) + square(B).sum(-1).sum(-1)) / 2.0;
}

// Where gradient flow on factors [n, r], [r, n] ends.
Tensor trained(const std::function<Tensor(const Tensor& A, const Tensor& B)>& loss, std::int64_t r,
               Generator& generator) {
  Tensor A = (0.1 * randn({n, r}, generator)).requires_grad_(), B = (0.1 * randn({r, n}, generator)).requires_grad_();
  optim::gradient_flow([&] { return loss(A, B); }, {A, B}, {.grad_norm_below = 1e-7, .max_steps = 5000});
  return matmul(A, B).detach();
}

double distance(const Tensor& x, const Tensor& y) { return (linalg::norm(x - y) / linalg::norm(y)).item(); }

}  // namespace

std::vector<Inequality> factors::rows() {
  const std::string source = "paper 003, section 9.1";
  return {{.name = "factors",
           .claim = "||A B||_* <= (||A||_F^2 + ||B||_F^2) / 2",
           .source = source,
           .left = [](const Case& c) { return linalg::norm(matmul(c.A, c.B), linalg::Nuclear); },
           .right = [](const Case& c) { return half_of_squares(c.A, c.B); },
           .beside = Beside::Factor,
           .tight = "the factors are balanced: A = U s^1/2 and B = s^1/2 V'"},
          {.name = "balanced",
           .claim = "The balanced factors of W reach it: ||W||_* is the minimum",
           .source = source,
           .left =
               [](const Case& c) {
                 const auto [U, s, Vt] = linalg::svd(c.A);
                 const auto root = sqrt(s);
                 return half_of_squares(U * root.unsqueeze(-2), root.unsqueeze(-1) * Vt);
               },
           .right = [](const Case& c) { return linalg::norm(c.A, linalg::Nuclear); },
           .equality = true}};
}

namespace factors {

void check(Trial& t) {
  const auto g = t.generator();
  const auto target = randn({n, n}, *g);
  const auto with_decay = [&](const Tensor& A, const Tensor& B) {
    return mse_loss(matmul(A, B), target, Reduction::HalfSum) + decay * half_of_squares(A, B);
  };
  t.record(decayed, distance(trained(with_decay, n, *g), linalg::prox_nuclear(target, decay)));
  const auto mask = bernoulli(full({n, n}, 0.6), *g);
  const auto shown = [&](const Tensor& A, const Tensor& B) {
    return masked_mse_loss(matmul(A, B), target, mask, Reduction::HalfSum) + decay * half_of_squares(A, B);
  };
  const auto least = linalg::complete(target, mask, {.mu = decay / linalg::norm(mask * target, 2).item()});
  t.record(completed, distance(trained(shown, n, *g), least.matrix));
  constexpr std::int64_t size = 20;
  const auto rank_one = matmul(randn({size, 1}, *g), randn({1, size}, *g));
  const auto most_entries = bernoulli(full({size, size}, 0.6), *g);
  t.record(recovered, distance(linalg::complete(rank_one, most_entries).matrix, rank_one));
  constexpr std::int64_t rank = 2;
  const auto plain = [&](const Tensor& A, const Tensor& B) {
    return mse_loss(matmul(A, B), target, Reduction::HalfSum);
  };
  const auto W = trained(plain, rank, *g);
  t.record(undecayed, (linalg::norm(W, linalg::Nuclear) / linalg::ky_fan_norm(target, rank)).item());
}

}  // namespace factors

}  // namespace sigmagrad::experiments::norms
