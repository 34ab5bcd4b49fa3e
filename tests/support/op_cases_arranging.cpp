// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <concepts>

#include <sigmagrad/autograd/operations/elementwise.hpp>
#include <sigmagrad/autograd/operations/shape_ops.hpp>
#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/tests/support/op_cases.hpp>

// Slices, pieces, flips, grids and diagonals.
namespace sigmagrad::testing {
namespace {

Tensor of(std::same_as<int> auto... sizes) { return ones({sizes...}); }

std::vector<OpCase> slicing_rows() {
  return of_given_sizes({
      moving(
          "slice", [](auto& x) { return slice(x, -1, 1, -1, 2); }, [](auto& s) { return s.with(-1, (s[-1] - 1) / 2); },
          [](Index i) { return i.back() = 2 * i.back() + 1, i; }, {{{6}}, {{3, 5}}, {{2, 1, 4}}, {{0, 4}}},
          {{[] { slice(of(3, 4), 1, 0, 4, 0); }, "slice: step must be >= 1 (got 0)"},
           {[] { slice(of(3, 4), 1, 3, 0, -1); }, "slice: step must be >= 1 (got -1)"},
           {[] { slice(of(3), 1, 0, 1); }, "slice: axis 1 is out of range for 1 axes"}},
          left_out()),
      moving(
          "slice_from_end", [](auto& x) { return slice(x, -2, -2, INT64_MAX); },
          [](auto& s) { return s.with(-2, std::min<std::int64_t>(s[-2], 2)); },
          [](Index i) { return i.end()[-2] += 2, i; }, {{{4, 3}}, {{2, 4, 1}}}, {}, left_out()),
      moving(
          "split",
          [](auto& x) {
            return cat({split(x, 2, -1)[2], split(x, 2, -1)[0]}, -1);
          },
          [](auto& s) { return s.with(-1, 3); }, [](Index i) { return i.back() = (i.back() + 4) % 5, i; },
          {{{5}}, {{2, 5}}}, {{[] { split(of(3), 0); }, "split: size must be >= 1 (got 0)"}}, left_out()),
      moving(
          "chunk", [](auto& x) { return chunk(x, 4, -1).back(); }, [](auto& s) { return s.with(-1, 1); },
          [](Index i) { return i.back() = 4, i; }, {{{5}}, {{2, 5}}},
          {{[] { chunk(of(3), 0); }, "chunk: chunks must be >= 1 (got 0)"}}, left_out()),
      moving(
          "unbind", [](auto& x) { return unbind(x, -2)[1]; }, [](auto& s) { return s.without(-2); },
          [](Index i) { return i.insert(i.end() - 1, 1), i; }, {{{3, 4}}, {{2, 2, 1}}, {{2, 0}}},
          {{[] { unbind(of(3), 1); }, "unbind: axis 1 is out of range for 1 axes"}}, left_out()),
  });
}

std::vector<OpCase> flipping_rows() {
  const auto same_shape = [](const Shape& s) { return s; };
  const Sets matrices = {{{3, 4}}, {{2, 3, 5}}, {{1, 1}}, {{0, 4}}, {{3, 0}}};
  std::vector<OpCase> rows{
      moving("flip",
             [](auto& x) {
               return flip(x, {-1, -2});
             },
             same_shape, {}, matrices,
             {{[] {
                 flip(of(2, 3), {0, -2});
               },
               "flip: axis -2 of [2, 3] is given twice"},
              {[] { flip(of(3), {1}); }, "flip: axis 1 is out of range for 1 axes"}}),
      moving(
          "flip_axis", [](auto& x) { return flip(x, -2); }, same_shape, {}, matrices),
      moving("roll", [](auto& x) { return roll(x, -4, -1); }, same_shape, {}, matrices,
             {{[] { roll(of(3), 1, 1); }, "roll: axis 1 is out of range for 1 axes"}}),
      moving(
          "roll_forth", [](auto& x) { return roll(x, 5, -2); }, same_shape, {}, matrices),
  };
  const auto referring = [&](std::size_t row, auto&& from) {
    rows[row].reference = [from](const Arrays& x) {
      return Array(x[0].shape, [&](const Index& i) { return x[0].at(from(i, x[0].shape)); });
    };
  };
  referring(0, [](Index i, const Shape& s) {
    return i.back() = s[-1] - 1 - i.back(), i.end()[-2] = s[-2] - 1 - i.end()[-2], i;
  });
  referring(1, [](Index i, const Shape& s) { return i.end()[-2] = s[-2] - 1 - i.end()[-2], i; });
  referring(2, [](Index i, const Shape& s) { return i.back() = (i.back() + 4) % s[-1], i; });
  referring(3, [](Index i, const Shape& s) { return i.end()[-2] = (i.end()[-2] + 5 * (s[-2] - 1)) % s[-2], i; });
  return rows;
}

OpCase repeat_row(const std::string& name, const Shape& counts, const Sets& shapes) {
  OpCase row{.name = name,
             .f = [counts](const Tensors& x) { return repeat(x[0], counts); },
             .shapes = shapes,
             .extremes = {homogeneous(1), linear_edges(), folds_nothing(), takes_all()},
             .operation = "repeat"};
  row.reference = [counts](const Arrays& x) {
    Shape own = x[0].shape, whole = counts;
    while (own.rank() < counts.rank()) own = own.inserted(0, 1);
    for (int axis = 0; axis < own.rank(); ++axis) whole = whole.with(axis, counts[axis] * own[axis]);
    return Array(whole, [&](Index i) {
      for (int axis = 0; axis < own.rank(); ++axis) i[static_cast<std::size_t>(axis)] %= own[axis];
      i.erase(i.begin(), i.end() - x[0].shape.rank());
      return x[0].at(i);
    });
  };
  row.batched = false;  // a count for each axis
  row.misuses = {{[] { repeat(of(2, 3), {2}); }, "repeat: needs a count for each axis of [2, 3], got [2]"},
                 {[] { repeat(of(2), {-1}); }, "shape: sizes must be >= 0, got [-1]"}};
  return row;
}

// A row of a function that keeps some entries of a matrix and sets the others to zero.
OpCase masking(const std::string& name, Tensor (*f)(const Tensor&), bool (*kept)(std::int64_t, std::int64_t)) {
  OpCase row = moving(
      name, f, [](auto& s) { return s; }, {},
      {{{3, 4}}, {{4, 3}}, {{2, 3, 3}}, {{1, 1}}, {{0, 3}}, {{0, 2, 2}}, {{2, 0}}}, {}, left_out());
  row.reference = [kept](const Arrays& x) {
    return Array(x[0].shape, [&](const Index& i) { return kept(i.end()[-2], i.back()) ? x[0].at(i) : 0.0; });
  };
  row.misuses = {{[f] { f(of(3)); }, name.substr(0, 4) + ": needs a matrix, got [3]"}};
  return row;
}

std::vector<OpCase> diagonal_rows() {
  using X = const Tensor&;
  OpCase diag_embed_row = moving("diag_embed", diag_embed, [](auto& s) { return s.inserted(s.rank(), s[-1]); }, {},
                                 {{{3}}, {{2, 3}}, {{1}}, {{0}}, {{2, 0}}},
                                 {{[] { diag_embed(ones({})); }, "diag_embed: needs a vector, got []"}});
  diag_embed_row.reference = [](const Arrays& x) {
    return Array(x[0].shape.inserted(x[0].shape.rank(), x[0].shape[-1]), [&](const Index& i) {
      return i.back() == i.end()[-2] ? x[0].at(Index(i.begin(), i.end() - 1)) : 0.0;
    });
  };
  return {
      moving(
          "diagonal", diagonal, [](auto& s) { return s.without(-1).with(-1, std::min(s[-1], s[-2])); },
          [](Index i) { return i.push_back(i.back()), i; }, {{{3, 3}}, {{2, 4}}, {{2, 3, 2}}, {{1, 1}}, {{0, 3}}},
          {{[] { diagonal(of(3)); }, "diagonal: needs a matrix, got [3]"}}, left_out()),
      diag_embed_row,
      masking(
          "tril", [](X x) { return tril(x); }, [](std::int64_t i, std::int64_t j) { return j <= i; }),
      masking(
          "tril_below", [](X x) { return tril(x, -1); }, [](std::int64_t i, std::int64_t j) { return j <= i - 1; }),
      masking(
          "triu", [](X x) { return triu(x); }, [](std::int64_t i, std::int64_t j) { return j >= i; }),
      masking(
          "triu_below", [](X x) { return triu(x, -1); }, [](std::int64_t i, std::int64_t j) { return j >= i - 1; }),
      masking(
          "tril_above", [](X x) { return tril(x, 1); }, [](std::int64_t i, std::int64_t j) { return j <= i + 1; }),
  };
}

// The coordinate of a grid that x gives, beside a vector of four entries.
std::vector<OpCase> meshgrid_rows() {
  const auto beside = [](const Tensor& x) { return ones({4}, x.dtype()); };
  const Sets vectors = {{{3}}, {{1}}, {{0}}, {{}}};
  const auto count = [](const Shape& s) { return s.numel(); };
  const auto at = [](std::int64_t i, std::size_t rank) { return Index(rank, i); };
  std::vector<OpCase> rows{
      moving(
          "meshgrid_first",
          [=](auto& x) {
            return meshgrid({x, beside(x)})[0];
          },
          [=](auto& s) {
            return Shape{count(s), 4};
          },
          {}, vectors,
          {{[] { meshgrid({}); }, "meshgrid: needs at least one vector"},
           {[] { meshgrid({of(2, 3)}); }, "meshgrid: needs vectors, got [2, 3]"},
           {[] {
              meshgrid({of(2), ones({2}, f32)});
            },
            "meshgrid: dtypes differ: f64 and f32 (convert one with to())"}}),
      moving(
          "meshgrid_second",
          [=](auto& x) {
            return meshgrid({beside(x), x})[1];
          },
          [=](auto& s) {
            return Shape{4, count(s)};
          },
          {}, vectors),
      moving(
          "meshgrid_xy",
          [=](auto& x) {
            return meshgrid({x, beside(x)}, Indexing::XY)[0];
          },
          [=](auto& s) {
            return Shape{4, count(s)};
          },
          {}, vectors),
  };
  for (auto& row : rows) {
    row.batched = false;  // a batch of vectors is a matrix
    const bool first = row.name == "meshgrid_first";
    row.reference = [=](const Arrays& x) {
      const std::int64_t n = count(x[0].shape);
      return Array(first ? Shape{n, 4} : Shape{4, n},
                   [&](const Index& i) { return x[0].at(at(first ? i[0] : i[1], x[0].shape.rank() == 0 ? 0u : 1u)); });
    };
  }
  return rows;
}

// Labels 0, 1 and 2: how many of two bounds x is above.
OpCase one_hot_row() {
  const auto refused = [](double label, std::int64_t classes) { return [=] { one_hot(full({2}, label), classes); }; };
  OpCase row{.name = "one_hot",
             .f = [](const Tensors& x) { return one_hot((x[0] > -0.5) + (x[0] > 0.5), 4); },
             .shapes = {{{3}}, {{2, 3}}, {{}}, {{0}}},
             .extremes = {by_reference(), everywhere(as_reference()), folds_nothing(), piecewise_constant()},
             .differentiable = false,
             .misuses = {{refused(0.5, 3), "one_hot: indices must be whole numbers, got 0.5"},
                         {refused(3, 3), "one_hot: index 3 is out of range for an axis of 3"},
                         {refused(0, 0), "one_hot: classes must be >= 1 (got 0)"},
                         {[] {
                            one_hot(std::vector<std::int64_t>{0, -1}, 2);
                          },
                          "one_hot: index -1 is out of range for an axis of 2"}}};
  row.reference = [](const Arrays& x) {
    return Array(x[0].shape.inserted(x[0].shape.rank(), 4), [&](Index i) {
      const auto last = i.back();
      i.pop_back();
      const double value = x[0].at(i);
      return (value > 0.5 ? 2 : value > -0.5 ? 1 : 0) == last ? 1.0 : 0.0;
    });
  };
  return row;
}

}  // namespace

std::vector<OpCase> arranging_cases() {
  auto rows = slicing_rows();
  for (const auto& family : {flipping_rows(), diagonal_rows(), meshgrid_rows()})
    rows.insert(rows.end(), family.begin(), family.end());
  rows.push_back(repeat_row("repeat", {2, 3}, {{{2, 3}}, {{1, 1}}, {{4}}, {{}}, {{0, 2}}}));
  rows.push_back(repeat_row("repeat_in_front", {2, 1, 2}, {{{2, 3}}, {{3}}, {{2, 2, 1}}}));
  rows.push_back(one_hot_row());
  return rows;
}

}  // namespace sigmagrad::testing
