// SPDX-License-Identifier: BSD-3-Clause
// Checks at any depth: block-diagonal observations, gradients of observed entries, balanced factors.
#include <algorithm>
#include <cmath>
#include <limits>

#include <sigmagrad/experiments/completion/theorem_checks.hpp>
#include <sigmagrad/sigmagrad.hpp>

namespace sigmagrad::experiments::completion {

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

theory::BlockCompletion random_problem(Generator& g) {
  const std::int64_t depth = integer(g, 2, 5);
  return {.w = log_uniform(g, 0.3, 3.0),
          .n = integer(g, 2, 4),
          .s = integer(g, 1, 3),
          .depth = depth,
          .m = 1.0 + log_uniform(g, 0.1, 100.0),
          .log_alpha = std::log(log_uniform(g, 1e-4, 3.0)) / static_cast<double>(depth)};
}

Completion block_observations(const theory::BlockCompletion& c) {
  return {full({c.n * c.s, c.n * c.s}, c.w), theory::block_matrix(c.n, c.s, {1.0, 1.0, 0.0})};
}

// What a matrix of the family has on the diagonal, beside it in a block, and outside; b = a where blocks have size 1.
theory::BlockParameters parameters_of(const Tensor& matrix, const theory::BlockCompletion& c) {
  const double a = entry(matrix, 0, 0);
  return {a, c.s > 1 ? entry(matrix, 0, 1) : a, entry(matrix, 0, c.s)};
}

// The flow from start (7) in terms of the eigenvalues of its factors.
class BlockWatch {
 public:
  explicit BlockWatch(const theory::BlockCompletion& c)
      : c_(c), L_(static_cast<double>(c.depth)), start_(theory::completion_flow(c, {0.0}).front()) {
    gamma_ = theory::completion_residual(c, start_);
    const double goal = static_cast<double>(c.s) * c.w;
    slowest_ = gamma_ < 0.0 ? theory::completion_rate(c, start_) : L_ * std::pow(goal, 2.0 - 2.0 / L_);
  }

  void run() {
    const auto start = theory::completion_start(c_.n * c_.s, std::exp(c_.log_alpha), c_.m);
    const Factorization model(std::vector<Tensor>(static_cast<std::size_t>(c_.depth), start));
    const double end = theory::completion_time(c_, 1e-4);
    watch(model, block_observations(c_), {.t_end = end, .rtol = 1e-10}, {0.2 * end, 0.5 * end, 0.8 * end},
          [&](double time) { look(model, time); });
  }

  Largest worst;

 private:
  double invariant(const theory::BlockEigenvalues& l) const {
    return c_.depth == 2 ? l.first / l.second : std::pow(l.second, 2.0 - L_) - std::pow(l.first, 2.0 - L_);
  }

  void look(const Factorization& model, double time) {
    const auto& factor = model.factors().front().detach();
    const auto l = theory::block_eigenvalues(c_.n, c_.s, parameters_of(factor, c_));
    const auto expected = theory::completion_flow(c_, {time}).front();
    worst.see(block_diagonal::eigenvalues, std::abs(l.first / expected.first - 1.0));
    worst.see(block_diagonal::eigenvalues, std::abs(l.second / expected.second - 1.0));
    if (c_.s > 1) worst.see(block_diagonal::eigenvalues, std::abs(l.third / expected.third - 1.0));
    worst.see(block_diagonal::conserved, std::abs(invariant(l) / invariant(start_) - 1.0));
    const double share = theory::completion_residual(c_, l) / gamma_;
    worst.see(block_diagonal::sign, -share);
    worst.see(block_diagonal::decay, std::abs(share) * std::exp(slowest_ * time));
  }

  theory::BlockCompletion c_;
  double L_;
  theory::BlockEigenvalues start_;
  double gamma_, slowest_;
};

// Starts all factors from one matrix M(a, b, c), and sees how far they are from each other and from the family later.
void see_family(const theory::BlockCompletion& c, Generator& g, Largest& worst) {
  const double alpha = std::exp(c.log_alpha);
  const auto start =
      theory::block_matrix(c.n, c.s, {alpha, alpha * uniform(g, -0.5, 0.9), alpha * uniform(g, -0.5, 0.9)});
  const Factorization model(std::vector<Tensor>(static_cast<std::size_t>(c.depth), start));
  watch(model, block_observations(c), {.t_end = 3.0, .rtol = 1e-9}, {0.3, 1.0}, [&](double) {
    const auto common = theory::block_matrix(c.n, c.s, parameters_of(model.factors().front().detach(), c));
    for (const auto& factor : model.factors())
      worst.see(block_diagonal::family, relative_error(factor.detach(), common));
  });
}

// How many neighbours among random points contradict that f1 of (8) falls and f2 of (9) rises (Proposition D.2).
double not_monotone(const theory::BlockCompletion& c, Generator& g) {
  const double d = static_cast<double>(c.n * c.s), total = c.w * d, others = static_cast<double>(c.n - 1);
  const double a = 2.0 / static_cast<double>(c.depth) - 1.0;
  const auto draws = rand({40}, g);
  std::vector<double> points(draws.data<double>().begin(), draws.data<double>().end());
  std::ranges::sort(points);
  const auto f1 = [&](double u) { return std::pow(u * total, a) - std::pow((1.0 - u) * total / others, a); };
  const auto f2 = [&](double u) { return std::pow((1.0 - u) * total, a) - std::pow(u * total / others, a); };
  int wrong = 0;
  for (std::size_t i = 0; i + 1 < points.size(); ++i)
    wrong += !(f1(points[i]) > f1(points[i + 1])) + !(f2(points[i]) < f2(points[i + 1]));
  return wrong;
}

// Sees the factors from one excess of the stable rank to the next, from alpha = 1 down to exp(-8) in steps of e.
void see_rank_growth(theory::BlockCompletion c, Largest& worst) {
  double before = infinity;
  for (int step = 0; step <= 8; ++step) {
    c.log_alpha = -step;
    const double excess = theory::completion_limits(c).stable_rank(c.n) - 1.0;
    if (excess < 1e-12) break;
    worst.see(block_diagonal::rank_growth, excess / before);
    before = excess;
  }
}

// Proposition 3.2 at the start, on the way and at the end: at how many of these times the components are others. From
// the identity no two entries are coupled at first, then those of a block are.
double coupling_errors(Generator& g) {
  auto c = random_problem(g);
  c.m = integer(g, 0, 1) == 0 ? infinity : 1.0 + log_uniform(g, 0.1, 1e4);
  const auto start = theory::completion_start(c.n * c.s, std::exp(c.log_alpha), c.m);
  const Factorization model(std::vector<Tensor>(static_cast<std::size_t>(c.depth), start));
  const auto task = block_observations(c);
  double wrong = 0.0;
  const auto look = [&](double time) {
    std::vector<Tensor> factors;
    for (const auto& factor : model.factors()) factors.push_back(factor.detach());
    std::int64_t expected = c.depth == 2 || std::isinf(c.m) ? c.n : 1;
    if (time == 0.0 && std::isinf(c.m)) expected *= c.s * c.s;
    const auto found = theory::coupled_components(factors, task.observed).size();
    wrong += found == static_cast<std::size_t>(expected) ? 0.0 : 1.0;
  };
  look(0.0);
  const double end = theory::completion_time(c, 1e-4);
  watch(model, task, {.t_end = end}, {0.1 * end, 0.5 * end}, look);
  return wrong;
}

// From a distribution with a density, one of three.
Tensor generic_factor(const Shape& shape, std::int64_t kind, Generator& g) {
  if (kind == 0) return randn(shape, g);
  const auto u = rand(shape, g);
  return kind == 1 ? 2.0 * u - 1.0 : -log(1.0 - u);
}

// The norm of what differs between the products of neighbouring factors with themselves, relative.
double imbalance(const std::vector<Tensor>& factors) {
  double worst = 0.0;
  for (std::size_t l = 0; l + 1 < factors.size(); ++l) {
    const auto below = matmul(factors[l], factors[l].t()), above = matmul(factors[l + 1].t(), factors[l + 1]);
    worst = std::max(worst, relative_error(above, below));
  }
  return worst;
}

// How fast the singular values of the product change when the factors follow their gradients.
Tensor speeds_of_flow(const std::vector<Tensor>& factors, const Completion& task) {
  auto leaves = factors;
  for (auto& leaf : leaves) leaf.requires_grad_();
  const auto downhill = grad(-task.loss(Factorization(leaves).product()), leaves);
  const auto sigma = [](const std::vector<Tensor>& w) { return linalg::svdvals(Factorization(w).product()); };
  return jvp(sigma, factors, downhill).tangent.detach();
}

}  // namespace

void block_diagonal::check(Trial& t) {
  const auto g = t.generator();
  auto problem = random_problem(*g);
  BlockWatch flow(problem);
  flow.run();
  see_family(problem, *g, flow.worst);
  if (problem.depth > 2) {
    t.record(monotone, not_monotone(problem, *g));
    see_rank_growth(problem, flow.worst);
    problem.log_alpha = -40.0;
    t.record(corollary, theory::completion_limits(problem).stable_rank(problem.n) - 1.0);
  }
  flow.worst.record(t);
}

void gradients::check(Trial& t) {
  const auto g = t.generator();
  const std::int64_t depth = integer(*g, 2, 4), d = integer(*g, 2, 4);
  std::vector<Tensor> factors;
  const std::int64_t kind = integer(*g, 0, 2);
  for (std::int64_t l = 0; l < depth; ++l) factors.push_back(generic_factor({d, d}, kind, *g));
  const auto observed = maximum(bernoulli(full({d, d}, 0.3), *g), eye(d));
  const auto J = theory::observed_jacobian(factors, observed);
  t.record(gram, relative_error(theory::gradient_gram(factors, observed), matmul(J, J.t())));
  const auto coupled = theory::coupled_components(factors, observed);
  const bool as_expected = depth == 2 ? coupled == theory::connected_components(observed) : coupled.size() == 1;
  t.record(depth == 2 ? shallow : deep, as_expected ? 0.0 : 1.0);
  t.record(coupling, coupling_errors(*g));
}

void balanced::check(Trial& t) {
  const auto g = t.generator();
  const std::int64_t depth = integer(*g, 2, 4), d = 3;
  const auto L = static_cast<double>(depth);
  const auto S = tensor({1.5, 0.8, 0.3}) + 0.2 * rand({d}, *g);
  std::vector<Tensor> bases, factors;
  for (std::int64_t l = 0; l <= depth; ++l) bases.push_back(orthogonal(d, *g));
  for (std::size_t l = 0; l + 1 < bases.size(); ++l)
    factors.push_back(matmul(bases[l + 1] * pow(S, 1.0 / L), bases[l].t()));
  const Completion task{randn({d, d}, *g), maximum(bernoulli(full({d, d}, 0.4), *g), eye(d))};
  const Factorization model(factors);
  const double sign = linalg::slogdet(model.product().detach()).sign.item();
  Largest worst;
  double loss_before = task.loss(model.product()).item();
  watch(model, task, {.t_end = 2.0, .rtol = 1e-10}, {0.1, 0.3, 1.0}, [&](double) {
    const auto product = model.product(), sigma = linalg::svdvals(product);
    std::vector<Tensor> now;
    for (const auto& factor : model.factors()) now.push_back(factor.detach());
    for (const auto& factor : now) {
      worst.see(powers, relative_error(pow(linalg::svdvals(factor), L), sigma));
      worst.see(determinants, relative_error(pow(abs(linalg::det(factor)), L), abs(linalg::det(product))));
    }
    worst.see(balancedness, imbalance(now));
    const double loss = task.loss(product).item();
    worst.see(falling_loss, loss / loss_before);
    loss_before = loss;
    worst.see(determinant, linalg::slogdet(product).sign.item() == sign ? 0.0 : 1.0);
  });
  worst.record(t);
  const auto product = matmul(bases.back() * S, bases.front().t());
  const auto expected_speeds = theory::singular_value_speeds(product, task.observed * (product - task.target), depth);
  t.record(speeds, relative_error(expected_speeds, speeds_of_flow(factors, task)));
}

}  // namespace sigmagrad::experiments::completion
