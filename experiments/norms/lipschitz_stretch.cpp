// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/experiments/norms/descend.hpp>
#include <sigmagrad/experiments/norms/lipschitz.hpp>

namespace sigmagrad::experiments::norms {

Tensor stretch_of(const nn::Sequential& model, const Tensor& x, const Tensor& d, const Tensor& bound) {
  const auto moved = linalg::vector_norm(model(x + d) - model(x));
  return moved / linalg::vector_norm(d) / (bound.dim() > 0 ? bound.unsqueeze(-1) : bound);
}

Tensor largest_stretch(const nn::Sequential& model, const Tensor& x, const Tensor& d, const Tensor& bound,
                       std::int64_t steps) {
  const auto from = x.clone().requires_grad_(), by = d.clone().requires_grad_();
  // Logarithms, for ratios of 1e-9 are to grow as well; a little more than 0, for units may be dead.
  descend({from, by}, 0.05, steps, [&] { return -log(stretch_of(model, from, by, bound) + 1e-30).sum(); });
  const NoGrad guard;
  const auto ends = stretch_of(model, from, by, bound);
  return max(ends, -1);
}

namespace stretch {
namespace {

constexpr std::int64_t units = 12, of_a_kind = 18, starts = 8, ascent_steps = 500;

nn::Sequential network(std::int64_t depth, const Activation& activation, const std::function<Tensor()>& draw) {
  nn::Sequential net;
  for (std::int64_t l = 0; l < depth; ++l) {
    if (l > 0 && &activation == &relu) net.append(nn::ReLU());
    if (l > 0 && &activation == &tanh) net.append(nn::Tanh());
    net.append(nn::Linear(draw()));
  }
  return net;
}

// Matrices of every kind, in an order of their own for each layer.
Tensor shuffled_matrices(Generator& generator) {
  const auto all = random_matrices(of_a_kind, units, units, generator);
  return all.index_select(0, randperm(of_a_kind, generator)) /
         linalg::norm(all, 2).mean();  // so that tanh is not at its ends alone
}

// A network and an input, found together.
double extremal(Generator& generator) {
  constexpr std::int64_t models = 6, size = 6;
  const auto net = network(3, relu, [&] { return randn({models, size, size}, generator).requires_grad_(); });
  const auto x = randn({models, 1, size}, generator).requires_grad_();
  const auto d = randn({models, 1, size}, generator).requires_grad_();
  auto varied = net.parameters();
  varied.insert(varied.end(), {x, d});
  const auto part = [&] { return stretch_of(net, x, d, nn::lipschitz_bound(net).layerwise); };
  descend(varied, 0.05, 600, [&] { return -log(part() + 1e-30).sum(); });  // units of a start may all be dead
  const NoGrad guard;
  return max(part()).item();
}

}  // namespace

void check(Trial& t) {
  const auto g = t.generator();
  double of_random = 0.0, count = 0.0, over = 0.0;
  for (const std::int64_t depth : {1, 2, 4, 8})
    for (const Activation* activation : {&linear, &relu, &tanh}) {
      const auto net = network(depth, *activation, [&] { return shuffled_matrices(*g); });
      net.requires_grad_(false);
      const auto bounds = nn::lipschitz_bound(net);
      const auto x = randn({of_a_kind, starts, units}, *g), d = randn({of_a_kind, starts, units}, *g);
      of_random = larger(of_random, max(stretch_of(net, x, d, bounds.layerwise)).item());
      const auto found = largest_stretch(net, x, d, bounds.layerwise, ascent_steps);
      const auto place = static_cast<double>(depth);
      t.record(activation->best, place, max(found).item());
      t.record(activation->typical, place, median(found).item());
      if (activation == &linear)
        t.record(composed, place, median(found * bounds.layerwise / bounds.composition).item());
      over += sum(found > 1.0 + 1e-9).item();
      count += of_a_kind;
    }
  t.record(random_inputs, of_random);
  t.record(networks, count);
  const double with_weights = extremal(*g);
  t.record(extremal_network, with_weights);
  t.record(violations, over + (with_weights > 1.0 + 1e-9 ? 1.0 : 0.0));
}

}  // namespace stretch

}  // namespace sigmagrad::experiments::norms
