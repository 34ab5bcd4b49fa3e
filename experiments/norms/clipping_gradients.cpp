// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <cmath>

#include <sigmagrad/experiments/norms/clipping.hpp>

namespace sigmagrad::experiments::norms {

const std::vector<ClippingRule>& clipping_rules() {
  using Params = const std::vector<Tensor>&;
  static const std::vector<ClippingRule> all{
      {"global", "all by one factor", [](Params p, double c) { optim::clip_grad_norm_(p, c); }},
      {"frobenius", "each by its Frobenius norm", [](Params p, double c) { optim::clip_grad_norms_(p, c); }},
      {"spectral", "each by its spectral norm", [](Params p, double c) { optim::clip_grad_spectral_(p, c); }},
      {"truncated", "singular values truncated", [](Params p, double c) { optim::clip_grad_singular_values_(p, c); }}};
  return all;
}

const ClippingRule& clipping_rule(const std::string& name) {
  return *std::ranges::find(clipping_rules(), name, &ClippingRule::name);
}

namespace gradients {
namespace {

constexpr std::int64_t cases = 36;
constexpr double part_of_s1 = 0.3;  // the threshold, of the smaller s_1 of a pair

// Parameters with these gradients.
std::vector<Tensor> with_gradients(const std::vector<Tensor>& gradients) {
  std::vector<Tensor> params;
  for (const Tensor& gradient : gradients) {
    params.push_back(zeros(gradient.shape()).requires_grad_());
    (params.back() * gradient).sum().backward();
  }
  return params;
}

double ratio_of_norms(const std::vector<Tensor>& pair) {
  return std::log(linalg::norm(pair[0]).item() / linalg::norm(pair[1]).item());
}

struct Seen {
  double shape = 0.0, cap = 0.0;
  std::vector<double> balance = {};
};

std::vector<Tensor> clipped(const ClippingRule& rule, const std::vector<Tensor>& pair, double threshold) {
  const auto params = with_gradients(pair);
  rule.clip(params, threshold);
  return {params[0].grad(), params[1].grad()};
}

void see(Seen& seen, const std::vector<Tensor>& before, const std::vector<Tensor>& after, double threshold) {
  for (std::size_t i = 0; i < before.size(); ++i) {
    const auto s = linalg::svdvals(before[i]), left = linalg::svdvals(after[i]);
    seen.shape = larger(seen.shape, max(abs(left / left[0] - s / s[0])).item());
    seen.cap = larger(seen.cap, left[0].item() / threshold);
  }
  seen.balance.push_back(std::abs(ratio_of_norms(after) - ratio_of_norms(before)));
}

// One gradient with singular values from 10 to 0.01, for a figure.
void record_example(Trial& t, Generator& generator) {
  const auto G = 10.0 * of_condition(8, 1e3, generator);
  const auto values = [](const Tensor& A) { return linalg::svdvals(A).to_vector(); };
  const auto of = [&](const char* name) { return values(clipped(clipping_rule(name), {G, G}, 1.0)[0]); };
  const auto s = values(G), scaled = of("spectral"), cut = of("truncated");
  for (std::size_t i = 0; i < s.size(); ++i) {
    const auto place = static_cast<double>(i + 1);
    t.record(before, place, s[i]);
    t.record(rescaled, place, scaled[i]);
    t.record(truncated, place, cut[i]);
  }
}

}  // namespace

void check(Trial& t) {
  const auto g = t.generator();
  std::vector<Seen> seen(clipping_rules().size());
  double change = 0.0, count = 0.0;
  for (const auto& [m, n] : Sizes{{2, 2}, {3, 5}, {5, 3}, {8, 8}, {16, 10}}) {
    const auto A = random_matrices(cases, m, n, *g);
    const auto B = random_matrices(cases, n, 4, *g).index_select(0, randperm(cases, *g));
    for (std::int64_t i = 0; i < cases; ++i) {
      const std::vector<Tensor> pair{A.select(0, i), B.select(0, i)};
      const double least = std::min(linalg::norm(pair[0], 2).item(), linalg::norm(pair[1], 2).item());
      const double threshold = part_of_s1 * least;
      for (std::size_t k = 0; k < seen.size(); ++k)
        see(seen[k], pair, clipped(clipping_rules()[k], pair, threshold), threshold);
      const auto distance = [&](const char* rule) {
        return linalg::norm(clipped(clipping_rule(rule), pair, threshold)[0] - pair[0]).item();
      };
      change = larger(change, distance("truncated") / distance("spectral"));
      ++count;
    }
  }
  for (std::size_t k = 0; k < seen.size(); ++k) {
    t.record(clipping_rules()[k].shape, seen[k].shape);
    t.record(clipping_rules()[k].cap, seen[k].cap);
    t.record(clipping_rules()[k].balance, lab::statistics(seen[k].balance).median);
  }
  t.record(smallest_change, change);
  t.record(pairs, count);
  record_example(t, *g);
}

}  // namespace gradients

}  // namespace sigmagrad::experiments::norms
