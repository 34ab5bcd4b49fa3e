// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/lab/report/svg.hpp>

#include <cctype>
#include <cstdio>

#include <fmt/format.h>

#include <sigmagrad/lab/report/html.hpp>

namespace sigmagrad::lab {

namespace {

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
}

// Copies `text` piece by piece; `next` appends what stands for the piece at a place and returns where the next begins.
template <class Next>
std::string rewritten(const std::string& text, const Next& next) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) at = next(at, out);
  return out;
}

std::string without_elements(const std::string& text, std::string_view name) {
  const auto open = fmt::format("<{}>", name), close = fmt::format("</{}>", name);
  return rewritten(text, [&](std::size_t at, std::string& out) {
    const auto start = std::min(text.find(open, at), text.size());
    out.append(text, at, start - at);
    const auto end = text.find(close, start);
    return end == std::string::npos ? text.size() : end + close.size();
  });
}

std::string with_short_colours(const std::string& text) {
  return rewritten(text, [&](std::size_t at, std::string& out) {
    const auto start = std::min(text.find("rgb(", at), text.size());
    out.append(text, at, start - at);
    if (start == text.size()) return start;
    unsigned red = 0, green = 0, blue = 0;
    const auto end = text.find(')', start);
    const bool colour = std::sscanf(text.c_str() + start, "rgb(%u ,%u ,%u )", &red, &green, &blue) == 3;
    if (end == std::string::npos || !colour) return out += text[start], start + 1;  // in a title, say
    out += fmt::format("#{:02x}{:02x}{:02x}", red, green, blue);
    return end + 1;
  });
}

// Between elements there is nothing to see, and within tags one space is as good as many.
std::string without_white_space(const std::string& text) {
  return rewritten(text, [&](std::size_t at, std::string& out) {
    const auto is_space = [](unsigned char c) { return std::isspace(c) != 0; };
    if (!is_space(static_cast<unsigned char>(text[at]))) return out += text[at], at + 1;
    std::size_t end = at;
    while (end < text.size() && is_space(static_cast<unsigned char>(text[end]))) ++end;
    const bool between = !out.empty() && out.back() == '>' && end < text.size() && text[end] == '<';
    if (!between) out += ' ';
    return end;
  });
}

std::string without_empty_groups(const std::string& text) {
  return rewritten(text, [&](std::size_t at, std::string& out) {
    const auto end = std::min(text.find('>', at), text.size() - 1) + 1;
    constexpr std::string_view close = "</g>";
    if (text.compare(at, 3, "<g ") == 0 && text.compare(end, close.size(), close) == 0) return end + close.size();
    out.append(text, at, end - at);
    return end;
  });
}

// Fonts are the page's, and what SVG takes for granted need not be said.
void drop_defaults(std::string& svg) {
  for (const auto* words : {" font-family=\"Helvetica\"", " stroke-linecap=\"butt\"", " stroke-linejoin=\"miter\"",
                            " stroke-width=\"1.00\"", " xmlns:xlink=\"http://www.w3.org/1999/xlink\""})
    replace_all(svg, words, "");
  replace_all(svg, "xlink:href", "href");
  replace_all(svg, "<tspan >", "<tspan>");
}

void drop_ground(std::string& svg) {
  const auto start = svg.find("<rect x=\"0\" y=\"0\""), end = svg.find("/>", start);
  if (start != std::string::npos && end != std::string::npos) svg.erase(start, end + 2 - start);
}

}  // namespace

std::string inline_svg(std::string_view file, const std::string& prefix, std::string_view alt) {
  const auto start = file.find("<svg");
  if (start == std::string_view::npos) return {};
  std::string svg(file.substr(start));
  for (const auto* name : {"title", "desc"}) svg = without_elements(svg, name);
  svg = without_white_space(with_short_colours(svg));
  drop_defaults(svg);
  drop_ground(svg);
  svg = without_empty_groups(svg);
  // All figures come from one program, which gives every drawing the same ids.
  for (const auto* use : {"id=\"", "id='", "href=\"#", "href='#", "url(#"}) replace_all(svg, use, use + prefix);
  svg.insert(4, fmt::format(" role=\"img\" aria-label=\"{}\"", html_escaped(alt)));
  return svg;
}

}  // namespace sigmagrad::lab
