// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/experiments/harness/gnuplot.hpp>

#include <sigmagrad/autograd/detail/fail.hpp>
#include <sigmagrad/experiments/harness/detail/plot_script.hpp>
#include <sigmagrad/experiments/harness/detail/thinning.hpp>
#include <sigmagrad/experiments/harness/text.hpp>
#include <sigmagrad/io/detail/csv.hpp>
#include <sigmagrad/io/detail/file.hpp>

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <system_error>

namespace sigmagrad::experiments {

using sigmagrad::detail::csv_quoted;
using sigmagrad::detail::fail;
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

// All that comes until the other end is closed.
std::string read_all(int descriptor) {
  std::string output;
  std::array<char, 4096> buffer{};
  for (;;) {
    const auto count = read(descriptor, buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return output;
    output.append(buffer.data(), static_cast<std::size_t>(count));
  }
}

struct Ended {
  int error = 0;   // why it could not be started
  int status = 0;  // as waitpid gives it
  std::string output = {};
};

// gnuplot in `folder`, in a process group of its own: an interrupt from the terminal is for this program, which
// finishes what it has begun.
Ended run_gnuplot(std::string script, const std::filesystem::path& folder) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return {.error = errno};
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addchdir_np(&actions, folder.c_str());
  for (const int stream : {STDOUT_FILENO, STDERR_FILENO}) posix_spawn_file_actions_adddup2(&actions, ends[1], stream);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
  std::string program = "gnuplot";
  char* arguments[] = {program.data(), script.data(), nullptr};
  pid_t child = 0;
  Ended ended{.error = posix_spawnp(&child, program.c_str(), &actions, &attributes, arguments, environ)};
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  close(ends[1]);
  ended.output = read_all(ends[0]);
  close(ends[0]);
  while (ended.error == 0 && waitpid(child, &ended.status, 0) < 0 && errno == EINTR) continue;
  return ended;
}

// Of an earlier run, or half of one: a report would show it as this run's.
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

std::string draw(const Figure& figure, const std::filesystem::path& folder) {
  write_file(folder / (figure.name + ".gp"), gnuplot_script(figure));
  write_file(folder / (figure.name + ".csv"), figure_csv(figure));
  remove_drawing(figure, folder);
  const Ended ended = run_gnuplot(figure.name + ".gp", folder);
  if (ended.error == 0 && ended.status == 0) return {};
  remove_drawing(figure, folder);
  if (ended.error == ENOENT)
    return fmt::format("figure {}: gnuplot is not installed (Debian: gnuplot-nox); its data and script are in {}",
                       figure.name, folder.string());
  const auto reason = ended.error ? std::generic_category().message(ended.error) : ended.output;
  return fmt::format("figure {}: gnuplot: {}", figure.name, reason);
}

}  // namespace sigmagrad::experiments
