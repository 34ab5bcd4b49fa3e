// SPDX-License-Identifier: BSD-3-Clause
#include <cmath>
#include <limits>

#include <sigmagrad/autograd/operations/pooling.hpp>
#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/tests/support/op_cases.hpp>

namespace sigmagrad::testing {
namespace {

// For each place of a window on an axis the entries that it holds.
using Places = std::vector<std::vector<std::int64_t>>;
using Cut = std::function<Places(std::int64_t size)>;

Cut moving_window(std::int64_t window, std::int64_t stride, std::int64_t padding, std::int64_t dilation = 1) {
  return [=](std::int64_t size) {
    Places places;
    for (std::int64_t start = -padding; start + (window - 1) * dilation < size + padding; start += stride) {
      places.emplace_back();
      for (std::int64_t k = 0; k < window; ++k)
        if (const std::int64_t at = start + k * dilation; at >= 0 && at < size) places.back().push_back(at);
    }
    return places;
  };
}

Cut even_parts(std::int64_t count) {
  return [=](std::int64_t size) {
    Places places(static_cast<std::size_t>(count));
    for (std::int64_t i = 0; i < count; ++i)
      for (std::int64_t at = 0; at < size; ++at)
        if ((at + 1) * count > i * size && at * count < (i + 1) * size)
          places[static_cast<std::size_t>(i)].push_back(at);
    return places;
  };
}

struct Windows {
  Cut rows, columns;

  Shape shape(const Shape& x) const { return x.with(-2, count(rows(x[-2]))).with(-1, count(columns(x[-1]))); }
  std::vector<Index> held(const Shape& x, const Index& place) const {
    std::vector<Index> all;
    const Places down = rows(x[-2]), across = columns(x[-1]);
    for (const auto row : down[static_cast<std::size_t>(place.end()[-2])])
      for (const auto column : across[static_cast<std::size_t>(place.back())]) {
        all.push_back(place);
        all.back().end()[-2] = row, all.back().back() = column;
      }
    return all;
  }
  static std::int64_t count(const Places& places) { return std::ssize(places); }
};

// The first of the largest entries, or the first NaN.
Index largest(const Array& x, const std::vector<Index>& held) {
  Index best = held.front();
  for (const Index& at : held)
    if (!std::isnan(x.at(best)) && (x.at(at) > x.at(best) || std::isnan(x.at(at)))) best = at;
  return best;
}

OpCase max_row(const std::string& name, Pair window, const MaxPool2dOptions& options, const Windows& windows,
               const Sets& shapes, const std::vector<Misuse>& misuses = {}) {
  return {.name = name,
          .f = [=](const Tensors& x) { return max_pool2d(x[0], window, options); },
          .reference =
              [=](const Arrays& x) {
                return Array(windows.shape(x[0].shape), [&](const Index& place) {
                  return x[0].at(largest(x[0], windows.held(x[0].shape, place)));
                });
              },
          .shapes = shapes,
          .extremes = {homogeneous(1), everywhere(as_reference()), folds({{{6, 30000}}}),
                       chooses({-std::numeric_limits<double>::infinity()})},
          .pullback =
              [=](const Arrays& x, const Array& weights) {
                Arrays result{filled(x[0].shape, 0.0)};
                for (std::int64_t i = 0; i < weights.shape.numel(); ++i) {
                  const Index place = index_of(i, weights.shape);
                  result[0].entry(largest(x[0], windows.held(x[0].shape, place))) += weights.at(place);
                }
                return result;
              },
          .operation = "max_pool2d",
          .misuses = misuses};
}

// Means over the entries held, or over `divisor` unless that is 0.
OpCase mean_row(const std::string& name, const std::function<Tensor(const Tensor&)>& f, const Windows& windows,
                double divisor, const Sets& shapes, const Sets& long_axes, const std::vector<Misuse>& misuses = {}) {
  return {.name = name,
          .f = [=](const Tensors& x) { return f(x[0]); },
          .reference =
              [=](const Arrays& x) {
                return Array(windows.shape(x[0].shape), [&](const Index& place) {
                  const auto held = windows.held(x[0].shape, place);
                  double sum = 0;
                  for (const Index& at : held) sum += x[0].at(at);
                  return sum / (divisor == 0.0 ? static_cast<double>(held.size()) : divisor);
                });
              },
          .shapes = shapes,
          .extremes = {homogeneous(1), linear_edges(), folds(long_axes), takes_all()},
          .misuses = misuses};
}

std::vector<OpCase> max_rows() {
  const Windows overlapping{moving_window(3, 2, 1), moving_window(2, 1, 1)};
  const Windows dilated{moving_window(2, 1, 0, 2), moving_window(2, 2, 0)};
  const auto of = [](const Shape& x, Pair window, const MaxPool2dOptions& options) {
    return [=] { max_pool2d(ones(x), window, options); };
  };
  auto rows = of_given_sizes(
      {max_row("max_pool2d_dilated", 2, {.stride = {1, 2}, .dilation = {2, 1}}, dilated, {{{4, 5}}, {{2, 1, 3, 2}}})});
  rows.push_back(max_row(
      "max_pool2d", {3, 2}, {.stride = {2, 1}, .padding = 1}, overlapping, {{{4, 5}}, {{2, 2, 3, 3}}, {{0, 3, 3}}},
      {{of({3}, 1, {}), "max_pool2d: x must be [..., H, W], got [3]"},
       {of({2, 3}, 3, {}), "max_pool2d: the kernel 3 x 3 is larger than the image 2 x 3 with padding 0 x 0"},
       {of({5, 5}, 2, {.padding = 2}), "max_pool2d: padding must be from 0 to half of the window 2 x 2 (got 2 x 2)"},
       {of({5, 5}, 2, {.stride = {-1, 1}}), "max_pool2d: stride and dilation must be >= 1 (got -1 x 1 and 1 x 1)"},
       {of({1, 4}, 2, {.padding = 1, .dilation = {2, 1}}),
        "max_pool2d: place 0 of a window of 2 with dilation 2 and padding 1 holds none of 1 entries"}}));
  return rows;
}

std::vector<OpCase> mean_rows() {
  const Windows padded{moving_window(3, 1, 1), moving_window(2, 2, 1)};
  const Windows parts{even_parts(2), even_parts(3)}, whole{even_parts(1), even_parts(1)};
  const auto average = [](bool counts) {
    return [=](const Tensor& x) {
      return avg_pool2d(x, {3, 2}, {.stride = {1, 2}, .padding = 1, .count_include_pad = counts});
    };
  };
  const auto adaptive = [](Pair size) { return [=](const Tensor& x) { return adaptive_avg_pool2d(x, size); }; };
  const Sets images{{{4, 4}}, {{2, 2, 3, 2}}, {{0, 2, 2}}};
  return {mean_row("avg_pool2d", average(true), padded, 6.0, images, {{{6, 30000}}},
                   {{[] {
                       avg_pool2d(ones({2, 2}), {2, 3});
                     },
                     "avg_pool2d: the kernel 2 x 3 is larger than the image 2 x 2 with padding 0 x 0"}}),
          mean_row("avg_pool2d_inside", average(false), padded, 0.0, images, {{{6, 30000}}}),
          mean_row("adaptive_avg_pool2d", adaptive({2, 3}), parts, 0.0, {{{4, 5}}, {{2, 3, 4}}, {{0, 2, 2}}},
                   {{{5, 30000}}, {{30000, 4}}},
                   {{[] {
                       adaptive_avg_pool2d(ones({2, 2}), {0, 1});
                     },
                     "adaptive_avg_pool2d: the size must be >= 1 (got 0 x 1)"},
                    {[] {
                       adaptive_avg_pool2d(ones({2, 0}), 1);
                     },
                     "adaptive_avg_pool2d: an image must not be empty, got [2, 0]"}}),
          mean_row("adaptive_avg_pool2d_whole", adaptive(1), whole, 0.0, {{{3, 5}}, {{2, 3, 1, 4}}},
                   {{{1, 100000}}, {{100000, 1}}, {{300, 400}}})};
}

}  // namespace

std::vector<OpCase> pooling_cases() {
  auto rows = max_rows();
  for (auto& row : mean_rows()) rows.push_back(std::move(row));
  return rows;
}

}  // namespace sigmagrad::testing
