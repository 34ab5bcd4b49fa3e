// SPDX-License-Identifier: BSD-3-Clause
// What docs/errata.md says of the formulas of paper 004: as printed they fail, as corrected they hold.
#include <cmath>

#include <sigmagrad/sigmagrad.hpp>
#include <sigmagrad/tests/support/balanced_problems.hpp>
#include <sigmagrad/tests/support/expect.hpp>
#include <sigmagrad/tests/support/golden.hpp>

namespace sigmagrad::theory {
namespace {

using sigmagrad::testing::balanced_problem;
using sigmagrad::testing::relative_distance;

Tensor blocks(const Tensor& a, const Tensor& b, const Tensor& c, const Tensor& d) {
  return cat({cat({a, b}, 1), cat({c, d}, 1)}, 0);
}
Tensor times_diagonal(const Tensor& columns, const Tensor& values) { return columns * values; }

// The matrices of theorem 3.3.1 for a square problem.
struct Theorem {
  explicit Theorem(const testing::BalancedProblem& p) : lambda(p.lambda), W1(p.W1), W2(p.W2) {
    const auto [U_, S_, Vt] = linalg::svd(p.Sigma);
    U = U_;
    S = S_;
    V = Vt.t();
    omega = sqrt(square(S) + lambda * lambda / 4);
    set(lambda / (sqrt(lambda * lambda + 4.0 * square(S)) + 2.0 * S));
    const auto I = eye(S.size(0));
    F = blocks(-lambda / 2 * I, p.Sigma.t(), p.Sigma, lambda / 2 * I);
  }
  void set(const Tensor& X) {
    const auto A = 1.0 / sqrt(1.0 + square(X));
    minus = A - X * A;
    plus = A + X * A;
  }
  // 1/2 O diag(omega, -omega) O' with O = (left, right; lower left, lower right).
  Tensor spectrum(const Tensor& lower_left, const Tensor& lower_right) const {
    const auto O = blocks(times_diagonal(V, minus), times_diagonal(V, plus), lower_left, lower_right);
    return 0.5 * matmul(O * cat({omega, -omega}, 0), O.t());
  }

  double lambda;
  Tensor W1, W2, U, S, V, omega, minus, plus, F;
};

TEST(Errata, DiagonalisationOfF) {
  const Theorem theorem(balanced_problem(3, 3, 3, 1.7, 3));
  const auto corrected = theorem.spectrum(theorem.U * theorem.plus, -(theorem.U * theorem.minus));
  const auto printed = theorem.spectrum(theorem.U * theorem.minus, -(theorem.U * theorem.plus));
  EXPECT_LE(relative_distance(corrected, theorem.F), 1e-14);
  EXPECT_GE(relative_distance(printed, theorem.F), 0.3);
}

TEST(Errata, DefinitionsOfX) {
  Theorem theorem(balanced_problem(3, 3, 3, 1.7, 3));
  const double l = theorem.lambda;
  const auto with = [&](const Tensor& X) {
    theorem.set(X);
    return relative_distance(theorem.spectrum(theorem.U * theorem.plus, -(theorem.U * theorem.minus)), theorem.F);
  };
  const auto& S = theorem.S;
  EXPECT_LE(with((sqrt(l * l + 4.0 * square(S)) - 2.0 * S) / l), 1e-13);  // as the proof of (3.47) has it
  EXPECT_GE(with(sqrt(l * l + 4.0 * square(S) - 2.0 * S) / l), 0.05);     // as the theorem prints it
  EXPECT_GE(with((sqrt(l * l / 4 + square(S)) - S) / l), 0.05);           // as (3.49) prints it
}

TEST(Errata, SignOfLambdaBetweenTheModes) {
  const Theorem theorem(balanced_problem(3, 3, 3, 1.7, 3));
  const auto O = blocks(theorem.V, theorem.V, theorem.U, -theorem.U);
  const auto inner = [&](double off) {
    const auto S = diag(theorem.S), I = off * eye(3);
    return 0.5 * matmul(matmul(O, blocks(S, I, I, -S)), O.t());
  };
  EXPECT_LE(relative_distance(inner(-theorem.lambda / 2), theorem.F), 1e-14);
  EXPECT_GE(relative_distance(inner(theorem.lambda / 2), theorem.F), 0.3);  // (3.45)
}

TEST(Errata, TheBracketOfTheTheoremIsInverted) {
  const auto p = balanced_problem(3, 3, 3, 1.7, 3);
  const Theorem theorem(p);
  const auto &U = theorem.U, &V = theorem.V, &plus = theorem.plus, &minus = theorem.minus;
  const double t = 0.6;
  const auto e = diag(exp(-t * theorem.omega)), one = eye(3);
  const auto grown = diag((1.0 - exp(-2.0 * t * theorem.omega)) / theorem.omega);
  // S2 U' U~ and the like with the rotation R of the hidden layer left in: W2' U~, W1 V~.
  const auto B = matmul(p.W2.t(), U) * plus + matmul(p.W1, V) * minus;
  const auto C = matmul(p.W2.t(), U) * minus - matmul(p.W1, V) * plus;
  const auto inverse = linalg::inv(B), ratio = matmul(matmul(matmul(e, C.t()), inverse.t()), e);
  const auto Z =
      cat({matmul(V, diag(minus) - matmul(diag(plus), ratio)), matmul(U, diag(plus) + matmul(diag(minus), ratio))}, 0);
  const auto start = matmul(inverse.t(), e);
  const auto M = 4.0 * matmul(start.t(), start) + grown +
                 matmul(matmul(matmul(matmul(e, inverse), C), grown), matmul(matmul(C.t(), inverse.t()), e));
  const auto exact = BalancedDynamics(p.W1, p.W2, p.Sigma).qqt({t}).select(0, 0);
  EXPECT_LE(relative_distance(matmul(matmul(Z, linalg::inv(M)), Z.t()), exact), 1e-12);
  EXPECT_GE(relative_distance(matmul(matmul(Z, M), Z.t()), exact), 0.3);
}

// (2.30) and (2.31): lambda = 0, two sizes, in the singular vectors of W2 W1 = U S V'.
TEST(Errata, ZeroBalancedSolutionForTwoSizes) {
  const auto p = balanced_problem(3, 3, 5, 0.0, 3);
  const auto a = linalg::svd(matmul(p.W2, p.W1)), b = linalg::svd(p.Sigma);
  const auto U = a.U, V = a.Vt.t(), U_ = b.U, V_ = b.Vt.t(), s = b.S, one = eye(3);
  const double t = 0.6;
  const auto e = diag(exp(-t * s)), inverse_s = diag(1.0 / s);
  const auto rest = eye(5) - matmul(U_, U_.t());  // U~perp U~perp'; V~perp is empty
  const auto B = matmul(U.t(), U_) + matmul(V.t(), V_), C = matmul(U.t(), U_) - matmul(V.t(), V_);
  const auto inverse = linalg::inv(B), ratio = matmul(matmul(matmul(e, C.t()), inverse.t()), e);
  const auto start = matmul(inverse.t(), e), outside = matmul(matmul(rest, U), start);
  const auto Z = cat({matmul(V_, one - ratio), matmul(U_, one + ratio) + 2.0 * outside}, 0);
  const auto middle = [&](double exponent, double factor, double last) {
    const auto grown = matmul(one - diag(exp(-exponent * t * s)), inverse_s);
    const auto second = matmul(matmul(matmul(matmul(e, inverse), C), grown), matmul(matmul(C.t(), inverse.t()), e));
    const auto first = 4.0 * matmul(matmul(start.t(), diag(1.0 / a.S)), start);
    const auto outer = matmul(outside.t(), outside);
    return first + matmul(one - diag(exp(-2.0 * t * s)), inverse_s) + second + factor * t * outer +
           last * matmul(outer, inverse_s);
  };
  const auto exact = BalancedDynamics(p.W1, p.W2, p.Sigma).qqt({t}).select(0, 0);
  const auto error = [&](const Tensor& M) {
    return relative_distance(matmul(matmul(Z, linalg::inv(M)), Z.t()), exact);
  };
  EXPECT_LE(error(middle(2, 4, 0)), 1e-11);
  EXPECT_GE(error(middle(1, 4, 0)), 0.005);  // e^(-S t) where e^(-2 S t) belongs
  EXPECT_GE(error(middle(2, 1, 0)), 0.01);   // t / tau where 4 t / tau belongs
  EXPECT_GE(error(middle(2, 4, 4)), 0.01);   // the last line
}

TEST(Errata, ChangeOfTheKernelHasTwoTermsOfOneOrder) {
  const double lambda = 1000;
  const auto p = balanced_problem(3, 3, 3, lambda, 5);
  Generator generator(1);
  const auto X = whiten(randn({8, 3}, generator));
  const BalancedDynamics flow(p.W1, p.W2, p.Sigma);
  const std::vector<double> times = {0.0, 1 / lambda};
  const auto kernels = flow.ntk(times, X), products = flow.product(times);
  const auto change = kernels.select(0, 1) - kernels.select(0, 0);
  const auto inputs = matmul(products.t(), products), outputs = matmul(products, products.t());
  const auto input = (inputs.select(0, 1) - inputs.select(0, 0)) / lambda;
  const auto output = (outputs.select(0, 1) - outputs.select(0, 0)) / lambda;
  EXPECT_LE(relative_distance(tangent_kernel(input, output, X), change), 1e-3);
  EXPECT_GE(relative_distance(tangent_kernel(input, zeros({3, 3}), X), change), 0.3);  // (4.18)
}

TEST(Errata, ShallowRepresentationsAndTheirKernel) {
  const auto Sigma = balanced_problem(3, 3, 4, 0.0, 1).Sigma;
  const auto [U, S, Vt] = linalg::svd(Sigma);
  EXPECT_LE(relative_distance(matmul(Vt.t() * square(S), Vt), matmul(Sigma.t(), Sigma)), 1e-14);
  EXPECT_GE(relative_distance(matmul(Vt.t() * S, Vt), matmul(Sigma.t(), Sigma)), 0.1);  // (4.20)
  Generator generator(2);
  const auto X = randn({5, 3}, generator);
  nn::Linear network(3, 4, {.bias = false});
  const auto before = ntk(network, X);
  const NoGrad guard;
  network.weight.copy_(Sigma);
  const GradMode on(true);
  EXPECT_LE(relative_distance(ntk(network, X), before), 1e-15);  // "its NTK will change": it is constant
}

// (4.9), (4.10): sqrt(1 + x^2) = 1 + x^2 / 2; and (4.13), whose limit for lambda -> -infinity is -lambda alone.
TEST(Errata, ExpansionsForLargeLambda) {
  const double s = 0.7, lambda = 1e3;
  const auto [input, output] = mode_strengths(s, lambda);
  EXPECT_NEAR(output * output, lambda + s * s / lambda, 1e-9);
  EXPECT_NEAR(input * input, s * s / lambda, 1e-9);
  const auto other = mode_strengths(s, -lambda);
  EXPECT_NEAR(other.input * other.input / lambda, 1.0, 1e-6);
}

TEST(Errata, RateOfForgetting) {
  const auto file = testing::golden("balanced_ntk.json");
  const auto W1 = testing::golden_tensor(file["W1"]), W2 = testing::golden_tensor(file["W2"]);
  const auto one = testing::golden_tensor(file["Sigma1"]), two = testing::golden_tensor(file["Sigma2"]);
  const auto w = matmul(W2, W1);
  const auto rate = matmul(two - w, matmul(W1.t(), W1)) + matmul(matmul(W2, W2.t()), two - w);
  const double right = trace(matmul(rate, (w - one).t())).item();
  EXPECT_NEAR(right, file["rate_loss1_while_training_task2_tau1"], 1e-9);
  // (4.36) closes its parenthesis before Sigma', which has another shape; the trace of what is inside is another
  // number.
  const double printed = trace(matmul(rate, w.t())).item();
  EXPECT_GE(std::abs(printed / right - 1), 0.02);
}

TEST(Errata, LossOfATask) {
  const auto file = testing::golden("balanced_ntk.json");
  const auto X = testing::golden_tensor(file["X"]), Y = testing::golden_tensor(file["Y"]);
  const auto w = matmul(testing::golden_tensor(file["W2"]), testing::golden_tensor(file["W1"]));
  const double P = static_cast<double>(X.size(1)), direct = 0.5 * square(matmul(w, X) - Y).sum().item() / P;
  const double shared = 0.5 * square(w).sum().item() - (w * matmul(Y, X.t()) / P).sum().item();
  EXPECT_NEAR(shared + square(Y).sum().item() / (2 * P), direct, 1e-12 * direct);
  EXPECT_GE(std::abs(shared + square(Y).sum().item() / P - direct), 0.1);  // (4.40): 1 / P for 1 / (2 P)
}

TEST(Errata, TheNearestMultipleOfTheIdentity) {
  Generator generator(4);
  const auto W1 = randn({4, 3}, generator), W2 = randn({5, 4}, generator);
  const auto [lambda, distance] = balancedness(W1, W2);
  const auto b = matmul(W2.t(), W2) - matmul(W1, W1.t());
  const auto from = [&](double value) { return linalg::norm(b - value * eye(4)).item(); };
  EXPECT_LT(from(lambda.item()), from(lambda.item() + 1e-3));
  EXPECT_LT(from(lambda.item()), from(lambda.item() - 1e-3));
  EXPECT_GT(from(trace(b).item()), 1.1 * distance.item());  // theorem 4.5.1 states the trace itself
}

// Section 4.3 speaks of |lambda| / 2: the loss falls as exp(-2 |lambda| t), the distance as exp(-|lambda| t).
TEST(Errata, RateOfLearningForLargeLambda) {
  const double lambda = 200;
  const auto p = balanced_problem(3, 3, 3, lambda, 6);
  const auto losses = BalancedDynamics(p.W1, p.W2, p.Sigma).loss({2 / lambda, 4 / lambda});
  const double rate = std::log((losses.select(0, 0) / losses.select(0, 1)).item()) / (2 * 2 / lambda);
  EXPECT_NEAR(rate / lambda, 1.0, 0.01);
}

TEST(Errata, LimitsOfTheGlorotColumn) {
  const auto mean = [](double k, double r) {
    const double n = 1e6;
    return random_balance(
               {static_cast<std::int64_t>(n), static_cast<std::int64_t>(k * n), static_cast<std::int64_t>(r * n)},
               RandomInit::Glorot)
        .mean;
  };
  EXPECT_NEAR(mean(3.0, 3.0), 2.0 / 4, 1e-6);    // r = k: (k - 1) / (k + 1), printed 0
  EXPECT_NEAR(mean(3.0, 1e-6), -2.0 / 4, 1e-5);  // r -> 0: -2 / (k + 1), printed 2
  EXPECT_NEAR(mean(3.0, 1e6), 6.0 / 4, 1e-5);    // r -> infinity: 2 k / (k + 1), printed 2
  EXPECT_NEAR(mean(1e-6, 3.0), 0.0, 1e-5);       // k -> 0: 0, printed -2 / (k + 1)
  EXPECT_GT(mean(0.5, 4.0), mean(0.1, 4.0));     // "a larger k lowers lambda"
}

// Algorithm 1 and (4.2): the weak side as sqrt((sqrt(lambda^2 + 4 S^2) - lambda) / 2).
TEST(Errata, WeakSideByDifference) {
  const double s = 0.7, lambda = 1e8;
  const auto [input, output] = mode_strengths(s, lambda);
  EXPECT_NEAR(input * output, s, 1e-15);
  EXPECT_GE(std::abs(std::sqrt((std::sqrt(lambda * lambda + 4 * s * s) - lambda) / 2) * output - s), 0.1 * s);
}

}  // namespace
}  // namespace sigmagrad::theory
