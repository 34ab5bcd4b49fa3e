// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/autograd/operations/products.hpp>

#include <algorithm>
#include <numeric>

#include <fmt/ranges.h>

#include <sigmagrad/autograd/kernels/map.hpp>
#include <sigmagrad/autograd/operations/elementwise.hpp>
#include <sigmagrad/autograd/operations/matmul.hpp>
#include <sigmagrad/autograd/operations/shape_ops.hpp>
#include <sigmagrad/autograd/tensor/fail.hpp>

namespace sigmagrad {

using namespace engine;

namespace {

void check_axes(const char* operation, const Tensor& a, const Tensor& b) {
  check_same_dtype(operation, a, b);
  if (a.dim() == 0 || b.dim() == 0)
    fail("{}: needs at least one axis each, got {} and {}", operation, a.shape().str(), b.shape().str());
}

}  // namespace

Tensor dot(const Tensor& a, const Tensor& b) {
  check_axes("dot", a, b);
  if (a.size(-1) != b.size(-1))
    fail("dot: sizes differ: {} and {} ({} != {})", a.shape().str(), b.shape().str(), a.size(-1), b.size(-1));
  if (a.dim() == 1 && b.dim() == 1) return matmul(a, b);
  return squeeze(squeeze(matmul(unsqueeze(a, -2), unsqueeze(b, -1)), -1), -1);
}

Tensor kron(const Tensor& a, const Tensor& b) {
  check_axes("kron", a, b);
  if (a.dim() == 1 && b.dim() == 1) return squeeze(kron(unsqueeze(a, 0), unsqueeze(b, 0)), 0);
  if (a.dim() == 1) return kron(unsqueeze(a, 0), b);
  if (b.dim() == 1) return kron(a, unsqueeze(b, 0));
  if (std::max(a.dim(), b.dim()) > Shape::max_rank - 2)
    fail("kron: at most {} axes, got {} and {}", Shape::max_rank - 2, a.shape().str(), b.shape().str());
  const Tensor blocks = unsqueeze(unsqueeze(a, -2), -1) * unsqueeze(unsqueeze(b, -2), -4);  // [..., m, p, n, q]
  const Shape batch = blocks.shape().head(blocks.dim() - 4);
  return reshape(blocks, batch.inserted(-1, a.size(-2) * b.size(-2)).inserted(-1, a.size(-1) * b.size(-1)));
}

namespace {

using Axes = std::vector<int>;

// The axes of x without `taken`.
Axes others(const Tensor& x, const Axes& taken) {
  Axes result;
  for (int axis = 0; axis < x.dim(); ++axis)
    if (std::find(taken.begin(), taken.end(), axis) == taken.end()) result.push_back(axis);
  return result;
}

Axes both_of(Axes a, const Axes& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

Tensor contracted(const Tensor& a, const Tensor& b, const Axes& axes_a, const Axes& axes_b) {
  const Axes rows = others(a, axes_a), columns = others(b, axes_b);
  std::int64_t m = 1, k = 1, n = 1;
  Shape shape;
  for (const int axis : rows) m *= a.size(axis), shape = shape.inserted(shape.rank(), a.size(axis));
  for (const int axis : columns) n *= b.size(axis), shape = shape.inserted(shape.rank(), b.size(axis));
  for (const int axis : axes_a) k *= a.size(axis);
  const Tensor left = permute(a, both_of(rows, axes_a)), right = permute(b, both_of(axes_b, columns));
  const auto as = [](const Tensor& x, const Shape& matrix) { return x.shape() == matrix ? x : reshape(x, matrix); };
  return as(matmul(as(left, {m, k}), as(right, {k, n})), shape);
}

Axes normalized(const Tensor& x, std::initializer_list<int> axes) {
  Axes result;
  for (const int axis : axes) {
    const int at = normalize_axis("tensordot", axis, x.dim());
    if (std::find(result.begin(), result.end(), at) != result.end())
      fail("tensordot: axis {} of {} is given twice", axis, x.shape().str());
    result.push_back(at);
  }
  return result;
}

Tensor checked(const Tensor& a, const Tensor& b, const Axes& axes_a, const Axes& axes_b) {
  for (std::size_t i = 0; i < axes_a.size(); ++i)
    if (a.size(axes_a[i]) != b.size(axes_b[i]))
      fail("tensordot: sizes differ: axis {} of {} and axis {} of {}", axes_a[i], a.shape().str(), axes_b[i],
           b.shape().str());
  return contracted(a, b, axes_a, axes_b);
}

}  // namespace

Tensor tensordot(const Tensor& a, const Tensor& b, int axes) {
  check_same_dtype("tensordot", a, b);
  if (axes < 0 || axes > std::min(a.dim(), b.dim()))
    fail("tensordot: axes must be in 0 ... {} for {} and {} (got {})", std::min(a.dim(), b.dim()), a.shape().str(),
         b.shape().str(), axes);
  Axes last(static_cast<std::size_t>(axes)), first(last);
  std::iota(last.begin(), last.end(), a.dim() - axes);
  std::iota(first.begin(), first.end(), 0);
  return checked(a, b, last, first);
}

Tensor tensordot(const Tensor& a, const Tensor& b, std::initializer_list<int> axes_a,
                 std::initializer_list<int> axes_b) {
  check_same_dtype("tensordot", a, b);
  if (axes_a.size() != axes_b.size())
    fail("tensordot: as many axes of each, got [{}] and [{}]", fmt::join(axes_a, ", "), fmt::join(axes_b, ", "));
  return checked(a, b, normalized(a, axes_a), normalized(b, axes_b));
}

namespace {

// Where to cut each run of factors so that the product takes the fewest multiplications.
class Chain {
 public:
  // Factor i is [sizes[i], sizes[i + 1]].
  explicit Chain(const std::vector<std::int64_t>& sizes) : count_(sizes.size() - 1), cuts_(count_ * count_) {
    std::vector<double> costs(count_ * count_, 0.0);
    for (std::size_t length = 2; length <= count_; ++length)
      for (std::size_t first = 0; first + length <= count_; ++first) {
        const std::size_t last = first + length - 1;
        double least = -1.0;
        for (std::size_t cut = first + 1; cut <= last; ++cut) {
          const double product = static_cast<double>(sizes[first]) * static_cast<double>(sizes[cut]);
          const double cost = costs[first * count_ + cut - 1] + costs[cut * count_ + last] +
                              product * static_cast<double>(sizes[last + 1]);
          if (least >= 0.0 && cost >= least) continue;
          least = cost;
          cuts_[first * count_ + last] = cut;
        }
        costs[first * count_ + last] = least;
      }
  }

  Tensor product(const std::vector<Tensor>& factors, std::size_t first, std::size_t last) const {
    if (first == last) return factors[first];
    const std::size_t cut = cuts_[first * count_ + last];
    return matmul(product(factors, first, cut - 1), product(factors, cut, last));
  }

 private:
  std::size_t count_;
  std::vector<std::size_t> cuts_;
};

}  // namespace

Tensor multi_dot(const std::vector<Tensor>& matrices) {
  if (matrices.size() < 2) fail("multi_dot: needs at least two matrices, got {}", matrices.size());
  std::vector<Tensor> factors = matrices;
  const bool row = factors.front().dim() == 1, column = factors.back().dim() == 1;
  if (row) factors.front() = unsqueeze(factors.front(), 0);
  if (column) factors.back() = unsqueeze(factors.back(), 1);
  Shape batch;
  std::vector<std::int64_t> sizes{};
  for (std::size_t i = 0; i < factors.size(); ++i) {
    check_same_dtype("multi_dot", factors.front(), factors[i]);
    if (factors[i].dim() < 2) fail("multi_dot: factor {} is no matrix: {}", i, matrices[i].shape().str());
    if (i > 0 && factors[i].size(-2) != sizes.back())
      fail("multi_dot: inner sizes differ: {} x {} ({} != {})", matrices[i - 1].shape().str(),
           matrices[i].shape().str(), sizes.back(), factors[i].size(-2));
    if (i == 0) sizes.push_back(factors[i].size(-2));
    sizes.push_back(factors[i].size(-1));
    batch = broadcast_shapes("multi_dot", batch, factors[i].shape().head(factors[i].dim() - 2));
  }
  Tensor result = Chain(sizes).product(factors, 0, factors.size() - 1);
  if (row) result = squeeze(result, -2);
  return column ? squeeze(result, -1) : result;
}

}  // namespace sigmagrad
