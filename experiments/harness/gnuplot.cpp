// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/experiments/harness/gnuplot.hpp>

#include <sigmagrad/autograd/detail/fail.hpp>
#include <sigmagrad/experiments/harness/detail/plot_script.hpp>
#include <sigmagrad/experiments/harness/detail/thinning.hpp>
#include <sigmagrad/experiments/harness/text.hpp>
#include <sigmagrad/io/detail/file.hpp>

#include <fmt/format.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdio>
#include <utility>

namespace sigmagrad::experiments {

using sigmagrad::detail::fail;
using sigmagrad::detail::write_file;

namespace {

std::string csv_quoted(const std::string& text) {
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? "\"\"" : std::string(1, c);
  return quoted + '"';
}

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

// The exit status and all that the command printed.
std::pair<int, std::string> run_shell(const std::string& command) {
  std::FILE* pipe = popen(command.c_str(), "r");
  if (!pipe) return {-1, "cannot start a shell"};
  std::string output;
  std::array<char, 4096> buffer{};
  while (const auto count = std::fread(buffer.data(), 1, buffer.size(), pipe)) output.append(buffer.data(), count);
  return {pclose(pipe), output};
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

std::string draw(const Figure& figure, const std::filesystem::path& folder) {
  write_file(folder / (figure.name + ".gp"), gnuplot_script(figure));
  write_file(folder / (figure.name + ".csv"), figure_csv(figure));
  constexpr int command_not_found = 127;
  const auto [status, output] =
      run_shell(fmt::format("cd {} && gnuplot {}.gp 2>&1", shell_quoted(folder.string()), figure.name));
  if (WIFEXITED(status) && WEXITSTATUS(status) == command_not_found)
    return fmt::format("figure {}: gnuplot is not installed (Debian: gnuplot-nox); its data and script are in {}",
                       figure.name, folder.string());
  return status == 0 ? std::string() : fmt::format("figure {}: gnuplot: {}", figure.name, output);
}

}  // namespace sigmagrad::experiments
