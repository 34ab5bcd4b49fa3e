// SPDX-License-Identifier: BSD-3-Clause
// The observed entries of a matrix as a list, from which nothing is ever spread out to the whole matrix.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <sigmagrad/autograd/random/random.hpp>

namespace sigmagrad::impute {

/// Observed entries, by row and then by column, of a [row_count, column_count] matrix.
struct Observations {
  std::int64_t row_count = 0, column_count = 0;
  std::vector<std::int64_t> rows = {}, columns = {};
  std::vector<double> values = {};

  std::size_t size() const { return values.size(); }
  void add(std::int64_t row, std::int64_t column, double value);
};

/// Observed entries with the names of their rows and columns.
struct ObservedMatrix {
  Observations entries = {};
  std::vector<std::string> row_ids = {}, column_ids = {};
  /// Whether rows are named by the file, and not by their place; the same for columns.
  bool named_rows = false, named_columns = false;
};

/// The entries in the given order of positions.
Observations selected(const Observations& all, const std::vector<std::int64_t>& positions);
/// Rows become columns.
Observations transposed(const Observations& entries);
/// Where each row's entries begin, and at last their number: [row_count + 1].
std::vector<std::size_t> row_starts(const Observations& entries);

/// What is trained on, what chooses and stops, and what nothing is fitted to.
struct Split {
  Observations training, validation, heldout;
};
/// Half of `share` goes to each of the last two. Error where one of the parts would be empty.
Split split(const Observations& entries, double share, Generator& generator);

/// Connected parts of the graph that has a node for each row and each column and an edge for each entry; a row or
/// column without entries is a part of its own. Between two parts nothing says how their factors relate.
std::int64_t connected_parts(const Observations& entries);

}  // namespace sigmagrad::impute
