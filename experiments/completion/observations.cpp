// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/experiments/completion/observations.hpp>

#include <algorithm>
#include <numeric>

#include <sigmagrad/sigmagrad.hpp>
#include <sigmagrad/theory/coupling.hpp>

namespace sigmagrad::experiments::completion {

namespace {

using Rows = std::vector<std::string>;

std::string join(const Rows& rows) {
  std::string text = rows.front();
  for (std::size_t i = 1; i < rows.size(); ++i) text += '/' + rows[i];
  return text;
}

Rows transposed(const Rows& rows) {
  Rows result = rows;
  for (std::size_t i = 0; i < rows.size(); ++i)
    for (std::size_t j = 0; j < rows.size(); ++j) result[j][i] = rows[i][j];
  return result;
}

// The last in alphabetical order of the patterns that rows come to by permutations: rows sorted, for each order of
// the columns.
std::string last_permuted(const Rows& rows) {
  std::vector<std::size_t> columns(rows.size());
  std::iota(columns.begin(), columns.end(), 0);
  std::string last;
  do {
    Rows permuted = rows;
    for (std::size_t i = 0; i < rows.size(); ++i)
      for (std::size_t j = 0; j < rows.size(); ++j) permuted[i][j] = rows[i][columns[j]];
    std::ranges::sort(permuted, std::greater<>());
    last = std::max(last, join(permuted));
  } while (std::ranges::next_permutation(columns).found);
  return last;
}

// The pattern whose entries, row by row, are the bits of `number`.
Rows rows_of(std::int64_t number, std::size_t d) {
  Rows rows(d, std::string(d, '0'));
  for (auto& row : rows)
    for (auto& entry : row) {
      if (number % 2 == 1) entry = '1';
      number /= 2;
    }
  return rows;
}

// The places of observed entries, row by row.
std::vector<std::int64_t> observed_entries(const Tensor& observed) {
  std::vector<std::int64_t> entries;
  for (std::int64_t entry = 0; entry < observed.numel(); ++entry)
    if (observed.data<double>()[static_cast<std::size_t>(entry)] == 1.0) entries.push_back(entry);
  return entries;
}

}  // namespace

Tensor mask_of(std::string_view pattern) {
  std::vector<double> entries;
  for (const char c : pattern)
    if (c != '/') entries.push_back(c == '1' ? 1.0 : 0.0);
  const auto rows = 1 + std::ranges::count(pattern, '/');
  return tensor(entries, {rows, rows});
}

std::vector<Tensor> complete_blocks(const Tensor& observed) {
  const auto d = observed.size(0);
  const auto entries = observed_entries(observed);
  std::vector<Tensor> blocks;
  Tensor together = zeros_like(observed);
  for (const auto& component : theory::connected_components(observed)) {
    Tensor rows = zeros({d, 1}), columns = zeros({1, d});
    for (const std::int64_t number : component) {
      const std::int64_t entry = entries[static_cast<std::size_t>(number)];
      rows.mutable_data<double>()[static_cast<std::size_t>(entry / d)] = 1.0;
      columns.mutable_data<double>()[static_cast<std::size_t>(entry % d)] = 1.0;
    }
    blocks.push_back(rows * columns);
    together = together + blocks.back();
  }
  return allclose(together, observed) ? blocks : std::vector<Tensor>();
}

Panel bipartite_graph(const std::string& title, std::string_view pattern) {
  const auto mask = mask_of(pattern);
  const auto d = mask.size(0);
  const auto entries = observed_entries(mask);
  Panel panel{.title = title, .y_label = "number of row or column", .categories = {"rows", "columns"}};
  int number = 0;
  for (const auto& component : theory::connected_components(mask)) {
    const std::string label = "component " + std::to_string(++number);
    for (const std::int64_t k : component) {
      const std::int64_t entry = entries[static_cast<std::size_t>(k)];
      panel.series.push_back({.label = label,
                              .x = {0.0, 1.0},
                              .y = {static_cast<double>(entry / d + 1), static_cast<double>(entry % d + 1)}});
    }
  }
  Series vertices{.label = "row or column", .kind = Kind::Points, .role = Role::Mean};
  for (std::int64_t i = 1; i <= d; ++i)
    for (const double side : {0.0, 1.0}) {
      vertices.x.push_back(side);
      vertices.y.push_back(static_cast<double>(i));
    }
  panel.series.push_back(std::move(vertices));
  return panel;
}

std::vector<std::string> patterns_up_to_symmetry(std::int64_t d) {
  std::vector<std::string> representatives;
  for (std::int64_t number = 0; number < std::int64_t{1} << (d * d); ++number) {
    const auto rows = rows_of(number, static_cast<std::size_t>(d));
    const auto text = join(rows);
    const auto observed = std::ranges::count(text, '1');
    if (observed < 2 || observed == d * d) continue;
    if (text == std::max(last_permuted(rows), last_permuted(transposed(rows)))) representatives.push_back(text);
  }
  std::ranges::stable_sort(representatives, {}, [](const auto& text) { return std::ranges::count(text, '1'); });
  return representatives;
}

}  // namespace sigmagrad::experiments::completion
