// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/inspect/figures.hpp>

#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include <sigmagrad/inspect/noise.hpp>
#include <sigmagrad/lab/model/text.hpp>

namespace sigmagrad::inspection {

namespace {

using lab::Kind;
using lab::Panel;
using lab::Series;
using lab::theory_line;

constexpr std::size_t few = 3;  // values that make a figure
constexpr const char* noise_label = "Marchenko-Pastur: noise of that size";

std::vector<double> positive(std::vector<double> values) {
  std::erase_if(values, [](double value) { return !(value > 0.0); });
  return values;
}

Panel values_in_order(const MatrixSummary& matrix) {
  const auto values = positive(matrix.singular_values);
  Panel panel{.title = "Singular values",
              .x_label = "place, the largest first",
              .y_label = "singular value",
              .log_x = true,
              .log_y = true};
  Series measured{.label = "singular values", .kind = Kind::Line};
  for (std::size_t i = 0; i < values.size(); ++i) {
    measured.x.push_back(static_cast<double>(i + 1));
    measured.y.push_back(values[i]);
  }
  panel.series.push_back(measured);
  if (const Noise noise(matrix); noise.exists())
    panel.series.push_back(theory_line(measured.x, noise.values(values.size()), noise_label));
  return panel;
}

// Shares of the values in bins of one ratio, over the bins' widths.
Series density(const std::vector<double>& squares) {
  constexpr double bins_a_decade = 8;
  const auto bin_of = [&](double x) { return static_cast<int>(std::floor(std::log10(x) * bins_a_decade)); };
  const auto edge = [&](double bin) { return std::pow(10.0, bin / bins_a_decade); };
  Series series{.label = "squared singular values", .kind = Kind::Points};
  for (auto begin = squares.rbegin(); begin != squares.rend();) {  // the smallest first
    const int bin = bin_of(*begin);
    const auto end = std::find_if(begin, squares.rend(), [&](double x) { return bin_of(x) != bin; });
    series.x.push_back(edge(bin + 0.5));
    series.y.push_back(static_cast<double>(end - begin) / static_cast<double>(squares.size()) /
                       (edge(bin + 1) - edge(bin)));
    begin = end;
  }
  return series;
}

Series fitted_law(const linalg::PowerLaw& law, double count, double largest) {
  constexpr int points = 50;
  std::vector<double> x, y;
  for (int i = 0; i < points; ++i) {
    x.push_back(law.xmin * std::pow(largest / law.xmin, i / (points - 1.0)));
    y.push_back(static_cast<double>(law.tail) / count * (law.alpha - 1) / law.xmin *
                std::pow(x.back() / law.xmin, -law.alpha));
  }
  return theory_line(x, y,
                     fmt::format("power law, alpha {} ({})", lab::short_number(law.alpha),
                                 law.plausible ? "plausible" : "not plausible"));
}

// The squares of the values, but for those that f64 does not hold or has few digits of.
std::vector<double> squares_in_range(const MatrixSummary& matrix) {
  constexpr double least = 1e-150, most = 1e150;  // so that their ratios are in range as well
  std::vector<double> squares;
  for (const double s : matrix.singular_values)
    if (const double square = s * s; square >= least && square <= most) squares.push_back(square);
  return squares;
}

// Nothing if too few values have a square, or the largest has none.
std::optional<Panel> squares_density(const MatrixSummary& matrix) {
  const auto squares = squares_in_range(matrix);
  if (squares.size() < few || squares.front() < matrix.s1 * matrix.s1) return {};
  Panel panel{.title = "Their squares",
              .x_label = "squared singular value",
              .y_label = "density",
              .log_x = true,
              .log_y = true};
  panel.series.push_back(density(squares));
  if (const Noise noise(matrix); noise.exists()) {
    const auto [x, y] = noise.density_of_squares(squares.back());
    panel.series.push_back(theory_line(x, y, noise_label));
  }
  if (matrix.power_law && matrix.power_law->tail > 0 && matrix.power_law->xmin >= squares.back())
    panel.series.push_back(fitted_law(*matrix.power_law, static_cast<double>(squares.size()), squares.front()));
  return panel;
}

// A mark a matrix at its number, where it has that quantity.
template <class F>
Series marks(const std::vector<const MatrixSummary*>& matrices, const std::string& label, const F& quantity) {
  Series series{.label = label, .kind = Kind::Points};
  for (std::size_t i = 0; i < matrices.size(); ++i)
    if (const double value = quantity(*matrices[i]); std::isfinite(value)) {
      series.x.push_back(static_cast<double>(i + 1));
      series.y.push_back(value);
    }
  return series;
}

double over_side(double rank, const MatrixSummary& matrix) {
  return rank / static_cast<double>(std::min(matrix.rows, matrix.columns));
}

Panel exponents(const std::vector<const MatrixSummary*>& matrices) {
  Panel panel{.title = "Exponent of the tail", .x_label = "matrix", .y_label = "alpha, with its 95% interval"};
  for (const bool plausible : {true, false}) {
    Series series{.label = plausible ? "power law plausible" : "not plausible", .kind = Kind::Points};
    for (std::size_t i = 0; i < matrices.size(); ++i) {
      const auto& law = matrices[i]->power_law;
      if (!law || law->tail == 0 || law->plausible != plausible) continue;
      series.x.push_back(static_cast<double>(i + 1));
      series.y.push_back(law->alpha);
      series.low.push_back(law->alpha_low);
      series.high.push_back(law->alpha_high);
    }
    panel.series.push_back(series);
  }
  return panel;
}

}  // namespace

std::optional<lab::Figure> spectrum_figure(const TensorRow& row, const std::string& name) {
  if (!row.summary || positive(row.summary->singular_values).size() < few) return {};
  const MatrixSummary& matrix = *row.summary;
  lab::Figure figure{.name = name,
                     .caption = fmt::format("{}: {} x {}, {} values above the noise's edge.", row.name, matrix.rows,
                                            matrix.columns, std::max<std::int64_t>(matrix.spikes, 0)),
                     .panels = {values_in_order(matrix)}};
  if (!matrix.whole_spectrum)
    figure.caption = fmt::format("{}: {} x {}, its {} largest values.", row.name, matrix.rows, matrix.columns,
                                 matrix.singular_values.size());
  if (!matrix.whole_spectrum) return figure;
  if (auto panel = squares_density(matrix)) figure.panels.push_back(std::move(*panel));
  return figure;
}

std::optional<lab::Figure> overview_figure(const std::vector<TensorRow>& rows, const std::string& name) {
  std::vector<const MatrixSummary*> matrices;
  for (const TensorRow& row : rows)
    if (row.summary) matrices.push_back(&*row.summary);
  if (matrices.empty()) return {};
  using M = MatrixSummary;
  const std::string x = "matrix";
  lab::Figure figure{.name = name, .caption = "Every matrix, by its number in the table."};
  figure.panels = {
      {.title = "Condition number",
       .x_label = x,
       .y_label = "s1 / sn",
       .log_y = true,
       .series = {marks(matrices, "condition number", [](const M& m) { return m.cond; })}},
      {.title = "Ranks",
       .x_label = x,
       .y_label = "part of the smaller side",
       .log_y = true,
       .series = {marks(matrices, "effective rank", [](const M& m) { return over_side(m.effective_rank, m); }),
                  marks(matrices, "stable rank", [](const M& m) { return over_side(m.stable_rank, m); })}},
      {.title = "Size and noise",
       .x_label = x,
       .y_label = "singular value",
       .log_y = true,
       .series = {marks(matrices, "spectral norm", [](const M& m) { return m.s1; }),
                  marks(matrices, "edge of noise of that size", [](const M& m) { return m.mp_edge; })}}};
  const bool fitted = std::ranges::any_of(matrices, [](const M* m) { return m->power_law.has_value(); });
  figure.panels.push_back(fitted ? exponents(matrices)
                                 : Panel{.title = "Values above the edge",
                                         .x_label = x,
                                         .y_label = "count",
                                         .series = {marks(matrices, "spikes", [](const M& m) {
                                           return m.spikes < 0 ? std::nan("") : static_cast<double>(m.spikes);
                                         })}});
  return figure;
}

}  // namespace sigmagrad::inspection
