// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/theory/coupling.hpp>

#include <cmath>
#include <map>

#include <sigmagrad/autograd/graph/derivatives.hpp>
#include <sigmagrad/autograd/graph/grad_mode.hpp>
#include <sigmagrad/autograd/operations/elementwise.hpp>
#include <sigmagrad/autograd/operations/matmul.hpp>
#include <sigmagrad/autograd/operations/shape_ops.hpp>
#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/autograd/tensor/fail.hpp>
#include <sigmagrad/theory/disjoint_sets.hpp>

namespace sigmagrad::theory {
namespace {

using Indices = std::vector<std::int64_t>;

struct Entries {
  Indices rows, columns;
  std::size_t size() const { return rows.size(); }
};

Entries entries_of(const Tensor& observed, const char* operation) {
  if (observed.dim() != 2) engine::fail("{}: observed must be a matrix, got {}", operation, observed.shape().str());
  Entries entries;
  const auto seen = observed.data<double>();
  for (std::int64_t i = 0; i < observed.numel(); ++i)
    if (seen[static_cast<std::size_t>(i)] != 0.0) {
      entries.rows.push_back(i / observed.size(1));
      entries.columns.push_back(i % observed.size(1));
    }
  return entries;
}

void check(const std::vector<Tensor>& factors, const Tensor& observed, const char* operation) {
  if (factors.empty()) engine::fail("{}: needs at least one factor", operation);
  for (const auto& factor : factors)
    if (factor.dim() != 2) engine::fail("{}: factors must be matrices, got {}", operation, factor.shape().str());
  const Shape shape{factors.back().size(0), factors.front().size(1)};
  if (observed.shape() != shape)
    engine::fail("{}: observed must have the product's shape {} (got {})", operation, shape.str(),
                 observed.shape().str());
}

Tensor product(const std::vector<Tensor>& factors) {
  Tensor result = factors.front();
  for (std::size_t l = 1; l < factors.size(); ++l) result = matmul(factors[l], result);
  return result;
}

// x[p, q] = matrix[index_p, index_q].
Tensor at_pairs(const Tensor& matrix, const Indices& index) {
  return index_select(index_select(matrix, 0, index), 1, index);
}

Components components(detail::DisjointSets& sets, std::size_t n) {
  constexpr auto none = static_cast<std::size_t>(-1);
  std::vector<std::size_t> place(n, none);
  Components result;
  for (std::size_t i = 0; i < n; ++i) {
    auto& here = place[sets.root(i)];
    if (here == none) {
      here = result.size();
      result.emplace_back();
    }
    result[here].push_back(static_cast<std::int64_t>(i));
  }
  return result;
}

// Entries of one row, or of one column, are joined.
void join_equal(detail::DisjointSets& sets, const Indices& index) {
  std::map<std::int64_t, std::size_t> first;
  for (std::size_t i = 0; i < index.size(); ++i) sets.join(i, first.try_emplace(index[i], i).first->second);
}

}  // namespace

Tensor observed_jacobian(const std::vector<Tensor>& factors, const Tensor& observed) {
  check(factors, observed, "observed_jacobian");
  const Entries entries = entries_of(observed, "observed_jacobian");
  Indices flat;
  for (std::size_t i = 0; i < entries.size(); ++i)
    flat.push_back(entries.rows[i] * observed.size(1) + entries.columns[i]);
  const auto predictions = [&](const std::vector<Tensor>& w) { return index_select(product(w).flatten(), 0, flat); };
  std::vector<Tensor> blocks;
  for (const auto& block : jacobian(predictions, factors)) blocks.push_back(block.flatten(1));
  return cat(blocks, 1);
}

Tensor gradient_gram(const std::vector<Tensor>& factors, const Tensor& observed) {
  check(factors, observed, "gradient_gram");
  const NoGrad guard;
  const Entries entries = entries_of(observed, "gradient_gram");
  std::vector<Tensor> left{eye(factors.back().size(0))};  // what stands left of W_L, W_{L-1}, ...
  for (std::size_t l = factors.size(); l-- > 1;) left.push_back(matmul(left.back(), factors[l]));
  const auto n = static_cast<std::int64_t>(entries.size());
  Tensor result = zeros({n, n}), right = eye(factors.front().size(1));
  for (const auto& factor : factors) {
    const Tensor T = matmul(left.back(), left.back().t()), S = matmul(right.t(), right);
    result += at_pairs(T, entries.rows) * at_pairs(S, entries.columns);
    right = matmul(factor, right);
    left.pop_back();
  }
  return result;
}

Components coupled_components(const std::vector<Tensor>& factors, const Tensor& observed, double tolerance) {
  const Tensor gram = gradient_gram(factors, observed);
  const auto g = gram.data<double>();
  const auto n = static_cast<std::size_t>(gram.size(0));
  detail::DisjointSets sets(n);
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = i + 1; j < n; ++j)
      if (std::abs(g[i * n + j]) > tolerance * std::sqrt(g[i * n + i]) * std::sqrt(g[j * n + j])) sets.join(i, j);
  return components(sets, n);
}

Components connected_components(const Tensor& observed) {
  const Entries entries = entries_of(observed, "connected_components");
  detail::DisjointSets sets(entries.size());
  join_equal(sets, entries.rows);
  join_equal(sets, entries.columns);
  return components(sets, entries.size());
}

bool is_connected(const Tensor& observed) { return connected_components(observed).size() == 1; }

}  // namespace sigmagrad::theory
