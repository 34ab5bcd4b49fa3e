// SPDX-License-Identifier: BSD-3-Clause
#include <cmath>

#include <sigmagrad/autograd/operations/normalization.hpp>
#include <sigmagrad/autograd/operations/shape_ops.hpp>
#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/tests/support/op_cases.hpp>

namespace sigmagrad::testing {
namespace {

constexpr double eps = 0.01;

// Which entries of x are normalised together, and which entry of weight and bias scales one.
struct Grouping {
  std::function<std::int64_t(const Shape&, const Index&)> group, coefficient;
  std::function<std::int64_t(const Shape&)> groups;
};

Grouping by_channel() {
  const auto channel = [](const Shape&, const Index& i) { return i[1]; };
  return {channel, channel, [](const Shape& x) { return x[1]; }};
}

Grouping by_row() {
  return {[](const Shape& x, const Index& i) {
            std::int64_t row = 0;
            for (int axis = 0; axis < x.rank() - 1; ++axis) row = row * x[axis] + i[static_cast<std::size_t>(axis)];
            return row;
          },
          [](const Shape&, const Index& i) { return i.back(); },
          [](const Shape& x) { return x.head(x.rank() - 1).numel(); }};
}

// x in plain code: the place of each entry's group and coefficient, the groups' means and scales, and the entries
// normalised. Given a mean and a variance, those of every group are these.
struct Plain {
  Plain(const Array& x, const Grouping& grouping, const double* given) : y(x.values.size()) {
    const auto groups = static_cast<std::size_t>(grouping.groups(x.shape));
    count.assign(groups, 0.0), scale.assign(groups, 0.0);
    std::vector<double> mean(groups, 0.0);
    for (std::size_t i = 0; i < y.size(); ++i) {
      const Index at = index_of(static_cast<std::int64_t>(i), x.shape);
      group.push_back(static_cast<std::size_t>(grouping.group(x.shape, at)));
      coefficient.push_back(static_cast<std::size_t>(grouping.coefficient(x.shape, at)));
      count[group[i]] += 1.0;
      mean[group[i]] += x.values[i];
    }
    for (std::size_t g = 0; g < groups; ++g) mean[g] = given ? given[0] : mean[g] / count[g];
    for (std::size_t i = 0; i < y.size(); ++i) {
      y[i] = x.values[i] - mean[group[i]];
      scale[group[i]] += y[i] * y[i];
    }
    for (std::size_t g = 0; g < groups; ++g) scale[g] = 1.0 / std::sqrt((given ? given[1] : scale[g] / count[g]) + eps);
    for (std::size_t i = 0; i < y.size(); ++i) y[i] *= scale[group[i]];
  }

  std::vector<std::size_t> group, coefficient;
  std::vector<double> count, scale, y;
};

Array normalized(const Arrays& x, const Grouping& grouping, const double* given) {
  const Plain plain(x[0], grouping, given);
  Array result = x[0];
  for (std::size_t i = 0; i < plain.y.size(); ++i)
    result.values[i] = plain.y[i] * x[1].values[plain.coefficient[i]] + x[2].values[plain.coefficient[i]];
  return result;
}

Arrays normalized_pullback(const Arrays& x, const Array& weights, const Grouping& grouping, const double* given) {
  const Plain plain(x[0], grouping, given);
  Arrays result{filled(x[0].shape, 0.0), filled(x[1].shape, 0.0), filled(x[2].shape, 0.0)};
  std::vector<double> sum(plain.scale.size(), 0.0), along = sum;
  for (std::size_t i = 0; i < plain.y.size(); ++i) {
    const std::size_t k = plain.coefficient[i], g = plain.group[i];
    result[1].values[k] += weights.values[i] * plain.y[i];
    result[2].values[k] += weights.values[i];
    sum[g] += weights.values[i] * x[1].values[k] / plain.count[g];
    along[g] += weights.values[i] * x[1].values[k] * plain.y[i] / plain.count[g];
  }
  for (std::size_t i = 0; i < plain.y.size(); ++i) {
    const std::size_t g = plain.group[i];
    const double own = weights.values[i] * x[1].values[plain.coefficient[i]];
    result[0].values[i] = plain.scale[g] * (given ? own : own - sum[g] - plain.y[i] * along[g]);
  }
  return result;
}

// The tensor itself, which must be there.
Tensor present(const Tensor& x) { return x.reshape(x.shape()); }

OpCase norm_row(const std::string& name, const std::function<Tensor(const Tensors&)>& f, const Grouping& grouping,
                const double* given, const Sets& shapes, const Sets& long_axes, const std::vector<Misuse>& misuses) {
  return {.name = name,
          .f =
              [=](const Tensors& x) {
                return f({x[0], present(x[1]), present(x[2])});
              },
          .reference = [=](const Arrays& x) { return normalized(x, grouping, given); },
          .shapes = shapes,
          .extremes = {laws({{1, {1, 2}}}), everywhere(as_reference()), folds(long_axes), takes_all()},
          .pullback = [=](const Arrays& x, const Array& w) { return normalized_pullback(x, w, grouping, given); },
          .batched = false,  // weight and bias have no axes in front
          .misuses = misuses};
}

std::vector<OpCase> batch_rows() {
  static constexpr double given[] = {0.3, 2.0};
  const auto training = [](const Tensors& x) {
    return batch_norm(x[0], {}, {}, x[1], x[2], {.training = true, .eps = eps});
  };
  const auto evaluating = [](const Tensors& x) {
    const Tensor mean = full(x[1].shape(), given[0], x[0].dtype()), var = full(x[1].shape(), given[1], x[0].dtype());
    return batch_norm(x[0], mean, var, x[1], x[2], {.eps = eps});
  };
  const auto of = [](const Shape& x, const Shape& running, const Shape& weight, const BatchNormMode& mode) {
    return [=] {
      const Tensor statistics = running.rank() == 0 ? Tensor() : ones(running);
      batch_norm(ones(x), statistics, statistics, ones(weight), {}, mode);
    };
  };
  const Sets shapes{{{4, 3}, {3}, {3}}, {{3, 2, 4}, {2}, {2}}, {{2, 2, 2, 3}, {2}, {2}}};
  const Sets long_axes{{{30000, 2}, {2}, {2}}, {{2, 2, 30000}, {2}, {2}}};
  auto rows =
      std::vector{norm_row("batch_norm", training, by_channel(), nullptr, shapes, long_axes,
                           {{of({3}, {}, {3}, {}), "batch_norm: x must be [N, C, ...], got [3]"},
                            {of({1, 3}, {}, {3}, {.training = true}),
                             "batch_norm: training needs more than one value a channel, got [1, 3]"},
                            {of({4, 3}, {}, {3}, {}), "batch_norm: without training mean and var must be given"},
                            {of({4, 3}, {4}, {3}, {}), "batch_norm: mean and var must be [3], got [4]"},
                            {of({4, 3}, {3}, {4}, {}), "batch_norm: weight and bias must be [3], got [4]"},
                            {of({4, 3}, {3}, {3}, {.eps = -1.0}), "batch_norm: eps must be >= 0 (got -1)"}}),
                  norm_row("batch_norm_evaluating", evaluating, by_channel(), given, shapes, long_axes, {})};
  rows[0].extremes.edges.single = refuses_any("batch_norm: training needs more than one value a channel, got ");
  rows[1].operation = "batch_norm";
  return rows;
}

}  // namespace

std::vector<OpCase> normalization_cases() {
  auto rows = batch_rows();
  rows.push_back(
      norm_row("layer_norm", [](const Tensors& x) { return layer_norm(x[0], x[1].shape(), x[1], x[2], {.eps = eps}); },
               by_row(), nullptr, {{{3, 6}, {6}, {6}}, {{2, 2, 4}, {4}, {4}}, {{6}, {6}, {6}}, {{0, 3}, {3}, {3}}},
               {{{2, 30000}, {30000}, {30000}}, {{30000, 3}, {3}, {3}}},
               {{[] {
                   layer_norm(ones({3, 4}), {3}, {}, {});
                 },
                 "layer_norm: the input must be [...] with the last axes [3], got [3, 4]"},
                {[] {
                   layer_norm(ones({3, 4}), {}, {}, {});
                 },
                 "layer_norm: needs at least one axis, none of them empty, got []"},
                {[] {
                   layer_norm(ones({3, 4}), {4}, ones({3}), {});
                 },
                 "layer_norm: weight and bias must be [4], got [3]"}}));
  return rows;
}

}  // namespace sigmagrad::testing
