// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/experiments/spectral/structure_plots.hpp>

#include <utility>
#include <variant>

#include <sigmagrad/experiments/spectral/closed_forms.hpp>
#include <sigmagrad/experiments/spectral/students.hpp>

namespace sigmagrad::experiments::spectral {

namespace {

Selection largest_size(const Results& results) { return d == std::get<std::int64_t>(results.values_of(d).back()); }

// Means and medians of the largest matrices.
Plot bars(const Results& results, const Selection& which, const std::string& label) {
  return error_bars().at(largest_size(results) && which).called(label);
}

Plot with_line(const Plot& plot, const Results& results) {
  return plot.line(left_of_start(results.where().front()->params()), "(1 - lr)^T");
}

// Means of plain SGD.
Plot by_dimension(const Structure& one, const std::vector<Quantity>& errors) {
  return plot(d, errors).at(one.selection && plain).means().lines().y_label("relative error, mean \u00b1 std");
}

}  // namespace

PanelFunction for_each_structure(std::vector<Plot> (*plots)(const Structure&, const Results&)) {
  return [=](const Results& results) {
    std::vector<Panel> panels;
    for (const Structure& one : structures_of(results)) panels.push_back(draw(one.name, plots(one, results), results));
    return panels;
  };
}

std::vector<Plot> with_and_without_multipliers(const Structure& one, const Results& results) {
  return {bars(results, one.selection && plain, "SGD"),
          with_line(bars(results, one.selection && corrected, "multipliers"), results)};
}

std::vector<Plot> spectrum_by_dimension(const Structure& one, const Results&) {
  auto errors = std::vector{gap_error, rank_error, row_norm_error};
  if (one.has_condition_number) errors.insert(errors.begin(), cond_error);
  return {by_dimension(one, errors).log_log()};
}

std::vector<Plot> norms_by_dimension(const Structure& one, const Results&) {
  return {by_dimension(one, {row_norm_error, col_norm_error, singular_value_error, fro_error, overall_error})
              .theory("(1 - lr)^T", left_of_start)
              .log_x()};
}

Panel plain_sgd(const Results& results) {
  std::vector<Plot> plots;
  for (const Structure& one : structures_of(results)) plots.push_back(bars(results, one.selection && plain, one.name));
  plots.back() = with_line(plots.back(), results);
  return draw("Plain SGD", plots, results);
}

Panel by_length_of_rows(const Results& results) {
  const auto points = scatter(squared_row_length, row_norm_error).at(corrected && largest_size(results)).log_log();
  std::vector<Plot> plots;
  for (const Structure& one : structures_of(results)) plots.push_back(points.at(one.selection).called(one.name));
  auto panel = draw("With multipliers, by the length of rows", plots, results);
  Series left = theory_line({}, {}, "rows of one length, theory");
  const Params& p = results.where().front()->params();
  for (double square = 0.9; square < 18.0; square *= 1.05) {
    left.x.push_back(square);
    left.y.push_back(multiplier_norm_error(square, p[lr], p[multiplier_lr], p[steps]));
  }
  panel.series.push_back(std::move(left));
  return panel;
}

}  // namespace sigmagrad::experiments::spectral
