// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/lab/report/html.hpp>

#include <fmt/format.h>

#include <sigmagrad/lab/report/report_style.hpp>

namespace sigmagrad::lab {

namespace {

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

std::string link(std::string_view target, std::string_view text) {
  return element("a", html_escaped(text), fmt::format("href=\"{}\"", html_escaped(target)));
}

std::string html_table(const std::vector<std::string>& header, const std::vector<std::vector<std::string>>& rows,
                       std::string_view css_class, std::string_view name) {
  std::string body;
  for (const auto& row : rows) body += table_row(row, "td");
  const auto table = element("thead", table_row(header, "th", "scope=\"col\"")) + element("tbody", body);
  const auto box = fmt::format("class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"{}\"", html_escaped(name));
  return element("div", element("table", table, fmt::format("class=\"{}\"", css_class)), box) + '\n';
}

std::string html_page(std::string_view title, std::string_view content, std::string_view more) {
  return fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta name=\"color-scheme\" content=\"light dark\">\n<title>{}</title>\n<style>{}</style>\n{}</head>\n"
      "<body id=\"top\">\n<main>\n{}\n</main>\n</body>\n</html>\n",
      html_escaped(title), detail::report_style, more, content);
}

}  // namespace sigmagrad::lab
