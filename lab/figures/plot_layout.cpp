// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/lab/figures/plot_layout.hpp>

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include <sigmagrad/lab/model/text.hpp>

namespace sigmagrad::lab::detail {

namespace {

constexpr int panel_width = 480, plot_height = 270, line_height = 18;
constexpr int left_margin = 98, right_margin = 24, tick_labels = 28;
constexpr int colour_bar = 98;   // in place of the right margin
constexpr double character = 7;  // about as wide
constexpr std::size_t longest_turned = 26;
constexpr std::size_t legend_width = 50;       // characters of a legend in one column
constexpr std::size_t short_label_width = 18;  // up to there a legend has two columns

int left_of(const Panel& panel) {
  if (!panel.is_matrix()) return left_margin;
  std::size_t longest = 3;
  for (const auto& name : panel.matrix.row_names)
    for (const auto& line : wrap(name, Layout::row_name_width)) longest = std::max(longest, display_width(line));
  return (panel.y_label.empty() ? 26 : 60) + static_cast<int>(character * static_cast<double>(longest));
}

int right_of(const Panel& panel) { return panel.is_matrix() ? colour_bar : right_margin; }

const std::vector<std::string>& names_below(const Panel& panel) {
  return panel.is_matrix() ? panel.matrix.column_names : panel.categories;
}

// The characters that a name under the x axis has for itself.
std::size_t side_by_side(const Panel& panel) {
  const double plot = (panel_width - left_of(panel) - right_of(panel)) / character;
  const double names = static_cast<double>(std::max<std::size_t>(names_below(panel).size(), 1));
  return static_cast<std::size_t>(std::max(4.0, plot / names - 1));
}

bool in_two_columns(const Panel& panel) {
  return std::ranges::all_of(panel.series, [](const Series& s) { return display_width(s.label) <= short_label_width; });
}

int lines(const std::string& text, std::size_t width) {
  return text.empty() ? 0 : static_cast<int>(wrap(text, width).size());
}

}  // namespace

bool is_named(const Panel& panel, const Series& series) {
  if (series.label.empty() || series.x.empty()) return false;
  const auto alike = [&](const Series& other) {
    return !other.x.empty() && other.label == series.label && other.role == series.role && other.kind == series.kind;
  };
  return &*std::ranges::find_if(panel.series, alike) == &series;  // it is like itself
}

std::vector<std::string> legend_lines(const Series& series) { return wrap(series.label, legend_width); }

bool Layout::turned(const Panel& panel) {
  const auto is_long = [width = side_by_side(panel)](const std::string& name) {
    return std::ranges::any_of(wrap(name, 1), [&](const auto& word) { return display_width(word) > width; });
  };
  return std::ranges::any_of(names_below(panel), is_long);
}

std::size_t Layout::category_width(const Panel& panel) { return turned(panel) ? longest_turned : side_by_side(panel); }

int Layout::category_lines(const Panel& panel) {
  const auto width = category_width(panel);
  std::size_t most = 1, longest = 0;
  for (const auto& name : names_below(panel)) {
    const auto lines = wrap(name, width);
    most = std::max(most, lines.size());
    for (const auto& line : lines) longest = std::max(longest, display_width(line));
  }
  const double height =
      turned(panel) ? character * static_cast<double>(longest) / line_height : static_cast<double>(most);
  return static_cast<int>(std::ceil(height));
}

std::size_t Layout::columns(const Figure& figure) {
  return std::clamp<std::size_t>(figure.panels.size(), 1, 2);  // three would be too small on paper
}

Layout::Layout(const Figure& figure) : figure_(figure), columns_(columns(figure)) {
  for (const Panel& panel : figure.panels)
    above_ = std::max(above_, 22 + line_height * lines(panel.title, title_width));
  tops_.push_back(0);
  for (std::size_t first = 0; first < figure.panels.size(); first += columns_) {
    int most_below = 0;
    for (std::size_t p = first; p < std::min(first + columns_, figure.panels.size()); ++p)
      most_below = std::max(most_below, below(figure.panels[p]));
    tops_.push_back(tops_.back() + above_ + plot_height + most_below);
  }
}

int Layout::legend_rows(const Panel& panel) const {
  int rows = 0;
  for (const Series& series : panel.series)
    if (is_named(panel, series)) rows += static_cast<int>(legend_lines(series).size());
  return in_two_columns(panel) ? (rows + 1) / 2 : rows;
}

int Layout::below(const Panel& panel) const {
  const int text_lines = category_lines(panel) - 1 + lines(panel.x_label, label_width) + legend_rows(panel);
  return tick_labels + 44 + line_height * text_lines;
}

int Layout::width() const { return panel_width * static_cast<int>(columns_); }
int Layout::height() const { return tops_.back(); }

std::string Layout::place(std::size_t p) const {
  const Panel& panel = figure_.panels[p];
  const int left = panel_width * static_cast<int>(p % columns_), top = tops_[p / columns_];
  const auto across = [&](int x) { return static_cast<double>(left + x) / width(); };
  const auto up = [&](int y) { return 1 - static_cast<double>(top + y) / height(); };
  const int bottom = above_ + plot_height;
  const int legend = bottom + below(panel) - line_height * legend_rows(panel) - 18;
  const int end = panel_width - right_of(panel);
  auto text = fmt::format(
      "set lmargin at screen {:.4f}\nset rmargin at screen {:.4f}\nset tmargin at screen {:.4f}\n"
      "set bmargin at screen {:.4f}\n",
      across(left_of(panel)), across(end), up(above_), up(bottom));
  if (panel.is_matrix())
    return text + fmt::format("set colorbox user origin screen {:.4f},{:.4f} size screen {:.4f},{:.4f}\n",
                              across(end + 12), up(bottom), 12.0 / width(), up(above_) - up(bottom));
  return text +
         fmt::format("set key at screen {:.4f},{:.4f} left top Left reverse vertical samplen 3 width 1 maxrows {}\n",
                     across(left_margin - 40), up(legend), std::max(1, legend_rows(panel)));
}

}  // namespace sigmagrad::lab::detail
