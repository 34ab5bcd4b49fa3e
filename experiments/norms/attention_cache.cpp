// SPDX-License-Identifier: BSD-3-Clause
#include <cmath>

#include <sigmagrad/experiments/norms/attention.hpp>
#include <sigmagrad/experiments/norms/descend.hpp>

namespace sigmagrad::experiments::norms {
namespace {

double relative(const Tensor& x, const Tensor& exact) { return (linalg::norm(x - exact) / linalg::norm(exact)).item(); }

}  // namespace

namespace cache {
namespace {

constexpr std::int64_t tokens = 64, width = 32;

// What attention makes of a cache [K V] of all tokens.
Tensor output(const Tensor& Q, const Tensor& KV) {
  const auto K = KV.narrow(-1, 0, width), V = KV.narrow(-1, width, width);
  return matmul(softmax(matmul(Q, K.t()) / std::sqrt(static_cast<double>(width)), -1), V);
}

// X D U with maps down to the rank and up again that gradient descent finds.
Tensor learned_cache(const Tensor& X, const Tensor& KV, std::int64_t rank, Generator& g) {
  const auto D = (0.2 * randn({width, rank}, g)).requires_grad_(),
             U = (0.2 * randn({rank, 2 * width}, g)).requires_grad_();
  const auto made = [&] { return matmul(matmul(X, D), U); };
  descend({D, U}, 0.05, 2000, [&] { return square(made() - KV).mean(); });
  const NoGrad guard;
  return made();
}

}  // namespace

void check(Trial& t) {
  const auto g = t.generator();
  // Tokens that fill some directions more than others, as embeddings do.
  const auto X = matmul(randn({tokens, width}, *g) * logspace(0.5, -1.0, width), random_orthonormal(width, width, *g));
  const auto W = randn({width, 2 * width}, *g) / std::sqrt(static_cast<double>(width));
  const auto KV = matmul(X, W), Q = matmul(X, randn({width, width}, *g)) / std::sqrt(static_cast<double>(width));
  const auto exact = output(Q, KV);
  for (const std::int64_t rank : ranks) {
    const auto place = static_cast<double>(rank);
    const auto truncated = linalg::low_rank_approximation(KV, rank);
    const auto from_weights = matmul(X, linalg::low_rank_approximation(W, rank));
    t.record(least, place, relative(truncated, KV));
    t.record(by_weights, place, relative(from_weights, KV));
    t.record(learned, place, relative(learned_cache(X, KV, rank, *g), KV));
    t.record(of_cache, place, relative(output(Q, truncated), exact));
    t.record(of_weights, place, relative(output(Q, from_weights), exact));
  }
}

}  // namespace cache

namespace attention_rank {
namespace {

constexpr std::int64_t tokens = 16, part = 12, width = 3 * part, sequences = 16, steps = 600;

// Tokens of three parts: a key, the key of another token, which is its query, and a value.
struct Task {
  Tensor X, looked_up, average;  // [sequences, tokens, ...]
};
Task draw_task(Generator& g) {
  const auto keys = randn({sequences, tokens, part}, g), values = randn({sequences, tokens, part}, g);
  const auto order = randperm(tokens, g);
  const auto queries = keys.index_select(1, order);
  return {cat({keys, queries, values}, -1), values.index_select(1, order),
          mean(values, 1, true).expand(values.shape())};
}

struct Head {
  std::vector<Tensor> weights;
  explicit Head(Generator& g) {
    for (int i = 0; i < 3; ++i)
      weights.push_back((randn({width, part}, g) / std::sqrt(static_cast<double>(width))).requires_grad_());
  }
  Tensor attention(const Tensor& X) const { return softmax(attention_logits(X, weights[0], weights[1]), -1); }
  Tensor operator()(const Tensor& X) const { return matmul(attention(X), matmul(X, weights[2])); }
};

double nuclear_part(const Tensor& A) {
  const auto ratio = linalg::norm(A, linalg::Nuclear) / linalg::norm(A);
  return mean(ratio).item() / std::sqrt(static_cast<double>(A.size(-1)));
}

// Trains on fresh sequences; the loss of others, over the size of what is to be found.
double train(const Head& head, Tensor Task::*target, Generator& g) {
  descend(head.weights, 0.03, steps, [&] {
    const auto task = draw_task(g);
    return mse_loss(head(task.X), task.*target);
  });
  const NoGrad guard;
  const auto task = draw_task(g);
  return (mse_loss(head(task.X), task.*target) / square(task.*target).mean()).item();
}

}  // namespace

void check(Trial& t) {
  const auto g = t.generator();
  constexpr std::int64_t many = 32, narrow = 4;
  const auto X = randn({many, many}, *g);
  const auto weight = [&] { return randn({many, narrow}, *g) / std::sqrt(static_cast<double>(narrow)); };
  const auto logits = attention_logits(X, weight(), weight()) / 4.0;
  const auto s = linalg::svdvals(logits);
  t.record(beyond, (s[narrow] / s[0]).item());
  t.record(softmax_rank, linalg::rank_above(softmax(logits, -1), 1e-10) / static_cast<double>(many));
  t.record(logits_ratio, nuclear_part(logits));
  const Head head(*g), averages(*g), looks_up(*g);
  const auto fresh = draw_task(*g).X;
  train(averages, &Task::average, *g);
  t.record(lookup_loss, train(looks_up, &Task::looked_up, *g));
  const NoGrad guard;
  t.record(untrained, nuclear_part(head.attention(fresh)));
  t.record(averaging, nuclear_part(averages.attention(fresh)));
  t.record(lookup, nuclear_part(looks_up.attention(fresh)));
}

}  // namespace attention_rank

}  // namespace sigmagrad::experiments::norms
