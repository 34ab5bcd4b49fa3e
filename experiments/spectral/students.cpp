// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/experiments/spectral/students.hpp>

#include <cstdint>
#include <optional>
#include <vector>

namespace sigmagrad::experiments::spectral {

namespace {

using Student = nn::Parametrized<nn::Linear>;

constexpr std::int64_t pull_every = 20;  // steps
constexpr double pull = 0.1;             // of the way to the target's singular values

bool has_multipliers(const std::string& name) { return name == "multipliers" || name == "combined"; }
bool has_penalty(const std::string& name) { return name == "spectral" || name == "combined"; }

Student make_student(const nn::Linear& layer, const std::string& name) {
  if (has_multipliers(name)) return nn::parametrize(layer, nn::Multipliers{});
  if (name == "singular_values") return nn::parametrize(layer, nn::SingularValues{});
  return Student(layer);
}

// The weight at the rate `lr`, what a parametrisation adds to it at `multiplier_lr`.
std::vector<optim::GroupOptions> parameter_groups(const Student& student, const Params& p) {
  const auto all = student.parameters();
  std::vector<optim::GroupOptions> groups = {{.params = {all.front()}, .lr = p[lr]}};
  if (all.size() > 1) groups.push_back({.params = {all.begin() + 1, all.end()}, .lr = p[multiplier_lr]});
  return groups;
}

// Moves the singular values of `weight` towards those given.
void pull_singular_values(Tensor weight, const Tensor& wanted) {
  const auto [U, S, Vt] = linalg::svd(weight);
  weight.copy_(matmul(U * (S + pull * (wanted - S)), Vt));
}

}  // namespace

bool has_parameters(const std::string& name) { return has_multipliers(name) || name == "singular_values"; }

void train_corrected(Trial& t, const Tensor& target, const nn::Linear& start, Generator& generator) {
  const auto student = make_student(start, t[correction]);
  optim::SGD optimizer(parameter_groups(student, t.params()));
  if (t[correction] == "svd")
    optimizer.after_step([original = student.original, wanted = linalg::svdvals(target), step = 0]() mutable {
      if (++step % pull_every == 0) pull_singular_values(original, wanted);
    });
  std::optional<nn::Penalty> penalty;
  if (has_penalty(t[correction]))
    penalty = nn::clipped(t[lambda] * nn::log_cond_penalty(components(target).cond, 1.0, 1e-10), 1.0);
  train(optimizer, t[steps], [&] {
    const auto loss = loss_on_batch(student, target, generator, t[noise]);
    return penalty ? loss + (*penalty)(student) : loss;
  });
  record_errors(t, relative_errors(student.weight(), target));
}

}  // namespace sigmagrad::experiments::spectral
