// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <concepts>

#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/tests/support/op_cases.hpp>

namespace sigmagrad::testing {
namespace {

using F = std::function<Tensor(const Tensor&)>;
using ShapeOf = std::function<Shape(const Shape&)>;

Tensor of(std::same_as<int> auto... sizes) { return ones({sizes...}); }

// A row of a function that keeps the entries in their order. It may be told sizes, which take no batch axis.
OpCase reshaping(const std::string& name, const F& f, const ShapeOf& shape, const Sets& shapes, bool batched,
                 const std::vector<Misuse>& misuses = {}) {
  OpCase row = moving(name, f, shape, {}, shapes, misuses);
  row.reference = [=](const Arrays& x) {
    Array result = x[0];
    result.shape = shape(x[0].shape);
    return result;
  };
  row.batched = batched;
  return row;
}

Index with_swapped(Index index, int a, int b) {
  std::swap(index[static_cast<std::size_t>(position(a, index))], index[static_cast<std::size_t>(position(b, index))]);
  return index;
}

std::vector<OpCase> transposing_cases() {
  const auto swapped = [](int a, int b) { return [=](const Shape& shape) { return shape.swapped(a, b); }; };
  const auto swap = [](int a, int b) { return [=](const Index& i) { return with_swapped(i, a, b); }; };
  const Sets matrices = {{{3, 4}}, {{2, 3, 4}}, {{1, 1}}, {{0, 4}}, {{17, 33}}};
  OpCase vector = reshaping(
      "t_of_vector", [](auto& x) { return x.t(); }, [](auto& shape) { return shape; }, {{{3}}, {{}}, {{0}}}, false);
  OpCase permute = moving(
      "permute",
      [](auto& x) {
        return x.permute({2, -3, 1});
      },
      [](auto& s) {
        return Shape{s[2], s[0], s[1]};
      },
      [](Index i) {
        return Index{i[1], i[2], i[0]};
      },
      {{{2, 3, 4}}, {{1, 1, 1}}, {{0, 3, 2}}},
      {{[] { of(2, 3).permute({0}); }, "permute: 1 axes given for [2, 3]"},
       {[] {
          of(2, 3).permute({0, -2});
        },
        "permute: an axis of [2, 3] is given twice"}});
  permute.batched = false;
  return {
      vector,
      permute,
      moving(
          "t", [](auto& x) { return x.t(); }, swapped(-2, -1), swap(-2, -1), matrices),
      moving(
          "t_of_t", [](auto& x) { return x.t().t(); }, swapped(-1, -1), swap(-1, -1), matrices),
      moving(
          "transpose_last", [](auto& x) { return x.transpose(-1, -2); }, swapped(-2, -1), swap(-2, -1), matrices),
      moving("transpose", [](auto& x) { return x.transpose(-3, -1); }, swapped(-3, -1), swap(-3, -1),
             {{{2, 3, 4}}, {{2, 2, 3, 4}}, {{1, 1, 1}}, {{2, 0, 4}}},
             {{[] { of(2, 3).transpose(0, 2); }, "transpose: axis 2 is out of range for 2 axes"}}),
  };
}

std::vector<OpCase> reshaping_cases() {
  const auto fixed = [](const Shape& shape) { return [=](const Shape&) { return shape; }; };
  return of_given_sizes({
      reshaping(
          "reshape",
          [](auto& x) {
            return x.reshape({2, -1});
          },
          [](auto& s) {
            return Shape{2, s.numel() / 2};
          },
          {{{3, 4}}, {{2}}, {{0, 4}}}, false,
          {{[] { of(2, 3).reshape({4}); }, "reshape: 6 entries of [2, 3] do not fill [4]"},
           {[] {
              of(2, 3).reshape({4, -1});
            },
            "reshape: cannot infer -1: 6 entries over 4"},
           {[] {
              of(0, 3).reshape({0, -1});
            },
            "reshape: cannot infer -1: 0 entries over 0"},
           {[] {
              of(2, 3).reshape({-1, -1});
            },
            "reshape: sizes may hold one -1, got [-1, -1]"},
           {[] {
              of(2, 3).reshape({-2, -3});
            },
            "shape: sizes must be >= 0, got [-2, -3]"}}),
      reshaping(
          "reshape_shape",
          [](auto& x) {
            return x.reshape(Shape{2, 6});
          },
          fixed({2, 6}), {{{3, 4}}, {{12}}}, false),
      reshaping(
          "reshape_of_t",
          [](auto& x) {
            return x.t().t().reshape({2, 6});
          },
          fixed({2, 6}), {{{3, 4}}}, false),
  });
}

std::vector<OpCase> merging_cases() {
  std::vector<OpCase> rows{
      reshaping(
          "flatten", [](auto& x) { return x.flatten(); }, [](auto& s) { return Shape{s.numel()}; },
          {{{3, 4}}, {{}}, {{2, 0}}, {{1}}}, false,
          {{[] { of(2, 3).flatten(1, 0); }, "flatten: first axis 1 comes after last axis 0"},
           {[] { of(2, 3).flatten(2); }, "flatten: axis 2 is out of range for 2 axes"}}),
      reshaping(
          "flatten_axes", [](auto& x) { return x.flatten(-2, -1); },
          [](auto& s) { return s.without(-1).with(-1, s[-1] * s[-2]); }, {{{2, 3, 2}}, {{3, 4}}, {{0, 2}}}, true),
      reshaping(
          "squeeze", [](auto& x) { return x.squeeze(); },
          [](auto&) {
            return Shape{3, 2};
          },
          {{{3, 1, 2, 1}}, {{3, 2}}}, false),
      reshaping(
          "squeeze_axis", [](auto& x) { return x.squeeze(-2); }, [](auto& s) { return s[-2] == 1 ? s.without(-2) : s; },
          {{{3, 1, 2}}, {{3, 4}}, {{1, 0}}}, true,
          {{[] { of(3).squeeze(1); }, "squeeze: axis 1 is out of range for 1 axes"}}),
      reshaping(
          "unsqueeze", [](auto& x) { return x.unsqueeze(-2); }, [](auto& s) { return s.inserted(-2, 1); },
          {{{3}}, {{3, 4}}, {{2, 0}}, {{1}}}, true,
          {{[] { of(3).unsqueeze(2); }, "unsqueeze: axis 2 is out of range for 2 axes"},
           {[] { of(1, 1, 1, 1, 1, 1, 1, 1).unsqueeze(0); }, "shape: at most 8 axes, got 9"}}),
  };
  for (auto& row : rows)
    if (row.name == "squeeze") row.extremes.edges.single = meaningless("the reference has two axes");
  return rows;
}

std::vector<OpCase> expanding_cases() {
  OpCase expand = moving(
      "expand",
      [](auto& x) {
        return x.expand({2, -1, 4});
      },
      [](auto& s) {
        return Shape{2, s[0], 4};
      },
      [](const Index& i) {
        return Index{i[1], 0};
      },
      {{{3, 1}}, {{1, 1}}, {{0, 1}}},
      {{[] { of(3).expand({4}); }, "expand: shapes do not broadcast: [3] and [4]"},
       {[] { of(3).expand({1}); }, "expand: [3] does not broadcast to [1]"},
       {[] { of(2, 3).expand({3}); }, "expand: [2, 3] does not broadcast to [3]"}});
  expand.batched = false;
  OpCase expand_shape = moving(
      "expand_shape",
      [](auto& x) {
        return x.expand(Shape{2, 3, 4});
      },
      [](auto&) {
        return Shape{2, 3, 4};
      },
      [](const Index& i) {
        return broadcast_index(i, {1, 4});
      },
      {{{1, 4}}});
  expand_shape.batched = false;
  expand_shape.extremes.edges.single = meaningless("the row names a size of 4");
  return {expand, expand_shape};
}

std::vector<OpCase> slicing_cases() {
  return of_given_sizes({
      moving(
          "select", [](auto& x) { return x.select(-2, 1); }, [](auto& s) { return s.without(-2); },
          [](Index i) { return i.insert(i.end() - 1, 1), i; }, {{{3, 4}}, {{2, 3, 4}}, {{2, 0}}, {{2, 1}}},
          {{[] { of(3, 4).select(0, 3); }, "select: index 3 is out of range for axis 0 of [3, 4]"},
           {[] { of(3, 4).select(-1, -5); }, "select: index -5 is out of range for axis 1 of [3, 4]"}},
          left_out()),
      moving(
          "select_from_end", [](auto& x) { return x.select(-1, -1); }, [](auto& s) { return s.without(-1); },
          [](Index i) { return i.push_back(3), i; }, {{{4}}, {{3, 4}}}, {}, left_out()),
      moving(
          "narrow", [](auto& x) { return x.narrow(-1, 1, 2); }, [](auto& s) { return s.with(-1, 2); },
          [](Index i) { return ++i.back(), i; }, {{{4}}, {{3, 4}}, {{2, 3, 3}}, {{0, 3}}},
          {{[] { of(3, 4).narrow(1, 3, 2); }, "narrow: 2 entries from 3 are out of range for axis 1 of [3, 4]"},
           {[] { of(3, 4).narrow(0, -1, 2); }, "narrow: 2 entries from -1 are out of range for axis 0 of [3, 4]"},
           {[] { of(3).narrow(0, INT64_MAX, 1); },
            "narrow: 1 entries from 9223372036854775807 are out of range for axis 0 of [3]"}},
          left_out()),
      moving(
          "narrow_empty", [](auto& x) { return x.narrow(-2, 1, 0); }, [](auto& s) { return s.with(-2, 0); },
          [](const Index& i) { return i; }, {{{3, 4}}}, {}, left_out()),
  });
}

}  // namespace

std::vector<OpCase> shape_cases() {
  auto rows = transposing_cases();
  for (const auto& family : {reshaping_cases(), merging_cases(), expanding_cases(), slicing_cases()})
    rows.insert(rows.end(), family.begin(), family.end());
  return rows;
}

}  // namespace sigmagrad::testing
