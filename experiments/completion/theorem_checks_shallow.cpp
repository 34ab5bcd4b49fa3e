// SPDX-License-Identifier: BSD-3-Clause
// Checks at depth 2: one column, disconnected entries, complete rectangles, and the warm start of Theorem 4.2.
#include <algorithm>
#include <cmath>

#include <sigmagrad/experiments/completion/theorem_checks.hpp>
#include <sigmagrad/sigmagrad.hpp>

namespace sigmagrad::experiments::completion {

namespace {

// Factors A B as a model, and its current A and B.
struct Pair {
  Factorization model;
  Pair(const Tensor& A, const Tensor& B) : model({B, A}) {}
  Tensor A() const { return model.factors()[1].detach(); }
  Tensor B() const { return model.factors()[0].detach(); }
};

double second_over_first(const Tensor& product) {
  const auto sigma = linalg::svdvals(product);
  return sigma.data<double>()[1] / sigma.data<double>()[0];
}

}  // namespace

void column::check(Trial& t) {
  const auto g = t.generator();
  const double scale = log_uniform(*g, 0.01, 1.0);
  const auto A = scale * randn({2, 2}, *g), B = scale * randn({2, 2}, *g), target = randn({2, 2}, *g);
  const Completion task{target, tensor({{1, 0}, {1, 0}})};
  const optim::GradientFlowOptions options{.rtol = 1e-9, .loss_below = 1e-16, .max_steps = 4000};
  const auto first = [](const Tensor& matrix) { return matrix.t().select(0, 0); };
  const Pair generic(A, B);
  if (has_fitted(follow_flow(generic.model, task, options)))
    t.record(alignment, max(theory::misalignment(generic.A(), first(generic.B())) /
                            theory::misalignment_bound(A, first(B), first(target)))
                            .item());
  const Pair half(zeros({2, 2}), B);
  Largest ratio;
  auto short_run = options;
  short_run.t_end = 10.0;
  watch(half.model, task, short_run, {0.1, 1.0},
        [&](double) { ratio.see(half_zero, second_over_first(half.model.product())); });
  ratio.record(t);
}

void disconnected::check(Trial& t) {
  const auto g = t.generator();
  const std::int64_t d = integer(*g, 2, 5);
  const auto columns = randperm(d, *g), shown = bernoulli(full({d}, 0.8), *g);
  const auto observed = (columns.unsqueeze(-1) == arange(static_cast<double>(d))) * shown.unsqueeze(-1);
  const auto target = randn({d, d}, *g);
  const double scale = log_uniform(*g, 0.1, 1.0);
  const auto A = scale * randn({d, d}, *g), B = scale * randn({d, d}, *g);
  const Pair pair(A, B);
  const auto flow = follow_flow(pair.model, {target, observed}, {.rtol = 1e-10, .loss_below = 1e-18});
  if (!has_fitted(flow)) return;
  const auto limit = theory::disconnected_limit(A, B, target, observed);
  t.record(closed_form, std::max(relative_error(pair.A(), limit.A), relative_error(pair.B(), limit.B)));
}

// Two rectangles, random inside, that meet in no row and no column; rows and columns in random order do not matter.
void rectangles::check(Trial& t) {
  const auto g = t.generator();
  const std::int64_t d = 4, rows = integer(*g, 1, 3), columns = integer(*g, 1, 3);
  const auto i = arange(d) < static_cast<double>(rows), j = arange(d) < static_cast<double>(columns);
  const auto observed = i.unsqueeze(-1) == j;
  const auto target = randn({d, d}, *g), A = randn({d, d}, *g), B = randn({d, d}, *g);
  const double least = linalg::norm(observed * target, linalg::Nuclear).item();
  for (const auto& [excess, scale] :
       {std::pair<Quantity, double>{nuclear_1, 1e-1}, {nuclear_3, 1e-3}, {nuclear_6, 1e-6}}) {
    const Pair pair(scale * A, scale * B);
    const auto flow = follow_flow(pair.model, {target, observed}, {.loss_below = 1e-16, .max_steps = 3000});
    if (has_fitted(flow))
      t.record(excess, std::abs(linalg::norm(pair.model.product().detach(), linalg::Nuclear).item() / least - 1.0));
  }
}

namespace warm {
namespace {

// The lemmas on the way to Theorem 4.2, at one time.
void see_lemmas(const Tensor& A, const Tensor& B, double w, double w12, Largest& worst) {
  const auto a = A.data<double>(), b = B.data<double>();
  for (const auto& [i, j] : {std::pair{0, 3}, {1, 1}, {2, 2}, {3, 0}})
    worst.see(symmetry, std::abs(a[static_cast<std::size_t>(i)] - b[static_cast<std::size_t>(j)]) / std::sqrt(w));
  const auto W = matmul(A, B);
  const double det = entry(W, 0, 0) * entry(W, 1, 1) - entry(W, 0, 1) * entry(W, 1, 0);
  const double det_b = b[0] * b[3] - b[1] * b[2];
  worst.see(diagonal, w / std::min(entry(W, 0, 0), entry(W, 1, 1)));
  worst.see(shown_entry, entry(W, 0, 1) / w12);
  worst.see(hidden_entry, entry(W, 1, 0) / w);
  worst.see(positive, -std::min({a[0], a[3], a[1], a[0] * a[2] + a[1] * a[3]}));
  worst.see(determinant, w * w / det);
  worst.see(gram, w / std::min(a[0] * a[0] + a[1] * a[1], det_b * det_b / (a[2] * a[2] + a[3] * a[3])));
}

}  // namespace

void check(Trial& t) {
  const auto g = t.generator();
  const double w = log_uniform(*g, 0.3, 3.0), w12 = w * log_uniform(*g, 0.01, 10.0);
  const auto bounds = theory::warm_start_bounds(w, w12);
  const Pair pair(std::sqrt(w) * eye(2), std::sqrt(w) * eye(2));
  const Completion task{tensor({{w, w12}, {0.0, w}}), tensor({{1, 1}, {0, 1}})};
  std::vector<double> times{0.1, 0.3, 1.0, 2.0, 4.0};
  for (double& time : times) time /= w;
  Largest worst;
  const auto look = [&](double time) {
    if (time <= times.back()) worst.see(loss, task.loss(pair.model.product()).item() / bounds.loss(time));
    see_lemmas(pair.A(), pair.B(), w, w12, worst);
  };
  watch(pair.model, task, {.t_end = 40.0 / w, .rtol = 1e-10}, times, look);
  worst.record(t);
  const auto W = pair.model.product().detach(), sigma = linalg::svdvals(W);
  t.record(rank, bounds.stable_rank / linalg::stable_rank(W).item());
  t.record(sigma_1, sigma.data<double>()[0] / bounds.sigma_1);
  t.record(sigma_2, bounds.sigma_2 / sigma.data<double>()[1]);
}

}  // namespace warm

}  // namespace sigmagrad::experiments::completion
