// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/lab/figures/plot_script.hpp>

#include <algorithm>
#include <functional>

#include <fmt/format.h>

#include <sigmagrad/lab/figures/axis.hpp>
#include <sigmagrad/lab/figures/gnuplot.hpp>
#include <sigmagrad/lab/figures/plot_layout.hpp>
#include <sigmagrad/lab/figures/plot_matrix.hpp>
#include <sigmagrad/lab/figures/plot_style.hpp>
#include <sigmagrad/lab/figures/thinning.hpp>

namespace sigmagrad::lab::detail {

namespace {

constexpr std::size_t many_points = 25;  // from there on a line goes without marks
constexpr double bar_room = 0.8;         // of the distance between two categories

class Script {
 public:
  explicit Script(const Figure& figure) : figure_(figure), palette_(figure), layout_(figure) {}

  std::string text() {
    std::string panels;
    for (std::size_t p = 0; p < figure_.panels.size(); ++p) panels += panel(p);
    return fmt::format(R"gp(# Redraw with: gnuplot {0}.gp
set encoding utf8
set datafile separator comma
set datafile missing NaN
set border 3 linecolor rgb '#444444'
set tics nomirror out
set grid linecolor rgb '#e4e4e4' linetype 1 linewidth 0.5
set boxwidth 1 absolute
set offsets graph 0.03, graph 0.03, 0, 0
do for [format in 'svg png'] {{
if (format eq 'svg') {{ set terminal svg size {1},{2} dynamic font 'Helvetica,13' background 'white' }}
if (format eq 'png') {{ set terminal pngcairo size {3},{4} font 'Helvetica,11' fontscale 2 linewidth 2 pointscale 2 }}
set output '{0}.'.format
set multiplot
{5}unset multiplot
unset output
}}
)gp",
                       figure_.name, layout_.width(), layout_.height(), 2 * layout_.width(), 2 * layout_.height(),
                       panels);
  }

 private:
  std::string panel(std::size_t p) {
    const Panel& panel = figure_.panels[p];
    auto text = layout_.place(p) + labels(panel);
    if (panel.is_matrix()) return text + cells(panel);
    text += axes(panel);  // first, since the curves end where a logarithmic axis does
    return text + curves(panel);
  }

  static std::string labels(const Panel& panel) {
    auto text = fmt::format("set title {} noenhanced\n", gnuplot_string(panel.title, Layout::title_width));
    const int lower =
        Layout::turned(panel) ? 0 : 1 - Layout::category_lines(panel);  // gnuplot sees turned names itself
    text += fmt::format("set xlabel {} offset 0,{} noenhanced\n", gnuplot_string(panel.x_label, Layout::label_width),
                        lower);
    return text +
           fmt::format("set ylabel {} offset 0.5,0 noenhanced\n", gnuplot_string(panel.y_label, Layout::label_width));
  }

  std::string cells(const Panel& panel) {
    const auto first = first_row_;
    first_row_ += panel.matrix.values.size();
    return plot_matrix(panel, figure_.name + ".csv", first);
  }

  std::string curves(const Panel& panel) {
    std::vector<std::string> bands, curves;
    bar_ = 0;
    bars_ = static_cast<std::size_t>(std::ranges::count(panel.series, Kind::Bars, &Series::kind));
    for (const Series& series : panel.series) {
      named_ = is_named(panel, series);
      if (!series.x.empty()) draw(series, bands, curves);
      first_row_ += series.x.size();
    }
    bands.insert(bands.end(), curves.begin(), curves.end());  // bands lie under the lines
    return fmt::format("plot {}\n", fmt::join(bands, ", \\\n     "));
  }

  std::string axes(const Panel& panel) {
    std::string text =
        "unset logscale\nset grid\nset xtics autofreq norotate scale 1 enhanced\nset ytics autofreq scale 1 enhanced\n"
        "set autoscale\nset autoscale xfix\n";
    floor_ = 0;
    log_x_ = panel.log_x;
    text += panel.log_x ? log_axis('x', log_axis_x(panel)) : ticks('x', linear_axis_x(panel));
    if (panel.log_y) {
      const Axis axis = log_axis_y(panel);
      floor_ = axis.low;
      text += log_axis('y', axis);
    }
    const auto nonnegative = [](const Series& s) {
      return std::ranges::all_of(s.low.empty() ? s.y : s.low, [](double v) { return v >= 0; });
    };
    const bool has_bars = std::ranges::count(panel.series, Kind::Bars, &Series::kind) > 0;
    if (has_bars && !panel.log_y && std::ranges::all_of(panel.series, nonnegative)) text += "set yrange [0:*]\n";
    return text + categories(panel);
  }

  static std::string ticks(char name, const Axis& axis) {
    if (axis.ticks.empty()) return {};
    std::vector<std::string> texts;
    for (const auto& [at, label] : axis.ticks) texts.push_back(fmt::format("'{}' {}", label, at));
    return fmt::format("set {}tics ({})\n", name, fmt::join(texts, ", "));
  }

  static std::string log_axis(char name, const Axis& axis) {
    return fmt::format("set logscale {0}\nset {0}range [{1}:{2}]\n", name, axis.low, axis.high) + ticks(name, axis);
  }

  static std::string categories(const Panel& panel) {
    const auto& names = panel.categories;
    if (names.empty()) return {};
    std::vector<std::string> ticks;
    for (std::size_t i = 0; i < names.size(); ++i)
      ticks.push_back(fmt::format("{} {}", gnuplot_string(names[i], Layout::category_width(panel)), i));
    return fmt::format("set xrange [-0.6:{}]\nset xtics {} ({}) noenhanced\n", static_cast<double>(names.size()) - 0.4,
                       Layout::turned(panel) ? "rotate by 90 right" : "norotate", fmt::join(ticks, ", "));
  }

  // The x of the points that are drawn; the others have none.
  std::string x(const Series& series) const {
    const bool all = std::ranges::all_of(drawn_points(series, log_x_), std::identity());
    return all ? "3" : "($8==1?$3:NaN)";
  }

  // `columns` of the rows of the series at hand.
  std::string rows(const Series& series, std::string_view columns) const {
    return fmt::format("'{}.csv' skip 1 every ::{}::{} using {}", figure_.name, first_row_,
                       first_row_ + series.x.size() - 1, columns);
  }

  // A logarithmic axis has no place for what is not positive: such a bound is drawn down to the axis.
  std::string low_column(const char* linear = "5") const {
    return floor_ > 0 ? fmt::format("($5>{0}?$5:{0})", floor_) : linear;
  }

  void draw(const Series& series, std::vector<std::string>& bands, std::vector<std::string>& curves) {
    const Style style = palette_.style(series);
    const bool bounded = !series.low.empty(), single = series.x.size() == 1;
    const auto legend = legend_entries(series);
    if (series.kind == Kind::Bars) return draw_bars(series, style, curves);
    const bool band = series.kind == Kind::Band;
    if (bounded && !single && (series.kind == Kind::Line || band))
      bands.push_back(rows(series, fmt::format("{}:{}:6", x(series), low_column())) +
                      fmt::format(" with filledcurves fillstyle transparent solid 0.18 noborder linecolor rgb '{}' {}",
                                  style.colour, band ? legend : "notitle"));
    if (band) return;
    if (bounded && (single || series.kind == Kind::Points))
      curves.push_back(rows(series, fmt::format("3:4:{}:6", low_column())) +
                       fmt::format(" with yerrorbars linecolor rgb '{}' linewidth 1.3 pointtype {} notitle",
                                   style.colour, style.point));
    curves.push_back(rows(series, x(series) + ":4") + look(series, style) + legend);
  }

  static std::string look(const Series& series, const Style& style) {
    if (series.role == Role::Theory && series.kind == Kind::Line)
      return fmt::format(" with lines linecolor rgb '{}' dashtype {} linewidth 1.8 ", style.colour, style.dash);
    const auto marks =
        fmt::format("linecolor rgb '{}' pointtype {} pointsize 0.8 linewidth 2 ", style.colour, style.point);
    if (series.kind == Kind::Points) return " with points " + marks;
    if (series.x.size() >= many_points)
      return fmt::format(" with lines linecolor rgb '{}' dashtype {} linewidth 2 ", style.colour, style.dash);
    return fmt::format(" with linespoints {}dashtype {} ", marks, style.dash);
  }

  void draw_bars(const Series& series, const Style& style, std::vector<std::string>& curves) {
    const double width = bar_room / static_cast<double>(bars_);
    const double shift = (static_cast<double>(bar_++) - static_cast<double>(bars_ - 1) / 2) * width;
    curves.push_back(rows(series, fmt::format("($3+{:.4f}):4:({:.4f})", shift, 0.92 * width)) +
                     fmt::format(" with boxes fillstyle solid 0.85 noborder linecolor rgb '{}' {}", style.colour,
                                 legend_entries(series)));
    if (!series.low.empty())
      curves.push_back(rows(series, fmt::format("($3+{0:.4f}):({1}):(0):($6-({1}))", shift, low_column("$5"))) +
                       " with vectors heads size graph 0.012,90 linecolor rgb '#333333' linewidth 1.2 notitle");
  }

  // gnuplot's legend has single lines only; the rest of a long label follows as entries without a mark.
  std::string legend_entries(const Series& series) const {
    if (!named_) return "notitle";
    const auto lines = legend_lines(series);
    auto text = fmt::format("title {} noenhanced", gnuplot_string(lines.front(), std::string::npos));
    for (std::size_t i = 1; i < lines.size(); ++i)
      text += fmt::format(", \\\n     keyentry with lines linecolor bgnd title {} noenhanced",
                          gnuplot_string(lines[i], std::string::npos));
    return text;
  }

  const Figure& figure_;
  Palette palette_;
  Layout layout_;
  std::size_t first_row_ = 0;  // of the series at hand, in the data
  std::size_t bar_ = 0, bars_ = 0;
  bool log_x_ = false;
  bool named_ = false;  // the series at hand, in the legend
  double floor_ = 0;    // the lower end of a logarithmic y axis; 0 on a linear one
};

}  // namespace

std::string plot_script(const Figure& figure) { return Script(figure).text(); }

}  // namespace sigmagrad::lab::detail
