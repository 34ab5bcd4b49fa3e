// SPDX-License-Identifier: BSD-3-Clause
#include <cmath>

#include <sigmagrad/experiments/norms/clipping.hpp>

namespace sigmagrad::experiments::norms::clipped_training {
namespace {

constexpr std::int64_t size = 8, depth = 3, steps = 3000;
constexpr double lr = 0.02, start = 3.0, largest_value = 5.0, cond_of_target = 100.0, is_explosion = 1e8;

// The spectral norm of the longest step of a layer.
double longest(const std::vector<Tensor>& before, const std::vector<Tensor>& after) {
  double most = 0.0;
  for (std::size_t l = 0; l < after.size(); ++l)
    most = larger(most, linalg::norm(after[l].detach() - before[l], 2).item());
  return most;
}

// |s_i - t_i| / t_i over the lower half of the target's singular values, the mean.
double error_of_small_values(const Tensor& product, const Tensor& target) {
  const auto s = linalg::svdvals(product), values = linalg::svdvals(target);
  const auto lower = [](const Tensor& x) { return x.narrow(0, size / 2, size / 2); };
  return mean(abs(lower(s) - lower(values)) / lower(values)).item();
}

bool is_look(std::int64_t step) {
  return step < 10 || (step < 100 && step % 10 == 0) || step % 100 == 0 || step == steps - 1;
}

}  // namespace

void check(Trial& t) {
  const auto g = t.generator();
  const auto target = largest_value * of_condition(size, cond_of_target, *g);
  std::vector<Tensor> W;
  for (std::int64_t l = 0; l < depth; ++l)
    W.push_back((start / std::sqrt(static_cast<double>(size)) * randn({size, size}, *g)).requires_grad_());
  const auto product = [&] { return matmul(W[2], matmul(W[1], W[0])); };
  optim::SGD optimizer(W, {.lr = lr});
  const double c = t[threshold];
  const ClippingRule* clip = t[rule] == "none" ? nullptr : &clipping_rule(t[rule]);
  auto step = capture([&] {
    const auto now = mse_loss(product(), target, Reduction::HalfSum);
    optimizer.zero_grad();
    now.backward();
    if (clip) clip->clip(W, c);
    optimizer.step();
    return now;
  });
  double most = 0.0, now = 0.0;
  for (std::int64_t k = 0; k < steps && now < is_explosion; ++k) {
    std::vector<Tensor> before;
    if (is_look(k))
      for (const Tensor& one : W) before.push_back(one.detach().clone());
    now = step().item();
    if (!is_look(k) || now >= is_explosion) continue;
    t.record(loss, static_cast<double>(k), now);
    most = larger(most, longest(before, W) / (lr * c));
  }
  const bool has_exploded = now >= is_explosion;
  t.record(exploded, has_exploded ? 1.0 : 0.0);
  t.record(longest_step, most);
  if (has_exploded) return;
  t.record(end, now);
  t.record(small_values, error_of_small_values(product().detach(), target));
}

}  // namespace sigmagrad::experiments::norms::clipped_training
