// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/experiments/norms/lipschitz.hpp>

namespace sigmagrad::experiments::norms::power {
namespace {

constexpr std::int64_t width = 48, from_start = 10;  // steps

// How far the longest axis of any layer's weight is above 1.
double above_one(const nn::Sequential& model) {
  const NoGrad guard;
  double most = 0.0;
  for (const auto& [name, weight] : model.named_weights())
    if (weight.dim() >= 2) most = larger(most, linalg::norm(weight, 2).item() - 1.0);
  return most;
}

nn::Sequential normalised_network(std::int64_t inputs, Generator& generator) {
  const auto normalised = [](std::int64_t in, std::int64_t out) {
    return nn::parametrize(nn::Linear(in, out), nn::SpectralNorm{});
  };
  const nn::Sequential model{normalised(inputs, width), nn::ReLU(), normalised(width, width), nn::ReLU(),
                             normalised(width, classes)};
  // Random vectors, as its authors start from; the library's own start is exact.
  for (auto& [name, buffer] : model.named_buffers())
    if (name.ends_with("u")) {
      Tensor u = buffer;
      const auto z = randn(u.shape(), generator);
      u.copy_(z / linalg::vector_norm(z));
    }
  return model;
}

struct Overshoot {
  double at_first = 0.0, later = 0.0, accuracy = 0.0;
};

Overshoot trained(const Split& data, double lr, std::int64_t power_steps, Trial& t) {
  const auto starts = t.generator(1), order = t.generator(2);
  manual_seed(static_cast<std::uint64_t>(t.index()));  // layers start alike, whatever the rate
  const auto model = normalised_network(data.train.x.size(1), *starts);
  Overshoot most;
  std::int64_t looks = 0;
  const auto look = [&] {
    const double now = above_one(model);
    (++looks * 10 <= from_start ? most.at_first : most.later) =
        larger(now, looks * 10 <= from_start ? most.at_first : most.later);
  };
  fit(model, data.train, {.epochs = 10, .lr = lr, .power_steps = power_steps, .logit_scale = 20.0, .look = look},
      *order);
  model.eval();
  most.accuracy = norms::accuracy(model, data.test);
  return most;
}

// Over matrices of all shapes and conditionings.
double deviation_of_longest_axis(Generator& generator) {
  double most = 0.0;
  for (const auto& [m, n] : Sizes{{1, 1}, {2, 2}, {3, 5}, {5, 3}, {8, 8}, {16, 10}, {10, 16}}) {
    const auto layer = nn::parametrize(nn::Linear(random_matrices(36, m, n, generator)), nn::SpectralNorm{});
    const NoGrad guard;
    most = larger(most, max(abs(linalg::norm(layer.weight(), 2) - 1.0)).item());
  }
  return most;
}

}  // namespace

void check(Trial& t) {
  const auto generator = t.generator();
  t.record(longest_axis, deviation_of_longest_axis(*generator));
  const auto data = split_mixture(0.0, *generator);
  for (const std::int64_t steps : {1, 2, 5}) {
    const auto place = static_cast<double>(steps);
    const auto usual = trained(data, 3e-3, steps, t), fast = trained(data, 3e-2, steps, t);
    t.record(overshoot, place, usual.later);
    t.record(first_steps, place, usual.at_first);
    t.record(accuracy, place, usual.accuracy);
    t.record(overshoot_fast, place, fast.later);
  }
}

}  // namespace sigmagrad::experiments::norms::power
