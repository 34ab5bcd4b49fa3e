// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/experiments/harness/html.hpp>

#include <fmt/format.h>

namespace sigmagrad::experiments {

namespace {

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
}

void erase_element(std::string& text, std::string_view name) {
  const auto start = text.find(fmt::format("<{}>", name));
  const auto end = text.find(fmt::format("</{}>", name));
  if (start != std::string::npos && end != std::string::npos) text.erase(start, end + name.size() + 3 - start);
}

std::string table_row(const std::vector<std::string>& cells, std::string_view cell, std::string_view attributes = {}) {
  std::string row;
  for (const auto& content : cells) row += element(cell, content, attributes);
  return element("tr", row) + '\n';
}

}  // namespace

std::string html_escaped(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      case '\'':
        escaped += "&#39;";
        break;
      default:
        escaped += c;
    }
  }
  return escaped;
}

std::string element(std::string_view name, std::string_view content, std::string_view attributes) {
  return fmt::format("<{0}{1}{2}>{3}</{0}>", name, attributes.empty() ? "" : " ", attributes, content);
}

std::string html_table(const std::vector<std::string>& header, const std::vector<std::vector<std::string>>& rows,
                       std::string_view css_class) {
  std::string body;
  for (const auto& row : rows) body += table_row(row, "td");
  const auto table = element("thead", table_row(header, "th", "scope=\"col\"")) + element("tbody", body);
  const auto attributes = css_class.empty() ? std::string() : fmt::format("class=\"{}\"", css_class);
  return element("div", element("table", table, attributes), "class=\"scroll\" tabindex=\"0\"") + '\n';
}

std::string inline_svg(std::string_view file, const std::string& prefix, std::string_view alt) {
  const auto start = file.find("<svg");
  if (start == std::string_view::npos) return {};
  std::string svg(file.substr(start));
  for (const auto* name : {"title", "desc"}) erase_element(svg, name);
  // All figures come from one program, which gives every drawing the same ids.
  for (const auto* use : {"id=\"", "id='", "href=\"#", "href='#", "url(#"}) replace_all(svg, use, use + prefix);
  svg.insert(4, fmt::format(" role=\"img\" aria-label=\"{}\"", html_escaped(alt)));
  return svg;
}

}  // namespace sigmagrad::experiments
