// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/lab/report/figure_html.hpp>

#include <algorithm>
#include <cctype>
#include <functional>

#include <fmt/format.h>

#include <sigmagrad/io/file.hpp>
#include <sigmagrad/lab/figures/plot_layout.hpp>
#include <sigmagrad/lab/report/html.hpp>
#include <sigmagrad/lab/report/svg.hpp>

namespace sigmagrad::lab {

using sigmagrad::detail::read_file;

namespace {

bool has(const Figure& figure, const std::function<bool(const Series&)>& wanted) {
  return std::ranges::any_of(figure.panels,
                             [&](const Panel& panel) { return std::ranges::any_of(panel.series, wanted); });
}

// What the marks mean, for those the figure has.
std::string marks_note(const Figure& figure) {
  const auto role = [&](Role wanted, bool bounded) {
    return has(figure, [&](const Series& s) { return s.role == wanted && (!bounded || !s.low.empty()); });
  };
  std::vector<std::string> parts;
  if (role(Role::Median, true)) parts.emplace_back("filled marks, lines and bars: medians, with quartiles");
  if (role(Role::Mean, true)) parts.emplace_back("open marks: means ± one standard deviation");
  if (role(Role::Theory, false)) parts.emplace_back("dashed and dark: theory");
  if (role(Role::Printed, false)) parts.emplace_back("crosses: printed values");
  auto note = fmt::format("{}", fmt::join(parts, "; "));
  if (note.empty()) return note;
  note.front() = static_cast<char>(std::toupper(static_cast<unsigned char>(note.front())));
  return ' ' + note + '.';
}

std::string alt_text(const Figure& figure) {
  std::vector<std::string> titles;
  for (const Panel& panel : figure.panels) titles.push_back(panel.title.empty() ? panel.y_label : panel.title);
  return fmt::format("{}. {}", fmt::join(titles, "; "), figure.caption);
}

}  // namespace

std::string file_links(const std::string& stem, const std::vector<std::string>& endings) {
  std::vector<std::string> links;
  for (const auto& ending : endings)
    links.push_back(link(fmt::format("{}.{}", stem, ending), fmt::format(".{}", ending)));
  return element("span", fmt::format("{}", fmt::join(links, " ")), "class=\"files\"");
}

std::string figure_html(const Figure& figure, const std::string& note, const std::filesystem::path& folder) {
  const auto svg = folder / (figure.name + ".svg");
  if (!std::filesystem::exists(svg)) return {};
  const auto alt = alt_text(figure);
  const auto drawing = inline_svg(read_file(svg), figure.name + '-', alt);
  // A panel stays readable on a telephone: the card scrolls rather than shrinks.
  const auto columns = detail::Layout::columns(figure);
  const auto size = fmt::format("style=\"min-width:{}px;max-width:{}px\"", 360 * columns, 620 * columns);
  const auto card = element("div", element("div", drawing, size),
                            fmt::format("class=\"paper\" role=\"region\" tabindex=\"0\" aria-label=\"Figure {}\"",
                                        html_escaped(figure.name)));
  const auto caption = html_escaped(figure.caption + marks_note(figure) + (note.empty() ? note : " " + note)) + ' ' +
                       file_links("figures/" + figure.name, {"svg", "png", "csv", "gp"});
  return element("figure", card + element("figcaption", caption), fmt::format("id=\"figure-{}\"", figure.name)) + '\n';
}

}  // namespace sigmagrad::lab
