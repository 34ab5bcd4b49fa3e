// SPDX-License-Identifier: BSD-3-Clause
#include <cmath>

#include <sigmagrad/experiments/norms/attention.hpp>
#include <sigmagrad/experiments/norms/inequality_tables.hpp>

namespace sigmagrad::experiments::norms {
namespace {

constexpr std::int64_t tokens = 24, width = 24, head = 8;

// p (log n - log p) summed is log n - entropy; rows of P.
double entropy_of(const Tensor& P) {
  const auto n = static_cast<double>(P.size(-1));
  return mean(-(P * log(P + 1e-300)).sum(-1)).item() / std::log(n);
}

// diag(p) - p p' of rows p [rows, n].
Tensor jacobians(const Tensor& p) { return diag_embed(p) - p.unsqueeze(-1) * p.unsqueeze(-2); }

Tensor largest_of_rows(const Tensor& A) { return max(linalg::row_norms(A), -1); }

double largest_change(const Tensor& after, const Tensor& before, const Tensor& size) {
  return max(abs(after - before) / size).item();
}

}  // namespace

std::vector<Inequality> saturation::rows() {
  const std::string source = "paper 003, section 1.3";
  const auto lengths = [](const Case& c) { return largest_of_rows(c.A) * largest_of_rows(c.B.t()); };
  const auto below_spectral = [](const Case& c) { return linalg::norm(c.A, 2) * linalg::norm(c.B, 2); };
  return {{.name = "logits",
           .claim = "No logit q'k is above ||Q||_2 ||K||_2",
           .source = source,
           .left = [](const Case& c) { return linalg::norm(matmul(c.A, c.B), linalg::Max); },
           .right = below_spectral,
           .beside = Beside::Factor,
           .tight = "one query and one key carry all of Q and K"},
          {.name = "weights",
           .claim = "Bounded queries and keys bound attention: log(n p) <= 2 (1 - 1/n) max ||q|| max ||k||",
           .source = source,
           .left =
               [](const Case& c) {
                 const auto logits = matmul(c.A, c.B);
                 const auto above = max(logits, -1) - logsumexp(logits, -1);
                 return max(above, -1) + std::log(static_cast<double>(logits.size(-1)));
               },
           .right = lengths,
           .constant = [](double m, double) { return 2.0 * (1.0 - 1.0 / m); },
           .beside = Beside::Factor,
           .shapes = {{2, 2}, {3, 5}, {5, 3}, {8, 8}, {16, 10}, {10, 16}},
           .rounding = 1e-7,
           .reached = 0.97,
           .tight = "all keys but one are that one with the other sign, and short"},
          {.name = "jacobian",
           .claim = "The Jacobian of the softmax has at most the norm 1/2",
           .source = source,
           .left = [](const Case& c) { return max(linalg::norm(jacobians(softmax(c.A, -1)), 2), -1); },
           .right = [](const Case& c) { return full({c.A.size(0)}, 0.5); },
           .shapes = {{2, 2}, {2, 5}, {3, 16}},
           .rows = 2,
           .columns = 4,
           .tight = "two weights of a row are 1/2"}};
}

void saturation::check(Trial& t) {
  const auto g = t.generator();
  const auto X = randn({tokens, width}, *g);
  const auto Wq = randn({width, head}, *g), Wk = randn({width, head}, *g);
  const double now = linalg::norm(matmul(Wq, Wk.t()), 2).item();
  for (const double size : sizes) {
    const auto P = softmax(attention_logits(X, size / now * Wq, Wk), -1);
    t.record(entropy, size, entropy_of(P));
    t.record(slope, size, mean(linalg::norm(jacobians(P), 2)).item());
  }
  // Tokens in one half of the coordinates, weights that read the other.
  const auto first_half = arange(static_cast<double>(width)) < 0.5 * static_cast<double>(width);
  const auto unseen = (1.0 - first_half).unsqueeze(-1) * Wq;
  const double largest = sizes.back() / linalg::norm(matmul(unseen, Wk.t()), 2).item();
  t.record(apart, entropy_of(softmax(attention_logits(X * first_half, largest * unseen, Wk), -1)));
}

void coordinates::check(Trial& t) {
  const auto g = t.generator();
  constexpr std::int64_t cases = 36;
  const auto X = randn({tokens, width}, *g);
  const auto Wq = random_matrices(cases, width, head, *g);
  const auto Wk = random_matrices(cases, width, head, *g).index_select(0, randperm(cases, *g));
  const auto R = random_orthonormal(head, head, *g), M = of_condition(head, 10.0, *g);
  const auto size = [](const Tensor& A) { return linalg::norm(A, 2); };
  const auto scale = (size(matmul(X, Wq)) * size(matmul(X, Wk))).unsqueeze(-1).unsqueeze(-1);
  const auto before = attention_logits(X, Wq, Wk);
  t.record(logits, largest_change(attention_logits(X, matmul(Wq, R), matmul(Wk, R)), before, scale));
  t.record(invariant, largest_change(invariant_norms(matmul(Wq, R)), invariant_norms(Wq), invariant_norms(Wq)));
  const auto entry = [](const Tensor& A) { return linalg::norm(A, linalg::Max); };
  t.record(entrywise, median(abs(entry(matmul(Wq, R)) / entry(Wq) - 1.0)).item());
  const auto sheared_keys = matmul(Wk, linalg::inv(M).t());
  t.record(sheared, largest_change(attention_logits(X, matmul(Wq, M), sheared_keys), before, scale));
  const auto nuclear = [](const Tensor& A) { return linalg::norm(A, linalg::Nuclear); };
  t.record(norms_sheared, median(abs(nuclear(matmul(Wq, M)) / nuclear(Wq) - 1.0)).item());
}

}  // namespace sigmagrad::experiments::norms
