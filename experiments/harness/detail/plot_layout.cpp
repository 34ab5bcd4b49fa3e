// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/experiments/harness/detail/plot_layout.hpp>

#include <sigmagrad/experiments/harness/text.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace sigmagrad::experiments::detail {

namespace {

constexpr int panel_width = 480, plot_height = 270, line_height = 18;
constexpr int left_margin = 88, right_margin = 24, tick_labels = 28;
constexpr std::size_t legend_width = 54;       // characters of a legend in one column
constexpr std::size_t short_label_width = 22;  // up to there a legend has two columns
constexpr double plot_characters = 52;         // that fit side by side under a plot

bool in_two_columns(const Panel& panel) {
  return std::ranges::all_of(panel.series, [](const Series& s) { return display_width(s.label) <= short_label_width; });
}

int lines(const std::string& text, std::size_t width) {
  return text.empty() ? 0 : static_cast<int>(wrap(text, width).size());
}

}  // namespace

std::vector<std::string> legend_lines(const Series& series) { return wrap(series.label, legend_width); }

std::size_t Layout::category_width(std::size_t categories) {
  return static_cast<std::size_t>(std::max(4.0, plot_characters / static_cast<double>(categories) - 1));
}

int Layout::category_lines(const Panel& panel) {
  int most = 1;
  for (const auto& name : panel.categories) most = std::max(most, lines(name, category_width(panel.categories.size())));
  return most;
}

std::size_t Layout::columns(const Figure& figure) {
  return figure.panels.size() == 4 ? 2 : std::clamp<std::size_t>(figure.panels.size(), 1, 3);
}

Layout::Layout(const Figure& figure) : figure_(figure), columns_(columns(figure)) {
  int most_below = 0;
  for (const Panel& panel : figure.panels) {
    above_ = std::max(above_, 22 + line_height * lines(panel.title, title_width));
    most_below = std::max(most_below, below(panel));
  }
  row_height_ = above_ + plot_height + most_below;
}

int Layout::legend_rows(const Panel& panel) const {
  int rows = 0;
  for (const Series& series : panel.series)
    if (!series.label.empty() && !series.x.empty()) rows += static_cast<int>(legend_lines(series).size());
  return in_two_columns(panel) ? (rows + 1) / 2 : rows;
}

int Layout::below(const Panel& panel) const {
  const int text_lines = category_lines(panel) - 1 + lines(panel.x_label, label_width) + legend_rows(panel);
  return tick_labels + 26 + line_height * text_lines;
}

int Layout::width() const { return panel_width * static_cast<int>(columns_); }
int Layout::height() const { return row_height_ * static_cast<int>(rows()); }

std::string Layout::place(std::size_t p) const {
  const Panel& panel = figure_.panels[p];
  const int left = panel_width * static_cast<int>(p % columns_), top = row_height_ * static_cast<int>(p / columns_);
  const auto across = [&](int x) { return static_cast<double>(left + x) / width(); };
  const auto up = [&](int y) { return 1 - static_cast<double>(top + y) / height(); };
  const int bottom = above_ + plot_height;
  const int legend = bottom + below(panel) - line_height * legend_rows(panel) - 6;
  return fmt::format(
      "set lmargin at screen {:.4f}\nset rmargin at screen {:.4f}\nset tmargin at screen {:.4f}\n"
      "set bmargin at screen {:.4f}\nset key at screen {:.4f},{:.4f} left top Left reverse vertical samplen 3 width 1 "
      "maxrows {}\n",
      across(left_margin), across(panel_width - right_margin), up(above_), up(bottom), across(left_margin - 30),
      up(legend), std::max(1, legend_rows(panel)));
}

}  // namespace sigmagrad::experiments::detail
