// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>

#include <sigmagrad/experiments/norms/descend.hpp>
#include <sigmagrad/experiments/norms/inequality_tables.hpp>
#include <sigmagrad/experiments/norms/lowrank.hpp>

namespace sigmagrad::experiments::norms {
namespace {

constexpr double rounding_of_A = 1e-13;  // of A's own norm
// Functions, for tables are made while the program starts.
Sizes approximated() { return {{2, 2}, {3, 5}, {5, 3}, {8, 8}, {16, 10}, {10, 16}}; }

std::int64_t half_rank(const Tensor& A) { return std::min(A.size(-2), A.size(-1)) / 2; }
Tensor truncated(const Tensor& A) { return linalg::low_rank_approximation(A, half_rank(A)); }
Tensor as_factor(const Tensor& numbers) { return numbers.unsqueeze(-1).unsqueeze(-1); }

// A random matrix of low rank, of the best size.
Tensor unrelated(const Case& c) {
  const auto X = truncated(c.B);
  return as_factor(linalg::inner_product(c.A, X) / linalg::inner_product(X, X)) * X;
}
// The truncation of A with an error of a tenth of its size.
Tensor close(const Case& c) { return truncated(c.A + as_factor(0.1 * linalg::norm(c.A) / linalg::norm(c.B)) * c.B); }
// A projected on what it makes of a few random vectors, as a randomised decomposition does.
Tensor sketched(const Case& c) {
  const auto Q = linalg::qr(matmul(c.A, c.B.narrow(-1, 0, half_rank(c.A)))).Q;
  return matmul(Q, matmul(Q.t(), c.A));
}

Inequality against(const std::string& name, const std::string& what, Tensor (*competitor)(const Case&), Beside beside) {
  return {.name = name,
          .claim = "In every unitarily invariant norm the truncation is at least as close as " + what,
          .source = "paper 003, section 6.4",
          .left = [](const Case& c) { return invariant_norms(c.A - truncated(c.A)); },
          .right =
              [competitor](const Case& c) {
                return invariant_norms(c.A - competitor(c)) + rounding_of_A * invariant_norms(c.A);
              },
          .beside = beside,
          .shapes = approximated(),
          .tight = "the competitor is the truncation, or shares its error in that norm"};
}

// Errors are exact at the size of A; relative to an error of 1e-12 they cannot be.
Inequality error_is(const std::string& name, const std::string& text, linalg::NormKind kind,
                    Tensor (*of_rest)(const Tensor& s)) {
  return {.name = name,
          .claim = "The best approximation of rank k has the error " + text,
          .source = "paper 003, sections 1.1 and 3.4",
          .left = [kind](const Case& c) { return linalg::norm(c.A, kind) + linalg::norm(c.A - truncated(c.A), kind); },
          .right =
              [kind, of_rest](const Case& c) {
                const auto s = linalg::svdvals(c.A);
                const auto k = half_rank(c.A);
                return linalg::norm(c.A, kind) + of_rest(s.narrow(-1, k, s.size(-1) - k));
              },
          .shapes = approximated(),
          .equality = true,
          .rounding = rounding_of_A,
          .tight = "errors are compared at the size of A"};
}

struct Norm {
  std::string name;
  Tensor (*of)(const Tensor& A);
};
std::vector<Norm> five_norms() {
  return {{"nuclear", [](const Tensor& A) { return linalg::norm(A, linalg::Nuclear); }},
          {"Frob.", [](const Tensor& A) { return linalg::norm(A); }},
          {"Schatten 4", [](const Tensor& A) { return linalg::schatten_norm(A, 4.0); }},
          {"Ky Fan 2", [](const Tensor& A) { return linalg::ky_fan_norm(A, 2); }},
          {"spectral", [](const Tensor& A) { return linalg::norm(A, 2); }}};
}

}  // namespace

std::vector<Inequality> approximation_rows() {
  return {
      error_is("error-spectral", "s_(k+1) in the spectral norm", 2, [](const Tensor& s) { return s.select(-1, 0); }),
      error_is("error-frobenius", "sqrt(s_(k+1)^2 + ... + s_n^2) in the Frobenius norm", linalg::Fro,
               [](const Tensor& s) { return sqrt(square(s).sum(-1)); }),
      against("any", "another matrix of that rank", unrelated, Beside::Alike),
      against("near", "the truncation of a matrix close by", close, Beside::Alike),
      against("sketch", "a projection on a random sketch of the columns", sketched, Beside::Factor)};
}

namespace competitors {

std::vector<std::string> norms() {
  std::vector<std::string> names;
  for (const Norm& norm : five_norms()) names.push_back(norm.name);
  return names;
}

Quantity reached(const std::string& kind, const std::string& norm) {
  return {.name = kind + ", " + norm, .label = norm + " norm, truncation over " + kind};
}

void check(Trial& t) {
  const auto g = t.generator();
  constexpr std::int64_t starts = 8, m = 6, n = 5, k = 2, steps = 600;
  const auto A = randn({m, n}, *g), best = linalg::low_rank_approximation(A, k);
  const auto sketch = sketched({A, randn({n, m}, *g)}), near = close({A, randn({m, n}, *g)});
  for (const Norm& norm : five_norms()) {
    const auto error = norm.of(A - best).item();
    const auto record = [&](std::size_t kind, const Tensor& of_competitor) {
      t.record(reached(kinds[kind], norm.name), error / of_competitor.item());
    };
    record(0, norm.of(A - sketch));
    record(1, norm.of(A - near));
    const auto X = randn({starts, m, k}, *g).requires_grad_(), Y = randn({starts, k, n}, *g).requires_grad_();
    const auto errors = [&] { return norm.of(A - matmul(X, Y)); };
    descend({X, Y}, 0.1, steps, [&] { return errors().sum(); });
    const NoGrad guard;
    record(2, min(errors()));
  }
}

}  // namespace competitors

}  // namespace sigmagrad::experiments::norms
