// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/impute/observed_entries.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>

#include <fmt/format.h>

#include <sigmagrad/autograd/tensor/error.hpp>
#include <sigmagrad/theory/disjoint_sets.hpp>

namespace sigmagrad::impute {

void Observations::add(std::int64_t row, std::int64_t column, double value) {
  rows.push_back(row);
  columns.push_back(column);
  values.push_back(value);
}

Observations selected(const Observations& all, const std::vector<std::int64_t>& positions) {
  Observations result{.row_count = all.row_count, .column_count = all.column_count};
  for (const auto position : positions) {
    const auto i = static_cast<std::size_t>(position);
    result.add(all.rows[i], all.columns[i], all.values[i]);
  }
  return result;
}

Observations transposed(const Observations& entries) {
  Observations result{.row_count = entries.column_count, .column_count = entries.row_count};
  std::vector<std::int64_t> order(entries.size());
  std::iota(order.begin(), order.end(), 0);
  std::ranges::stable_sort(order, {}, [&](std::int64_t i) { return entries.columns[static_cast<std::size_t>(i)]; });
  for (const auto position : order) {
    const auto i = static_cast<std::size_t>(position);
    result.add(entries.columns[i], entries.rows[i], entries.values[i]);
  }
  return result;
}

std::vector<std::size_t> row_starts(const Observations& entries) {
  std::vector<std::size_t> starts(static_cast<std::size_t>(entries.row_count) + 1, 0);
  for (const auto row : entries.rows) ++starts[static_cast<std::size_t>(row) + 1];
  std::partial_sum(starts.begin(), starts.end(), starts.begin());
  return starts;
}

Split split(const Observations& entries, double share, Generator& generator) {
  const auto each = std::max(1.0, std::round(share / 2.0 * static_cast<double>(entries.size())));
  const auto count = static_cast<std::ptrdiff_t>(each);
  if (std::ssize(entries.values) < 2 * count + 1)
    throw Error(
        fmt::format("complete: {} observed entries are too few to train on some and hold out others", entries.size()));
  std::vector<std::int64_t> order(entries.size());
  generator.permutation(order);
  const auto part = [&](auto begin, auto end) {
    std::vector<std::int64_t> positions(begin, end);
    std::ranges::sort(positions);  // by row again: neighbours in the list then share rows of the factors
    return selected(entries, positions);
  };
  const auto validation = order.begin(), heldout = validation + count, training = heldout + count;
  return {.training = part(training, order.end()),
          .validation = part(validation, heldout),
          .heldout = part(heldout, training)};
}

std::int64_t connected_parts(const Observations& entries) {
  theory::detail::DisjointSets nodes(static_cast<std::size_t>(entries.row_count + entries.column_count));
  for (std::size_t i = 0; i < entries.size(); ++i)
    nodes.join(static_cast<std::size_t>(entries.rows[i]),
               static_cast<std::size_t>(entries.row_count + entries.columns[i]));
  return static_cast<std::int64_t>(nodes.count());
}

}  // namespace sigmagrad::impute
