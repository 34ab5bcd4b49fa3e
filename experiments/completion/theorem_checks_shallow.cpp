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

Metrics check_column(const Trial& trial) {
  const auto g = trial.generator();
  const double scale = log_uniform(*g, 0.01, 1.0);
  const auto A = scale * randn({2, 2}, *g), B = scale * randn({2, 2}, *g), target = randn({2, 2}, *g);
  const Completion task{target, tensor({{1, 0}, {1, 0}})};
  const optim::GradientFlowOptions options{.rtol = 1e-9, .loss_below = 1e-16, .max_steps = 4000};
  Metrics metrics;
  const auto column = [](const Tensor& matrix) { return matrix.t().select(0, 0); };
  const Pair generic(A, B);
  if (has_fitted(follow_flow(generic.model, task, options)))
    metrics.add("alignment", max(theory::misalignment(generic.A(), column(generic.B())) /
                                 theory::misalignment_bound(A, column(B), column(target)))
                                 .item());
  const Pair half(zeros({2, 2}), B);
  Largest ratio;
  auto short_run = options;
  short_run.t_end = 10.0;
  watch(half.model, task, short_run, {0.1, 1.0}, [&](double) { ratio.see(second_over_first(half.model.product())); });
  const Pair nothing(zeros({2, 2}), zeros({2, 2}));
  short_run.t_end = 1.0;
  follow_flow(nothing.model, task, short_run);
  metrics.add("half_zero", ratio.value());
  return metrics.add("all_zero", largest_entry(nothing.model.product().detach()));
}

Metrics check_disconnected(const Trial& trial) {
  const auto g = trial.generator();
  const std::int64_t d = integer(*g, 2, 5);
  const auto columns = randperm(d, *g), shown = bernoulli(full({d}, 0.8), *g);
  const auto observed = (columns.unsqueeze(-1) == arange(static_cast<double>(d))) * shown.unsqueeze(-1);
  const auto target = randn({d, d}, *g);
  const double scale = log_uniform(*g, 0.1, 1.0);
  const auto A = scale * randn({d, d}, *g), B = scale * randn({d, d}, *g);
  const Pair pair(A, B);
  const auto flow = follow_flow(pair.model, {target, observed}, {.rtol = 1e-10, .loss_below = 1e-18});
  if (!has_fitted(flow)) return {};
  const auto limit = theory::disconnected_limit(A, B, target, observed);
  return {{"closed_form", std::max(relative_error(pair.A(), limit.A), relative_error(pair.B(), limit.B))}};
}

// Two rectangles, random inside, that meet in no row and no column; rows and columns in random order do not matter.
Metrics check_rectangles(const Trial& trial) {
  const auto g = trial.generator();
  const std::int64_t d = 4, rows = integer(*g, 1, 3), columns = integer(*g, 1, 3);
  const auto i = arange(d) < static_cast<double>(rows), j = arange(d) < static_cast<double>(columns);
  const auto observed = i.unsqueeze(-1) == j;
  const auto target = randn({d, d}, *g), A = randn({d, d}, *g), B = randn({d, d}, *g);
  const double least = linalg::norm(observed * target, linalg::Nuclear).item();
  Metrics metrics;
  for (const auto& [name, scale] : {std::pair{"nuclear_1e-1", 1e-1}, {"nuclear_1e-3", 1e-3}, {"nuclear_1e-6", 1e-6}}) {
    const Pair pair(scale * A, scale * B);
    const auto flow = follow_flow(pair.model, {target, observed}, {.loss_below = 1e-16, .max_steps = 3000});
    if (has_fitted(flow))
      metrics.add(name, std::abs(linalg::norm(pair.model.product().detach(), linalg::Nuclear).item() / least - 1.0));
  }
  return metrics;
}

// The lemmas on the way to Theorem 4.2, at one time.
struct WarmLemmas {
  Largest symmetry, diagonal, shown, hidden, positive, determinant, gram;

  void see(const Tensor& A, const Tensor& B, double w, double w12) {
    const auto a = A.data<double>(), b = B.data<double>();
    for (const auto& [i, j] : {std::pair{0, 3}, {1, 1}, {2, 2}, {3, 0}})
      symmetry.see(std::abs(a[static_cast<std::size_t>(i)] - b[static_cast<std::size_t>(j)]) / std::sqrt(w));
    const auto W = matmul(A, B);
    const double det = entry(W, 0, 0) * entry(W, 1, 1) - entry(W, 0, 1) * entry(W, 1, 0);
    const double det_b = b[0] * b[3] - b[1] * b[2];
    diagonal.see(w / std::min(entry(W, 0, 0), entry(W, 1, 1)));
    shown.see(entry(W, 0, 1) / w12);
    hidden.see(entry(W, 1, 0) / w);
    positive.see(-std::min({a[0], a[3], a[1], a[0] * a[2] + a[1] * a[3]}));
    determinant.see(w * w / det);
    gram.see(w / std::min(a[0] * a[0] + a[1] * a[1], det_b * det_b / (a[2] * a[2] + a[3] * a[3])));
  }

  void add_to(Metrics& metrics) const {
    metrics.add("symmetry", symmetry.value())
        .add("diagonal", diagonal.value())
        .add("shown_entry", shown.value())
        .add("hidden_entry", hidden.value())
        .add("positive", positive.value())
        .add("determinant", determinant.value())
        .add("gram", gram.value());
  }
};

Metrics check_warm(const Trial& trial) {
  const auto g = trial.generator();
  const double w = log_uniform(*g, 0.3, 3.0), w12 = w * log_uniform(*g, 0.01, 10.0);
  const auto bounds = theory::warm_start_bounds(w, w12);
  const Pair pair(std::sqrt(w) * eye(2), std::sqrt(w) * eye(2));
  const Completion task{tensor({{w, w12}, {0.0, w}}), tensor({{1, 1}, {0, 1}})};
  std::vector<double> times{0.1, 0.3, 1.0, 2.0, 4.0};
  for (double& time : times) time /= w;
  Largest loss;
  WarmLemmas lemmas;
  const auto look = [&](double time) {
    if (time <= times.back()) loss.see(task.loss(pair.model.product()).item() / bounds.loss(time));
    lemmas.see(pair.A(), pair.B(), w, w12);
  };
  watch(pair.model, task, {.t_end = 40.0 / w, .rtol = 1e-10}, times, look);
  const auto W = pair.model.product().detach(), sigma = linalg::svdvals(W);
  Metrics metrics{{"loss", loss.value()},
                  {"rank", bounds.stable_rank / linalg::stable_rank(W).item()},
                  {"sigma_1", sigma.data<double>()[0] / bounds.sigma_1},
                  {"sigma_2", bounds.sigma_2 / sigma.data<double>()[1]}};
  lemmas.add_to(metrics);
  return metrics;
}

}  // namespace

Setup column_setup() {
  return {"column",
          check_column,
          {{"alignment", "Rows align with the column, up to the start's size", "Theorem 3.1", not_above},
           {"half_zero", "From A = 0 the product has rank one at all times", "section 3.1", 1e-6},
           {"all_zero", "Factors of zeros stay zero", "closed form", 0.0}}};
}

Setup disconnected_setup() {
  return {"disconnected",
          check_disconnected,
          {{"closed_form", "Disconnected entries: both factors end at the closed form", "Proposition E.1", 1e-6}}};
}

Setup rectangles_setup() {
  return {"rectangles",
          check_rectangles,
          {{"nuclear_1e-6", "Complete rectangles end at least nuclear norm as the start vanishes (scale 1e-6)",
            "section 1, after Bai et al. 2024", 1e-6}}};
}

Setup warm_setup() {
  const std::string theorem = "Theorem 4.2";
  return {"warm",
          check_warm,
          {{"loss", "The loss of a warm start decays at rate 2 w", theorem, not_above},
           {"rank", "Its stable rank stays above 1 + exp(-8 w12/w)", theorem, not_above},
           {"sigma_1", "Its largest singular value stays below w exp(2 w12/w)", "Lemma E.8", not_above},
           {"sigma_2", "Its smallest singular value stays above w exp(-2 w12/w)", "Lemma E.8", not_above},
           {"symmetry", "A and B stay each other's mirror image", "Lemma E.2", 1e-8},
           {"positive", "a11, a22, a12 and a11 a21 + a12 a22 stay at least 0", "Lemmas E.3 and E.4", 1e-12},
           {"diagonal", "w11 and w22 stay at least w", "Lemma E.5", not_above},
           {"shown_entry", "w12 stays at most its target", "Lemma E.5", not_above},
           {"hidden_entry", "w21 stays at most 0", "Lemma E.5", 1e-12},
           {"determinant", "det W stays at least w^2", "Lemma E.6", not_above},
           {"gram", "a11^2 + a12^2 and det(B)^2 / (a21^2 + a22^2) stay at least w", "Lemma E.7", not_above}}};
}

}  // namespace sigmagrad::experiments::completion
