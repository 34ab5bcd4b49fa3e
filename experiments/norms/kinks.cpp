// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/experiments/norms/kinks.hpp>

#include <cmath>
#include <numbers>

namespace sigmagrad::experiments::norms {
namespace {

constexpr std::int64_t n = 5;
constexpr double step = 1e-5, no_kink = 1e-3, gradient_digits = 1e-12;

double kink(linalg::NormKind kind, const Tensor& A, const Tensor& E) {
  const auto f = [kind](const Tensor& x) { return linalg::norm(x, kind).item(); };
  return (f(A + step * E) + f(A - step * E) - 2.0 * f(A)) / step;
}

Tensor of_values(const std::vector<double>& s, Generator& generator) {
  return matmul(random_orthonormal(n, n, generator) * tensor(s), random_orthonormal(n, n, generator));
}

double gradient_error(linalg::NormKind kind, const Tensor& A, const Tensor& expected) {
  const auto x = A.clone().requires_grad_();
  linalg::norm(x, kind).backward();
  return linalg::norm(x.grad() - expected).item() / linalg::norm(expected).item();
}

}  // namespace

void kinks::check(Trial& t) {
  const auto g = t.generator();
  const auto direction = randn({n, n}, *g), E = direction / linalg::norm(direction, 2);
  const auto A = of_values({3.0, 2.5, 1.5, 1.2, 1.0}, *g);
  const auto svd = linalg::svd(A);
  t.record(frobenius, kink(linalg::Fro, A, E));
  t.record(frobenius_zero, kink(linalg::Fro, zeros({n, n}), E));
  t.record(nuclear_repeated, kink(linalg::Nuclear, of_values({1, 1, 1, 1, 1}, *g), E));
  t.record(nuclear_zero, kink(linalg::Nuclear, of_values({3.0, 2.5, 1.5, 1.2, 0.0}, *g), E));
  t.record(spectral_simple, kink(2, A, E));
  t.record(spectral_repeated, kink(2, of_values({3.0, 3.0, 1.5, 1.2, 1.0}, *g), E));
  t.record(frobenius_gradient, gradient_error(linalg::Fro, A, A / linalg::norm(A)));
  t.record(spectral_gradient, gradient_error(2, A, outer(svd.U.t().select(0, 0), svd.Vt.select(0, 0))));
  t.record(nuclear_gradient, gradient_error(linalg::Nuclear, A, matmul(svd.U, svd.Vt)));
}

std::vector<Claim> kink_claims(const Selection& where) {
  const auto least = [&](const Quantity& quantity) { return smallest(quantity).at(where); };
  const auto most = [&](const Quantity& quantity) { return largest(quantity).at(where); };
  const std::string slopes = "Slopes to both sides, added, over a step of 1e-5 in a random direction.";
  return {{.claim = "The gradient of ||A||_F is A / ||A||_F",
           .source = "paper 003, section 3.5",
           .says = "exact",
           .holds = most(kinks::frobenius_gradient) < gradient_digits && most(kinks::frobenius) < no_kink,
           .why = slopes},
          {.claim = "The Frobenius norm is differentiable everywhere",
           .source = "paper 003, section 3.5",
           .says = "everywhere",
           .holds = most(kinks::frobenius_zero) < no_kink,
           .in_shape = most(kinks::frobenius) < no_kink && least(kinks::frobenius_zero) > 1.0,
           .why = "Everywhere but at 0, where it is the tip of a cone: slope 1 in every direction of unit length. Its "
                  "square is differentiable there too."},
          {.claim = "The gradient of ||A||_2 is u1 v1', and there is none where s1 = s2",
           .source = "paper 003, section 3.5",
           .says = "not smooth",
           .holds = most(kinks::spectral_gradient) < gradient_digits && most(kinks::spectral_simple) < no_kink &&
                    least(kinks::spectral_repeated) > no_kink,
           .why = slopes},
          {.claim = "The nuclear norm is not smooth where singular values are repeated",
           .source = "paper 003, section 5.3",
           .says = "non-smooth",
           .holds = least(kinks::nuclear_repeated) > no_kink,
           .in_shape = least(kinks::nuclear_zero) > no_kink,
           .why = "At repeated values that are not 0 it is smooth, for the sum of such values is; it has kinks where "
                  "one is 0."},
          {.claim = "U V' is its gradient where all singular values are positive",
           .source = "paper 003, section 5.3",
           .says = "unique",
           .holds = most(kinks::nuclear_gradient) < gradient_digits && most(kinks::nuclear_repeated) < no_kink,
           .why = "Compared with the gradient of this library; without a kink there is no other subgradient."}};
}

namespace {

// ||A||_{2->1} with unit vectors in the place of signs (Goemans and Williamson 1995; Nesterov 1998): the largest
// (sum <A A', V V'>)^(1/2), by V <- rows of A A' V at length 1, which never falls.
Tensor relaxed_2_to_1(const Tensor& A, Generator& generator) {
  constexpr int iterations = 1000;
  const auto M = matmul(A, A.t());
  auto V = randn(M.shape(), generator);
  for (int k = 0; k < iterations; ++k) {
    const auto next = matmul(M, V);
    V = next / linalg::row_norms(next).unsqueeze(-1);
  }
  return sqrt(linalg::inner_product(M, matmul(V, V.t())));
}

}  // namespace

void shares::check(Trial& t) {
  const auto g = t.generator();
  constexpr std::int64_t pairs = 200, draws = 20000;
  const auto A = random_matrices(1, 6, n, *g).select(0, 0) + 0.01 * randn({6, n}, *g);
  const auto x = randn({draws, n}, *g);
  const auto length = linalg::row_norms(matmul(x, A.t())) / linalg::row_norms(x);
  t.record(sphere, mean(square(length)).item() * static_cast<double>(n) / square(linalg::norm(A)).item());
  const auto G = randn({n, n}, *g), rotated = matmul(random_orthonormal(n, n, *g), G);
  std::vector<double> changes;
  for (const linalg::NormKind kind : {linalg::NormKind(1), linalg::Inf, linalg::Max})
    changes.push_back(std::abs(linalg::norm(rotated, kind).item() / linalg::norm(G, kind).item() - 1.0));
  t.record(rotation_change, min(tensor(changes)).item());
  const auto first = linalg::svdvals(randn({pairs, n, n}, *g)), second = linalg::svdvals(randn({pairs, n, n}, *g));
  const auto apart = (first.select(1, 0) - second.select(1, 0)) * (first.sum(1) - second.sum(1)) < 0.0;
  t.record(crossed, mean(apart).item());
  // Shrunk by factors of their own, the values of the second are weakly majorised by those of the first.
  double ordered = 0.0, majorised = 0.0;
  for (std::int64_t i = 0; i < pairs; ++i) {
    const auto s = first.select(0, i);
    const auto smaller = s * rand({n}, *g);
    ordered += linalg::weakly_majorizes(s, smaller) &&
               min(invariant_norms(diag(s)) - invariant_norms(diag(smaller))).item() >= 0.0;
    majorised += linalg::majorizes(s, smaller);
  }
  t.record(dominated, ordered / static_cast<double>(pairs));
  t.record(equal_sums, majorised / static_cast<double>(pairs));
  const auto many = randn({50, 8, 6}, *g);
  const auto relaxed = relaxed_2_to_1(many, *g) / linalg::norm_2_to_1(many);
  t.record(relaxed_least, min(relaxed).item());
  t.record(relaxed_most, max(relaxed).item());
  auto last_row = ones({n, n});
  last_row = last_row.index_put(0, {n - 1}, zeros({1, n}));
  t.record(singular, 1.0 / linalg::cond(G * last_row).item());
}

std::vector<Claim> share_claims(const Selection& where) {
  return {{.claim = "||A x||^2 has the mean ||A||_F^2 / n over the unit sphere",
           .source = "paper 003, sections 1.2 and 3.1",
           .says = "the mean",
           .holds = near(mean(shares::sphere).at(where), 1.0, 0.01),
           .why = "20,000 random directions a matrix."},
          {.claim = "The 1-, inf- and max-norm are not invariant under rotations",
           .source = "paper 003, sections 3.3 and 6.1",
           .says = "not invariant",
           .holds = median(shares::rotation_change).at(where) > 0.01,
           .why = "Of a Gaussian matrix; of the three norms the one that changes least."},
          {.claim = "One Ky Fan norm of A may be larger and another smaller than B's",
           .source = "paper 003, section 5.4",
           .says = "no order",
           .holds = mean(shares::crossed).at(where) > 0.01,
           .why = "Pairs of Gaussian matrices, k = 1 against k = r."},
          {.claim = "All invariant norms are ordered exactly where s(A) is majorised by s(B)",
           .source = "paper 003, section 6.2",
           .says = "majorisation",
           .holds = mean(shares::equal_sums).at(where) > 0.0,
           .in_shape = smallest(shares::dominated).at(where) > 0.999,
           .why = "Weak majorisation is what it takes: partial sums are ordered, total sums need not be equal, and all "
                  "norms are ordered although no pair has equal sums."},
          {.claim = "A semidefinite relaxation tells the 2 -> 1 norm up to a factor",
           .source = "paper 003, section 4.4",
           .says = "a factor",
           .holds = smallest(shares::relaxed_least).at(where) > 1.0 - 1e-6 &&
                    largest(shares::relaxed_most).at(where) < std::sqrt(std::numbers::pi / 2.0),
           .why = "(pi/2)^(1/2) = 1.253 is proved (Nesterov 1998). Of 8 x 6 Gaussian matrices, against all signs."},
          {.claim = "Singular matrices have an infinite condition number",
           .source = "paper 003, section 7.3",
           .says = "infinite",
           .holds = largest(shares::singular).at(where) < 1e-14,
           .why = "A Gaussian matrix with a row of zeros."}};
}

}  // namespace sigmagrad::experiments::norms
