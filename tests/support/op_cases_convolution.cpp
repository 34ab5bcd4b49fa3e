// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/autograd/operations/convolution.hpp>
#include <sigmagrad/autograd/operations/shape_ops.hpp>
#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/tests/support/op_cases.hpp>

namespace sigmagrad::testing {
namespace {

std::int64_t places(std::int64_t image, std::int64_t kernel, std::int64_t stride, std::int64_t padding,
                    std::int64_t dilation) {
  return (image + 2 * padding - (kernel - 1) * dilation - 1) / stride + 1;
}

// f(result, entry of x, entry of w) for all products of y = w * x, for x [N, C, H, W]. The entry of x is empty where it
// is one of the zeros around the image: they count as entries do, so that 0 times an infinite weight is NaN.
template <class F>
void for_each_product(const Shape& x, const Shape& w, const Shape& y, const Conv2dOptions& o, F f) {
  for (std::int64_t i = 0; i < y.numel(); ++i) {
    const Index at = index_of(i, y);
    const std::int64_t first = at[1] / (y[1] / o.groups) * w[1];
    for (std::int64_t j = 0; j < w[1] * w[2] * w[3]; ++j) {
      const Index tap = index_of(j, Shape({w[1], w[2], w[3]}));
      const std::int64_t row = at[2] * o.stride.h + tap[1] * o.dilation.h - o.padding.h;
      const std::int64_t column = at[3] * o.stride.w + tap[2] * o.dilation.w - o.padding.w;
      const bool inside = row >= 0 && row < x[2] && column >= 0 && column < x[3];
      f(at, inside ? Index{at[0], first + tap[0], row, column} : Index{}, Index{at[1], tap[0], tap[1], tap[2]});
    }
  }
}

Array convolved(const Arrays& x, const Conv2dOptions& o) {
  const Shape &image = x[0].shape, &kernel = x[1].shape;
  Array y = filled({image[0], kernel[0], places(image[2], kernel[2], o.stride.h, o.padding.h, o.dilation.h),
                    places(image[3], kernel[3], o.stride.w, o.padding.w, o.dilation.w)},
                   0.0);
  for_each_product(image, kernel, y.shape, o, [&](const Index& to, const Index& from, const Index& tap) {
    y.entry(to) += (from.empty() ? 0.0 : x[0].at(from)) * x[1].at(tap);
  });
  if (x.size() == 3)
    for (std::int64_t i = 0; i < y.shape.numel(); ++i)
      y.values[static_cast<std::size_t>(i)] += x[2].at({index_of(i, y.shape)[1]});
  return y;
}

Arrays convolved_pullback(const Arrays& x, const Array& weights, const Conv2dOptions& o) {
  Arrays result;
  for (const Array& input : x) result.push_back(filled(input.shape, 0.0));
  for_each_product(x[0].shape, x[1].shape, weights.shape, o, [&](const Index& to, const Index& from, const Index& tap) {
    if (!from.empty()) result[0].entry(from) += weights.at(to) * x[1].at(tap);
    result[1].entry(tap) += weights.at(to) * (from.empty() ? 0.0 : x[0].at(from));
  });
  if (x.size() == 3)
    for (std::int64_t i = 0; i < weights.shape.numel(); ++i)
      result[2].entry({index_of(i, weights.shape)[1]}) += weights.values[static_cast<std::size_t>(i)];
  return result;
}

// Every entry counts, and an infinite weight makes NaN of the zeros around the image.
Choice every_entry() { return {Choice::Kind::TakesAll, {}}; }

OpCase conv_row(const std::string& name, const Conv2dOptions& options, const Sets& shapes, const Sets& long_sums,
                const std::vector<Misuse>& misuses = {}) {
  const bool bias = shapes.front().size() == 3;
  return {
      .name = name,
      .f = [=](const Tensors& x) { return conv2d(x[0], x[1], bias ? x[2].reshape(x[2].shape()) : Tensor(), options); },
      .reference = [=](const Arrays& x) { return convolved(x, options); },
      .shapes = shapes,
      .extremes = {bias ? laws({{1, {0, 2}}, {1, {1, 2}}}) : homogeneous_in_each({1, 1}), everywhere(as_reference()),
                   folds(long_sums), every_entry()},
      .pullback = [=](const Arrays& x, const Array& w) { return convolved_pullback(x, w, options); },
      .operation = "conv2d",
      .misuses = misuses};
}

std::vector<Misuse> conv_misuses() {
  const auto with = [](const Shape& x, const Shape& w, const Conv2dOptions& options, const Tensor& bias = {}) {
    return [=] { conv2d(ones(x), ones(w), bias, options); };
  };
  return {
      {with({2, 3, 4, 4}, {5, 3, 5, 3}, {}),
       "conv2d: the kernel 5 x 3 is larger than the image 4 x 4 with padding 0 x 0"},
      {with({2, 3, 4, 4}, {5, 3, 3, 3}, {.dilation = {1, 2}}),
       "conv2d: the kernel 3 x 3 with dilation 1 x 2 is larger than the image 4 x 4 with padding 0 x 0"},
      {with({2, 4, 4, 4}, {6, 2, 3, 3}, {.groups = 3}),
       "conv2d: groups must divide the channels, got 3 groups, 4 channels to 6"},
      {with({2, 4, 4, 4}, {5, 2, 3, 3}, {.groups = 2}),
       "conv2d: groups must divide the channels, got 2 groups, 4 channels to 5"},
      {with({2, 4, 4, 4}, {6, 3, 3, 3}, {}),
       "conv2d: weight must be [out, 4, kh, kw] for 1 groups of x [2, 4, 4, 4], got [6, 3, 3, 3]"},
      {with({2, 3, 4, 4}, {5, 3, 3, 3}, {}, ones({3})), "conv2d: bias must be [5], got [3]"},
      {with({4, 4}, {5, 3, 3, 3}, {}),
       "conv2d: x must be [N, C, H, W] or [C, H, W] and weight [out, C / groups, kh, kw], got [4, 4] and [5, 3, 3, 3]"},
      {with({2, 3, 4, 4}, {5, 3, 0, 3}, {}), "conv2d: the kernel must not be empty (got 0 x 3)"},
      {with({2, 3, 4, 4}, {5, 3, 3, 3}, {.stride = {0, 1}}),
       "conv2d: stride and dilation must be >= 1 (got 0 x 1 and 1 x 1)"},
      {with({2, 3, 4, 4}, {5, 3, 3, 3}, {.padding = -1}), "conv2d: padding must be >= 0 (got -1 x -1)"},
      {with({2, 3, 4, 4}, {5, 3, 3, 3}, {.groups = 0}), "conv2d: groups must be >= 1 (got 0)"},
  };
}

}  // namespace

std::vector<OpCase> convolution_cases() {
  const Sets long_sums{{{50000, 1, 1, 2}, {2, 1, 1, 1}},
                       {{1, 50000, 1, 1}, {2, 50000, 1, 1}},
                       {{2, 1, 1, 1}, {50000, 1, 1, 1}},
                       {{1, 1, 2, 50000}, {1, 1, 1, 1}}};
  Sets with_bias = long_sums;
  for (auto& set : with_bias) set.push_back({set[1][0]});
  auto rows = of_given_sizes({
      conv_row("conv2d_groups", {.padding = 1, .groups = 2}, {{{2, 4, 3, 3}, {2, 2, 2, 3}}},
               {{{2, 50000, 1, 1}, {2, 25000, 1, 1}}}),
      conv_row("conv2d_depthwise", {.padding = 1, .groups = 3}, {{{2, 3, 3, 2}, {3, 1, 3, 3}}},
               {{{10000, 3, 2, 3}, {3, 1, 3, 3}}}),
  });
  OpCase strides = conv_row("conv2d_strides", {.stride = {2, 1}, .padding = {1, 0}, .dilation = {1, 2}},
                            {{{2, 2, 4, 5}, {2, 2, 3, 2}, {2}}, {{0, 2, 4, 5}, {2, 2, 3, 2}, {2}}}, with_bias);
  rows.push_back(strides);
  rows.push_back(conv_row("conv2d", {.padding = 1},
                          {{{2, 2, 3, 4}, {3, 2, 3, 2}}, {{1, 1, 1, 1}, {1, 1, 3, 3}}, {{2, 3, 2, 2}, {2, 3, 1, 1}}},
                          long_sums, conv_misuses()));
  return rows;
}

}  // namespace sigmagrad::testing
