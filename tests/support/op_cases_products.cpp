// SPDX-License-Identifier: BSD-3-Clause
#include <map>

#include <sigmagrad/autograd/operations/products.hpp>
#include <sigmagrad/autograd/operations/shape_ops.hpp>
#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/tests/support/op_cases.hpp>

// Products of tensors, from the definition: all products of entries, summed.
namespace sigmagrad::testing {
namespace {

// Letters of the operands and of the result. Axes in front of those named get the letters A, B, ...
struct Letters {
  Letters(const std::string& equation, const Arrays& x) {
    std::string rest = equation.substr(0, equation.find("->"));
    result = equation.substr(equation.find("->") + 2);
    for (std::size_t comma; (comma = rest.find(',')) != std::string::npos; rest = rest.substr(comma + 1))
      operands.push_back(rest.substr(0, comma));
    operands.push_back(rest);
    const auto batch = static_cast<std::size_t>(x[0].shape.rank()) - operands[0].size();
    for (auto& operand : operands) operand.insert(0, std::string("ABCDEFGH").substr(0, batch));
    result.insert(0, std::string("ABCDEFGH").substr(0, batch));
    for (std::size_t k = 0; k < x.size(); ++k)
      for (std::size_t axis = 0; axis < operands[k].size(); ++axis)
        sizes[operands[k][axis]] = x[k].shape[static_cast<int>(axis)];
  }

  Shape shape() const {
    Shape all;
    for (const char letter : result) all = all.inserted(all.rank(), sizes.at(letter));
    return all;
  }

  // f(index of the result, index of each operand) for each product.
  void visit(const std::function<void(const Index&, const std::vector<Index>&)>& f) const {
    Shape all;
    for (const auto& [letter, size] : sizes) all = all.inserted(all.rank(), size);
    for (std::int64_t e = 0; e < all.numel(); ++e) {
      std::map<char, std::int64_t> at;
      const Index index = index_of(e, all);
      std::size_t next = 0;
      for (const auto& [letter, size] : sizes) at[letter] = index[next++];
      const auto of = [&](const std::string& letters) {
        Index result_index;
        for (const char letter : letters) result_index.push_back(at.at(letter));
        return result_index;
      };
      std::vector<Index> places;
      for (const auto& operand : operands) places.push_back(of(operand));
      f(of(result), places);
    }
  }

  std::vector<std::string> operands;
  std::string result;
  std::map<char, std::int64_t> sizes;
};

double product_but(const Arrays& x, const std::vector<Index>& places, std::size_t without) {
  double product = 1.0;
  for (std::size_t k = 0; k < x.size(); ++k)
    if (k != without) product *= x[k].at(places[k]);
  return product;
}

Tensor of(std::initializer_list<std::int64_t> sizes) { return ones(Shape(sizes)); }

}  // namespace

OpCase product_row(const std::string& name, const std::string& equation, const std::function<Tensor(const Tensors&)>& f,
                   const Sets& shapes, const LongAxis& long_axis, const Choice& choice) {
  std::vector<Scaling::Law> each;
  for (std::size_t k = 0; k < shapes[0].size(); ++k) each.push_back({1.0, {k}});
  OpCase row{.name = name,
             .f = f,
             .shapes = shapes,
             .extremes = {laws(each), everywhere(as_reference()), long_axis, choice},
             .operation = name.substr(0, name.find("_of_"))};
  row.reference = [equation](const Arrays& x) {
    const Letters letters(equation, x);
    Array result = filled(letters.shape(), 0.0);
    letters.visit([&](const Index& at, const std::vector<Index>& places) {
      result.entry(at) += product_but(x, places, x.size());
    });
    return result;
  };
  row.pullback = [equation](const Arrays& x, const Array& weights) {
    const Letters letters(equation, x);
    Arrays result;
    for (const Array& input : x) result.push_back(filled(input.shape, 0.0));
    letters.visit([&](const Index& at, const std::vector<Index>& places) {
      for (std::size_t k = 0; k < x.size(); ++k)
        result[k].entry(places[k]) += weights.at(at) * product_but(x, places, k);
    });
    return result;
  };
  return row;
}

namespace {

// Rows whose products are summed in steps.
OpCase stepwise(OpCase row) {
  const Outcome by_order = meaningless("the order of the sums decides between infinity and NaN");
  row.extremes.edges.plus_inf = row.extremes.edges.minus_inf = by_order;
  return row;
}

OpCase kron_row() {
  OpCase row = product_row(
      "kron", "ij,kl->ikjl", [](const Tensors& x) { return kron(x[0], x[1]); },
      {{{1, 3}, {2, 1}}, {{2, 3}, {3, 2}}, {{1, 1}, {1, 1}}, {{2, 2, 1}, {2, 1, 3}}, {{0, 2}, {2, 2}}},
      folds({{{300, 2}, {2, 2}}, {{2, 2}, {2, 300}}}));
  const auto matrix = [](const Shape& a, const Shape& b) { return a.with(-2, a[-2] * b[-2]).with(-1, a[-1] * b[-1]); };
  row.reference = [matrix, blocks = row.reference](const Arrays& x) {
    Array result = blocks(x);
    result.shape = matrix(x[0].shape, x[1].shape);
    return result;
  };
  row.pullback = [blocks = row.pullback](const Arrays& x, const Array& weights) {
    Array w = weights;
    w.shape = Letters("ij,kl->ikjl", x).shape();
    return blocks(x, w);
  };
  row.misuses = {{[] { kron(of({}), of({2})); }, "kron: needs at least one axis each, got [] and [2]"},
                 {[] {
                    kron(of({1, 1, 1, 1, 1, 1, 1}), of({2}));
                  },
                  "kron: at most 6 axes, got [1, 1, 1, 1, 1, 1, 1] and [1, 2]"},
                 {[] {
                    kron(of({2, 1, 1}), of({3, 1, 1}));
                  },
                  "mul: shapes do not broadcast: [2, 1, 1, 1, 1] and [3, 1, 1, 1, 1]"}};
  return row;
}

std::vector<OpCase> dot_rows() {
  OpCase row = product_row(
      "dot", "i,i->", [](const Tensors& x) { return dot(x[0], x[1]); },
      {{{4}, {4}}, {{2, 3}, {2, 3}}, {{1}, {1}}, {{0}, {0}}, {{0, 2}, {0, 2}}},
      folds({{{100000}, {100000}}, {{2, 100000}, {2, 100000}}}));
  row.misuses = {{[] { dot(of({}), of({2})); }, "dot: needs at least one axis each, got [] and [2]"},
                 {[] { dot(of({3}), of({2})); }, "dot: sizes differ: [3] and [2] (3 != 2)"}};
  return {row};
}

std::vector<OpCase> tensordot_rows() {
  OpCase row = product_row(
      "tensordot", "ijk,jkl->il", [](const Tensors& x) { return tensordot(x[0], x[1]); },
      {{{2, 3, 2}, {3, 2, 4}}, {{1, 1, 1}, {1, 1, 1}}, {{0, 2, 2}, {2, 2, 1}}, {{2, 0, 2}, {0, 2, 1}}},
      folds({{{2, 300, 300}, {300, 300, 1}}, {{2, 2, 1}, {2, 1, 100000}}}));
  row.misuses = {{[] {
                    tensordot(of({2, 3}), of({3, 2}), 2);
                  },
                  "tensordot: sizes differ: axis 0 of [2, 3] and axis 0 of [3, 2]"},
                 {[] {
                    tensordot(of({2, 3}), of({3}), 2);
                  },
                  "tensordot: axes must be in 0 ... 1 for [2, 3] and [3] (got 2)"}};
  OpCase listed = product_row(
      "tensordot_of_axes", "ijk,lki->jl",
      [](const Tensors& x) {
        return tensordot(x[0], x[1], {0, -1}, {2, 1});
      },
      {{{2, 3, 4}, {2, 4, 2}}, {{1, 1, 1}, {1, 1, 1}}}, folds({{{300, 2, 300}, {1, 300, 300}}}));
  listed.misuses = {{[] {
                       tensordot(of({2, 3}), of({3}), {1}, {0, 0});
                     },
                     "tensordot: as many axes of each, got [1] and [0, 0]"},
                    {[] {
                       tensordot(of({2, 2}), of({2, 2}), {1, -1}, {0, 1});
                     },
                     "tensordot: axis -1 of [2, 2] is given twice"},
                    {[] { tensordot(of({2}), of({2}), {1}, {0}); }, "tensordot: axis 1 is out of range for 1 axes"}};
  OpCase outer = product_row(
      "tensordot_of_no_axes", "ij,k->ijk", [](const Tensors& x) { return tensordot(x[0], x[1], 0); },
      {{{2, 3}, {4}}, {{1, 1}, {1}}}, folds({{{300, 300}, {2}}}));
  std::vector<OpCase> rows{row, listed, outer};
  for (auto& each : rows) each.batched = false;
  return rows;
}

OpCase einsum_row(const std::string& name, const std::string& equation, const std::string& reference,
                  const Sets& shapes, const LongAxis& long_axis, const Choice& choice = takes_all()) {
  OpCase row = product_row(
      "einsum_of_" + name, reference, [equation](const Tensors& x) { return einsum(equation, x); }, shapes, long_axis,
      choice);
  row.batched = equation.find("...") != std::string::npos;
  return row;
}

std::vector<Misuse> einsum_misuses() {
  const auto call = [](const std::string& equation, const Tensors& x) { return [=] { einsum(equation, x); }; };
  const Tensor m = ones({2, 3});
  return {{call("", {}), "einsum: needs at least one operand"},
          {call("ij,jk", {m}), "einsum: \"ij,jk\" is for 2 operands, got 1"},
          {call("ij->ij", {m, m}), "einsum: \"ij->ij\" is for 1 operands, got 2"},
          {call("ij,jk->ik", {m, m}), "einsum: \"j\" of \"ij,jk->ik\" has sizes 3 and 2"},
          {call("ii", {m}), "einsum: \"i\" of \"ii\" has sizes 2 and 3 in one operand"},
          {call("i->i", {m}), "einsum: \"i\" of \"i->i\" has 1 letters for [2, 3]"},
          {call("ijk", {m}), "einsum: \"ijk\" of \"ijk\" has 3 letters for [2, 3]"},
          {call("ij->ik", {m}), "einsum: \"k\" of \"ij->ik\" is in no operand"},
          {call("ij->ii", {m}), "einsum: \"i\" occurs twice in the result of \"ij->ii\""},
          {call("i1", {m}), "einsum: \"i1\" has \"1\" where letters and one \"...\" are expected"},
          {call("i..", {m}), "einsum: \"i..\" has \"..\" where letters and one \"...\" are expected"},
          {call("...i,...i->i...", {ones({2, 3}), ones({4, 3})}),
           "einsum: \"...\" of \"...i,...i->i...\" has sizes 2 and 4"}};
}

std::vector<OpCase> einsum_rows() {
  const Sets pairs{{{2, 3}, {4, 3}}, {{1, 1}, {1, 1}}, {{2, 2, 3}, {2, 1, 3}}, {{0, 3}, {2, 3}}};
  std::vector<OpCase> rows{
      einsum_row("matrices", "...ij,...kj->...ik", "ij,kj->ik", pairs, folds({{{2, 100000}, {2, 100000}}})),
      einsum_row("implicit_result", "ij, jk", "ij,jk->ik", {{{2, 3}, {3, 4}}, {{1, 1}, {1, 1}}},
                 folds({{{2, 100000}, {100000, 2}}})),
      einsum_row("alphabetical_result", "ba", "ba->ab", {{{2, 3}}, {{1, 1}}}, folds_nothing()),
      einsum_row("entries", "...i,...i->...i", "i,i->i", {{{3}, {3}}, {{2, 3}, {2, 3}}, {{1}, {1}}},
                 folds({{{1000}, {1000}}})),
      stepwise(einsum_row("lone_letters", "...ij,...jk->...k", "ij,jk->k", {{{2, 3}, {3, 4}}, {{1, 1}, {1, 1}}},
                          folds({{{1000, 2}, {2, 2}}, {{2, 100000}, {100000, 1}}}))),
      einsum_row("kept_letters", "...bij,...bjk->...kib", "bij,bjk->kib",
                 {{{2, 3, 2}, {2, 2, 4}}, {{1, 1, 1}, {1, 1, 1}}}, folds({{{2, 1, 100000}, {2, 100000, 1}}})),
      stepwise(einsum_row("three", "...ij,...jk,...kl->...il", "ij,jk,kl->il",
                          {{{2, 3}, {3, 2}, {2, 2}}, {{1, 1}, {1, 1}, {1, 1}}},
                          folds({{{1, 1000}, {1000, 2}, {2, 1}}}))),
      einsum_row("shared_by_three", "...i,...i,...i->...", "i,i,i->", {{{3}, {3}, {3}}, {{1}, {1}, {1}}},
                 folds({{{10000}, {10000}, {10000}}})),
      einsum_row("diagonals", "...ii->...i", "ii->i", {{{3, 3}}, {{2, 2, 2}}, {{1, 1}}, {{0, 0}}}, folds_nothing(),
                 left_out()),
      einsum_row("traces", "...ii->...", "ii->", {{{3, 3}}, {{2, 2, 2}}, {{1, 1}}}, folds({{{300, 300}}}), left_out()),
      einsum_row("diagonal_and_matrix", "...ii,...ij->...j", "ii,ij->j", {{{3, 3}, {3, 2}}, {{1, 1}, {1, 1}}},
                 folds({{{300, 300}, {300, 2}}}), left_out()),
      einsum_row("sum", "ij->", "ij->", {{{3, 4}}, {{1, 1}}}, folds({{{300, 300}}})),
  };
  rows[0].misuses = einsum_misuses();
  return rows;
}

std::vector<OpCase> multi_dot_rows() {
  OpCase row = product_row(
      "multi_dot", "ij,jk,kl->il", [](const Tensors& x) { return multi_dot(x); },
      {{{2, 3}, {3, 4}, {4, 2}}, {{1, 1}, {1, 1}, {1, 1}}, {{2, 4, 1}, {2, 1, 3}, {2, 3, 3}}, {{2, 0}, {0, 3}, {3, 1}}},
      folds({{{1, 1000}, {1000, 2}, {2, 1}}, {{2, 2}, {2, 1000}, {1000, 2}}}));
  const auto call = [](const Tensors& x) { return [x] { multi_dot(x); }; };
  row.misuses = {{call({of({2, 2})}), "multi_dot: needs at least two matrices, got 1"},
                 {call({of({2, 3}), of({2, 3})}), "multi_dot: inner sizes differ: [2, 3] x [2, 3] (3 != 2)"},
                 {call({of({2, 2}), of({2}), of({2, 2})}), "multi_dot: factor 1 is no matrix: [2]"},
                 {call({of({4, 2, 2}), of({3, 2, 2})}), "multi_dot: shapes do not broadcast: [4] and [3]"}};
  OpCase ends = product_row(
      "multi_dot_of_vectors", "i,ij,jk,k->", [](const Tensors& x) { return multi_dot(x); },
      {{{2}, {2, 3}, {3, 4}, {4}}, {{1}, {1, 1}, {1, 1}, {1}}}, folds({{{100}, {100, 2}, {2, 100}, {100}}}));
  ends.batched = false;  // a batch of vectors is a matrix
  return {stepwise(row), stepwise(ends)};
}

}  // namespace

std::vector<OpCase> product_cases() {
  std::vector<OpCase> rows{kron_row()};
  OpCase vectors = product_row(
      "kron_of_vectors", "i,j->ij",
      [](const Tensors& x) {
        return reshape(kron(x[0], x[1]), Shape{x[0].numel(), x[1].numel()});
      },
      {{{2}, {3}}, {{1}, {1}}}, folds({{{1000}, {2}}}));
  vectors.batched = false;
  rows.push_back(vectors);
  for (const auto& family : {dot_rows(), tensordot_rows(), einsum_rows(), multi_dot_rows()})
    rows.insert(rows.end(), family.begin(), family.end());
  return rows;
}

}  // namespace sigmagrad::testing
