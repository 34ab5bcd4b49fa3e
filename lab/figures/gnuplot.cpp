// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/lab/figures/gnuplot.hpp>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstdlib>
#include <system_error>

#include <fmt/format.h>

#include <sigmagrad/autograd/tensor/fail.hpp>
#include <sigmagrad/io/file.hpp>
#include <sigmagrad/io/parsers/csv.hpp>
#include <sigmagrad/lab/figures/child_process.hpp>
#include <sigmagrad/lab/figures/plot_script.hpp>
#include <sigmagrad/lab/figures/thinning.hpp>
#include <sigmagrad/lab/model/text.hpp>

namespace sigmagrad::lab {

using engine::fail;
using sigmagrad::detail::csv_quoted;
using sigmagrad::detail::write_file;

namespace {

void check(const std::string& figure, const Series& s) {
  const auto fits = [&](const auto& values) { return values.size() == s.x.size(); };
  if (!fits(s.y) || s.low.size() != s.high.size() || !(s.low.empty() || fits(s.low)))
    fail("figure {}: series '{}' has {} x, {} y, {} low, {} high", figure, s.label, s.x.size(), s.y.size(),
         s.low.size(), s.high.size());
}

void check(const std::string& figure, const Matrix& m) {
  const auto fits = [](const std::vector<std::string>& names, std::int64_t count) {
    return names.empty() || static_cast<std::int64_t>(names.size()) == count;
  };
  const auto count = static_cast<std::int64_t>(m.values.size());
  if (m.columns < 1 || count % m.columns != 0 || !fits(m.row_names, m.rows()) || !fits(m.column_names, m.columns))
    fail("figure {}: a matrix of {} values and {} columns has {} names of rows, {} of columns", figure, count,
         m.columns, m.row_names.size(), m.column_names.size());
}

void check(const Figure& figure) {
  const auto plain = [](unsigned char c) { return std::isalnum(c) || c == '-' || c == '_'; };
  if (figure.name.empty() || !std::ranges::all_of(figure.name, plain))
    fail("figure '{}': expected a name of letters, digits, - and _", figure.name);
  for (const Panel& panel : figure.panels) {
    if (panel.is_matrix()) check(figure.name, panel.matrix);
    if (panel.is_matrix() && !panel.series.empty()) fail("figure {}: a panel has a matrix and series", figure.name);
    for (const Series& series : panel.series) check(figure.name, series);
  }
}

std::string rows(std::size_t panel, const std::vector<Series>& all, bool log_x) {
  std::string csv;
  for (std::size_t s = 0; s < all.size(); ++s) {
    const auto drawn = detail::drawn_points(all[s], log_x);
    for (std::size_t i = 0; i < all[s].x.size(); ++i) {
      const auto bound = [&](const std::vector<double>& v) { return v.empty() ? "" : fmt::format("{}", v[i]); };
      csv += fmt::format("{},{},{},{},{},{},,{:d},{}\n", panel, s + 1, all[s].x[i], all[s].y[i], bound(all[s].low),
                         bound(all[s].high), bool(drawn[i]), csv_quoted(all[s].label));
    }
  }
  return csv;
}

std::string rows(std::size_t panel, const Matrix& matrix) {
  const auto name = [](const std::vector<std::string>& names, std::int64_t i) {
    return names.empty() ? fmt::format("{}", i + 1) : names[static_cast<std::size_t>(i)];
  };
  std::string csv;
  for (std::int64_t i = 0; const double value : matrix.values) {
    const auto row = i / matrix.columns, column = i % matrix.columns;
    csv += fmt::format("{},1,{},{},,,{},1,{}\n", panel, column, row, value,
                       csv_quoted(name(matrix.row_names, row) + " / " + name(matrix.column_names, column)));
    ++i;
  }
  return csv;
}

std::string reason(const detail::Ended& ended, const DrawOptions& options, const std::filesystem::path& folder) {
  const auto kept = fmt::format("its data and script are in {}", folder.string());
  if (ended.error == ENOENT) return fmt::format("gnuplot is not installed (Debian: gnuplot-nox); {}", kept);
  if (ended.error != 0) return "gnuplot: " + std::generic_category().message(ended.error);
  if (ended.interrupted) return "interrupted";
  if (ended.late)
    return fmt::format("gnuplot had not ended after {:g} s and was killed; {}; {} sets another limit",
                       std::chrono::duration<double>(options.limit).count(), kept, figure_limit_variable);
  return "gnuplot: " + ended.output;
}

// A drawing of an earlier run, or half of one, would be shown in a report as this run's.
void remove_drawing(const Figure& figure, const std::filesystem::path& folder) {
  std::error_code error;
  for (const auto* ending : {".svg", ".png"}) std::filesystem::remove(folder / (figure.name + ending), error);
}

}  // namespace

std::string figure_csv(const Figure& figure) {
  std::string csv = "panel,series,x,y,low,high,value,drawn,label\n";
  for (std::size_t p = 0; p < figure.panels.size(); ++p) {
    const Panel& panel = figure.panels[p];
    csv += panel.is_matrix() ? rows(p + 1, panel.matrix) : rows(p + 1, panel.series, panel.log_x);
  }
  return csv;
}

std::string gnuplot_string(std::string_view text, std::size_t width) {
  std::string quoted = "\"";
  for (std::size_t i = 0; const auto& line : wrap(text, width)) {
    if (i++ > 0) quoted += "\\n";
    for (const char c : line) {
      if (c == '"' || c == '\\') quoted += '\\';
      if (c == '`') {
        quoted += "\\140";  // a bare one would run a command
      } else {
        quoted += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
      }
    }
  }
  return quoted + '"';
}

std::string gnuplot_script(const Figure& figure) {
  check(figure);
  return detail::plot_script(figure);
}

std::chrono::milliseconds figure_limit() {
  constexpr double usual = 120, most = 1e6;  // seconds; a figure takes one or two
  const char* text = std::getenv(figure_limit_variable);
  const double seconds = text != nullptr ? std::strtod(text, nullptr) : usual;
  return std::chrono::milliseconds(static_cast<std::int64_t>(1000 * (seconds > 0 ? std::min(seconds, most) : usual)));
}

void write_undrawn(const Figure& figure, const std::filesystem::path& folder) {
  write_file(folder / (figure.name + ".gp"), gnuplot_script(figure));
  write_file(folder / (figure.name + ".csv"), figure_csv(figure));
  remove_drawing(figure, folder);
}

Drawn draw(const Figure& figure, const std::filesystem::path& folder, const DrawOptions& options) {
  write_undrawn(figure, folder);
  const auto ended = detail::run_child({"gnuplot", figure.name + ".gp"}, folder, {options.limit, options.interrupted});
  if (ended.error == 0 && ended.status == 0) return {};
  remove_drawing(figure, folder);
  return {.note = fmt::format("figure {}: {}", figure.name, reason(ended, options, folder)), .late = ended.late};
}

}  // namespace sigmagrad::lab
