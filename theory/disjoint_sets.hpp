// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <numeric>
#include <utility>
#include <vector>

namespace sigmagrad::theory::detail {

/// Disjoint sets of 0, ..., n - 1, with path halving and union by size.
class DisjointSets {
 public:
  explicit DisjointSets(std::size_t n) : parent_(n), size_(n, 1), count_(n) {
    std::iota(parent_.begin(), parent_.end(), std::size_t{0});
  }

  /// What all members of i's set have in common.
  std::size_t root(std::size_t i) {
    while (parent_[i] != i) i = parent_[i] = parent_[parent_[i]];
    return i;
  }
  void join(std::size_t i, std::size_t j) {
    i = root(i);
    j = root(j);
    if (i == j) return;
    if (size_[i] < size_[j]) std::swap(i, j);
    parent_[j] = i;
    size_[i] += size_[j];
    --count_;
  }
  std::size_t count() const { return count_; }

 private:
  std::vector<std::size_t> parent_, size_;
  std::size_t count_;
};

}  // namespace sigmagrad::theory::detail
