// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/optim/mup.hpp>

#include <algorithm>

#include <sigmagrad/autograd/tensor/fail.hpp>

namespace sigmagrad::optim {
namespace {

// How much larger than the base's an axis is, which stays at 1 where the axis does not grow.
double growth(const Shape& shape, const Shape& base, int axis) {
  return static_cast<double>(shape[axis]) / static_cast<double>(base[axis]);
}

void check_shapes(const std::string& name, const Shape& shape, const Shape& base) {
  const int leading = std::max(0, shape.rank() - 2);
  if (shape.rank() != base.rank() || !(shape.head(leading) == base.head(leading)))
    engine::fail("mup_groups: \"{}\" has the shape {} and at base width {}: only the last two axes may grow", name,
                 shape.str(), base.str());
  if (base.numel() == 0) engine::fail("mup_groups: \"{}\" has no entries at base width: {}", name, base.str());
}

// The rate over the one at base width.
double factor(const Shape& shape, const Shape& base, const MupOptions& options) {
  if (shape.rank() == 0) return 1.0;
  const bool sgd = options.rule == MupRule::SGD, matrix = shape.rank() >= 2;
  const double out = growth(shape, base, matrix ? -2 : -1), in = matrix ? growth(shape, base, -1) : 1.0;
  if (in == 1.0) return sgd ? out : 1.0;
  if (out == 1.0 && options.output_multiplier) return sgd ? in : 1.0;
  return (sgd ? out : 1.0) / in;
}

}  // namespace

std::vector<GroupOptions> mup_groups(const NamedTensors& parameters, const NamedTensors& base,
                                     const MupOptions& options) {
  if (!(options.lr >= 0.0)) engine::fail("mup_groups: lr must be >= 0 (got {})", options.lr);
  for (const auto& [name, value] : base)
    if (!parameters.contains(name)) engine::fail("mup_groups: \"{}\" is a parameter at base width only", name);
  std::vector<GroupOptions> groups;
  for (const auto& [name, value] : parameters) {
    if (!base.contains(name)) engine::fail("mup_groups: \"{}\" is not a parameter at base width", name);
    check_shapes(name, value.shape(), base[name].shape());
    const double lr = options.lr * factor(value.shape(), base[name].shape(), options);
    const auto same = [lr](const GroupOptions& group) { return group.lr == lr; };
    auto group = std::find_if(groups.begin(), groups.end(), same);
    if (group == groups.end()) group = groups.insert(group, GroupOptions{.params = {}, .lr = lr});
    group->params.push_back(value);
  }
  return groups;
}

}  // namespace sigmagrad::optim
