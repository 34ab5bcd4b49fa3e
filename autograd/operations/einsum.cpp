// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <cctype>
#include <map>
#include <string>

#include <sigmagrad/autograd/kernels/map.hpp>
#include <sigmagrad/autograd/operations/elementwise.hpp>
#include <sigmagrad/autograd/operations/matmul.hpp>
#include <sigmagrad/autograd/operations/products.hpp>
#include <sigmagrad/autograd/operations/reductions.hpp>
#include <sigmagrad/autograd/operations/shape_ops.hpp>
#include <sigmagrad/autograd/tensor/fail.hpp>

namespace sigmagrad {

using namespace engine;

namespace {

// An axis's letter; -1, -2, ... for the axes of "...", counted from the last.
using Label = int;
using Labels = std::vector<Label>;

bool has(const Labels& labels, Label label) { return std::find(labels.begin(), labels.end(), label) != labels.end(); }

// A tensor whose axes have names, each once.
struct Term {
  Tensor x;
  Labels labels;

  int axis(Label label) const {
    return static_cast<int>(std::find(labels.begin(), labels.end(), label) - labels.begin());
  }
  std::int64_t size(Label label) const { return x.size(axis(label)); }
  void drop(Label label) { labels.erase(labels.begin() + axis(label)); }
};

Term ordered(const Term& term, const Labels& labels) {
  if (labels == term.labels) return term;
  std::vector<int> axes;
  for (const Label label : labels) axes.push_back(term.axis(label));
  return {permute(term.x, axes), labels};
}

// Products are summed over labels that nobody asks for.
Term summed_to(Term term, const Labels& kept) {
  for (auto at = term.labels.size(); at-- > 0;)
    if (const Label label = term.labels[at]; !has(kept, label)) {
      term.x = sum(term.x, static_cast<int>(at));
      term.drop(label);
    }
  return term;
}

Shape sizes_of(const Term& term, const Labels& labels) {
  Shape shape;
  for (const Label label : labels) shape = shape.inserted(shape.rank(), term.size(label));
  return shape;
}

Labels joined(Labels first, const Labels& second) {
  first.insert(first.end(), second.begin(), second.end());
  return first;
}

Tensor with_shape(const Tensor& x, const Shape& shape) { return x.shape() == shape ? x : reshape(x, shape); }

// [rows, columns], or [batch, rows, columns] where there are batch axes: each group as one axis.
Tensor matrices(const Term& term, const Labels& batch, const Labels& rows, const Labels& columns) {
  const Shape matrix{sizes_of(term, rows).numel(), sizes_of(term, columns).numel()};
  const Tensor x = ordered(term, joined(batch, joined(rows, columns))).x;
  return with_shape(x, batch.empty() ? matrix : matrix.inserted(0, sizes_of(term, batch).numel()));
}

// The product of two terms, with those of their labels that are kept.
Term multiplied(Term a, Term b, const Labels& kept) {
  for (const Label label : Labels(a.labels)) {  // an axis of size 1 broadcasts
    if (!has(b.labels, label) || a.size(label) == b.size(label)) continue;
    Term& once = a.size(label) == 1 ? a : b;
    once.x = squeeze(once.x, once.axis(label));
    once.drop(label);
  }
  a = summed_to(std::move(a), joined(kept, b.labels));
  b = summed_to(std::move(b), joined(kept, a.labels));
  Labels batch, inner, rows, columns;
  for (const Label label : a.labels) (!has(b.labels, label) ? rows : has(kept, label) ? batch : inner).push_back(label);
  for (const Label label : b.labels)
    if (!has(a.labels, label)) columns.push_back(label);
  const Tensor left = matrices(a, batch, rows, inner), right = matrices(b, batch, inner, columns);
  const Tensor product = inner.empty() ? left * right : matmul(left, right);
  Shape shape = sizes_of(a, joined(batch, rows));
  for (const auto size : sizes_of(b, columns)) shape = shape.inserted(shape.rank(), size);
  return {with_shape(product, shape), joined(joined(batch, rows), columns)};
}

// Where a letter occurs twice, the diagonal of its axes.
Term with_diagonals(const Term& term) {
  const auto count = static_cast<int>(term.labels.size());
  for (int i = 0; i < count; ++i) {
    const Label label = term.labels[static_cast<std::size_t>(i)];
    const int first = term.axis(label);
    if (first == i) continue;
    std::vector<int> axes;
    Labels labels;
    for (int axis = 0; axis < count; ++axis) {
      if (axis == first || axis == i) continue;
      axes.push_back(axis);
      labels.push_back(term.labels[static_cast<std::size_t>(axis)]);
    }
    axes.insert(axes.end(), {first, i});
    labels.push_back(label);
    return with_diagonals({diagonal(permute(term.x, axes)), labels});
  }
  return term;
}

class Equation {
 public:
  Equation(std::string_view text, const std::vector<Tensor>& operands) : text_(text) {
    std::string plain;
    std::copy_if(text.begin(), text.end(), std::back_inserter(plain), [](char c) { return c != ' '; });
    const auto arrow = plain.find("->");
    const std::string inputs = plain.substr(0, arrow);
    const auto count = 1 + std::count(inputs.begin(), inputs.end(), ',');
    if (count != std::ssize(operands)) fail("einsum: \"{}\" is for {} operands, got {}", text_, count, operands.size());
    std::size_t start = 0;
    for (const Tensor& x : operands) {
      check_same_dtype("einsum", operands.front(), x);
      const std::size_t end = std::min(inputs.find(',', start), inputs.size());
      add_term(inputs.substr(start, end - start), x);
      start = end + 1;
    }
    if (arrow == std::string::npos)
      imply_result();
    else
      read_result(plain.substr(arrow + 2));
  }

  Tensor value() const {
    Term result = with_diagonals(terms_.front());
    for (std::size_t i = 1; i < terms_.size(); ++i) {
      Labels kept = result_;
      for (std::size_t later = i + 1; later < terms_.size(); ++later) kept = joined(kept, terms_[later].labels);
      result = multiplied(std::move(result), with_diagonals(terms_[i]), kept);
    }
    const Tensor x = ordered(summed_to(std::move(result), result_), result_).x;
    return x.is(terms_.front().x) ? reshape(x, x.shape()) : x;
  }

 private:
  // The letters of one operand or of the result; `dots` axes stand for "...".
  Labels read(const std::string& part, int dots) const {
    Labels labels;
    for (std::size_t i = 0; i < part.size(); ++i) {
      if (std::isalpha(static_cast<unsigned char>(part[i]))) {
        labels.push_back(part[i]);
      } else if (part.compare(i, 3, "...") == 0 && part.find("...", i + 3) == std::string::npos) {
        for (int axis = dots; axis > 0; --axis) labels.push_back(-axis);
        i += 2;
      } else {
        fail("einsum: \"{}\" has \"{}\" where letters and one \"...\" are expected", text_, part.substr(i));
      }
    }
    return labels;
  }

  void add_term(const std::string& part, const Tensor& x) {
    const auto letters = static_cast<int>(read(part, 0).size());
    const bool open = part.find('.') != std::string::npos;
    const int dots = x.dim() - letters;
    if (dots < 0 || (dots > 0 && !open))
      fail("einsum: \"{}\" of \"{}\" has {} letters for {}", part, text_, letters, x.shape().str());
    if (open) dots_ = std::max(dots_, dots);
    Term term{x, read(part, dots)};
    for (std::size_t i = 0; i < term.labels.size(); ++i) check_size(term.labels[i], x.size(static_cast<int>(i)), term);
    terms_.push_back(std::move(term));
  }

  void check_size(Label label, std::int64_t size, const Term& term) {
    if (std::count(term.labels.begin(), term.labels.end(), label) > 1 && size != term.size(label))
      fail("einsum: {} of \"{}\" has sizes {} and {} in one operand", name_of(label), text_, term.size(label), size);
    const auto [known, fresh] = sizes_.insert({label, size});
    if (known->second == 1) known->second = size;
    if (size != 1 && size != known->second)
      fail("einsum: {} of \"{}\" has sizes {} and {}", name_of(label), text_, known->second, size);
  }

  static std::string name_of(Label label) {
    return label < 0 ? "\"...\"" : "\"" + std::string(1, static_cast<char>(label)) + "\"";
  }

  void imply_result() {
    for (int axis = dots_; axis > 0; --axis) result_.push_back(-axis);
    for (const auto& [label, size] : sizes_) {
      std::ptrdiff_t count = 0;
      for (const Term& term : terms_) count += std::count(term.labels.begin(), term.labels.end(), label);
      if (label > 0 && count == 1) result_.push_back(label);
    }
  }

  void read_result(const std::string& part) {
    result_ = read(part, dots_);
    for (const Label label : result_) {
      if (sizes_.count(label) == 0) fail("einsum: {} of \"{}\" is in no operand", name_of(label), text_);
      if (std::count(result_.begin(), result_.end(), label) > 1)
        fail("einsum: {} occurs twice in the result of \"{}\"", name_of(label), text_);
    }
  }

  std::string_view text_;
  std::vector<Term> terms_;
  std::map<Label, std::int64_t> sizes_;
  Labels result_;
  int dots_ = 0;
};

}  // namespace

Tensor einsum(std::string_view equation, const std::vector<Tensor>& operands) {
  if (operands.empty()) fail("einsum: needs at least one operand");
  return Equation(equation, operands).value();
}

}  // namespace sigmagrad
