// SPDX-License-Identifier: BSD-3-Clause
// From a plot and results to the series of a panel.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <sigmagrad/lab/model/expression.hpp>
#include <sigmagrad/lab/model/plot.hpp>
#include <sigmagrad/lab/model/trial.hpp>

namespace sigmagrad::lab::detail {

// The distance between two categories is 1, of which bars take this.
inline constexpr double bar_room = 0.8;

// What a plot of this form is told in vain: "a plot of cells has no `fresh`"; empty if there is nothing.
std::string idle_option(const Plot::Spec& spec);

// Groups that one line is drawn of.
struct Line {
  Assignments by = {};
  Groups groups = {};
};

class Drawing {
 public:
  // `means` holds, of components, a series for each of the panel's bars.
  Drawing(const Plot::Spec& spec, const Results& results, const std::vector<Claim>& claims, Panel& panel,
          std::vector<Series>& means)
      : spec_(spec), results_(results), claims_(claims), panel_(panel), means_(means) {}
  void draw();

 private:
  static Selection usual_trials(const Results& results);
  void label_axes();
  bool is_axis(const std::string& name) const;
  // Parameters that tell the lines apart: those that were named, then whatever else differs.
  std::vector<std::string> telling(const Groups& groups) const;
  std::vector<Line> lines_of(const Groups& groups) const;
  std::string text_of(const Assignments& by) const;
  // "condition number, depth = 2, fresh trials": what tells this series from the others of the plot.
  std::string label_of(const std::string& what, std::size_t whats, const Line& line, const std::string& more) const;
  bool medians() const;
  std::string about_means() const;  // behind a label if medians are drawn beside them
  void draw_line(const Line& line, const std::string& more);
  // Groups by their value of x, with what is pooled in one sample.
  std::vector<std::pair<Value, std::vector<const Group*>>> places(const Groups& groups) const;
  bool by_name() const;
  bool by_category() const;
  double x_of(const Value& value);
  Role role(bool mean) const;
  Series along(const Line& line, const Quantity& quantity, const std::string& label, bool mean);
  // Ranges end where the bounds of what is measured do.
  static void add_point(Series& series, double x, const Statistics& s, bool mean, const Bounds& bounds);
  void draw_curve(const Line& line, const Curve& curve, const std::string& more);
  void draw_trials(const Group& group, const Curve& curve);
  void draw_scatter(const Line& line);
  void draw_statistics();
  void draw_components();
  void draw_cells();
  // Numbers that claims print of what is drawn, at the x that they are of.
  void draw_printed();
  bool draws(const Selection& printed) const;
  std::optional<double> printed_x(const detail::Simple& simple);
  // Nothing, if the closed form is known for other lines alone.
  StatisticPoints worked_out(const Statistic& statistic, const Line& line) const;
  // Along a real parameter a closed form is drawn between the groups, too.
  void draw_theory(const Line& line);
  std::vector<std::pair<double, Params>> theory_places(const Line& line);
  void draw_constants();
  // Logarithmic axes have no room for what is not positive.
  void add(Series series);

  const Plot::Spec& spec_;
  const Results& results_;
  const std::vector<Claim>& claims_;
  Panel& panel_;
  std::vector<Series>& means_;
  Selection chosen_ = usual_trials(results_).with(spec_.selection);
  Selection fresh_ = Selection::equal(trial_source.name, trial_source.quick.back());
};

}  // namespace sigmagrad::lab::detail
