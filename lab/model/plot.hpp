// SPDX-License-Identifier: BSD-3-Clause
// Figures as declarations: what is drawn against what, and the harness finds groups, labels, legends and trial counts.
//
//   figure("rank", "Effective rank at the end.").panel("Rank", plot(depth, rank).medians().by(scale))
//   figure("loss", "Loss during training.").panel("Loss", plot(loss).by(optimizer).log_y()).each(depth)
#pragma once

#include <concepts>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include <sigmagrad/lab/model/claim.hpp>
#include <sigmagrad/lab/model/figure.hpp>

namespace sigmagrad::lab {

/// The lines, points, bars or cells of one panel. Groups are told apart by what `by` names, in colour; what varies
/// besides, and no plot of the figure names, makes a figure for each of its values.
class Plot {
 public:
  enum class Form { Along, Curves, Components, Cells, Scatter };

  Plot at(const Selection& selection) const;  ///< these groups alone
  Plot by(const Parameter& parameter) const;
  Plot over(const Parameter& parameter) const;                  ///< trials of all its values put together
  Plot medians() const;                                         ///< with quartiles; this is the default
  Plot means() const;                                           ///< with one standard deviation; with medians() both
  Plot fresh(const std::string& label = "fresh trials") const;  ///< those of the fresh trials as well
  Plot printed() const;                                         ///< the numbers that claims print of what is drawn
  /// A closed form, as a function of each group's parameters; of a curve's plot, of the point as well.
  Plot theory(const std::string& label, std::function<double(const Params&)> function) const;
  Plot theory(const std::string& label, std::function<double(const Params&, double)> function) const;
  /// A closed form that trials have worked out themselves, with the look of theory; beside curves, a horizontal line.
  Plot theory(const std::string& label, const Statistic& statistic) const;
  Plot theory(const std::string& label, const Curve& curve) const;
  Plot standard_errors() const;  ///< in place of the means' standard deviations
  Plot intervals() const;        ///< in their place the 95% intervals of the means, by Student's t
  Plot lines() const;            ///< means as lines, too
  Plot points() const;
  Plot trials(std::int64_t most) const;  ///< of curves: a line for each of so many trials
  Plot bars() const;
  Plot log_x() const;
  Plot log_y() const;
  Plot log_log() const;
  Plot x_label(const std::string& label) const;
  Plot y_label(const std::string& label) const;
  /// What the series are called in the legend, in place of what tells them apart.
  Plot called(const std::string& label) const;
  /// The values of x side by side, whatever their size: powers of ten and zero, say.
  Plot categories() const;
  /// What is read off a panel beside the data: a horizontal line, or a printed range.
  Plot line(double y, const std::string& label) const;
  Plot printed_range(double low, double high, const std::string& label) const;

  // What was declared, for those who draw and check it.
  struct Theory {
    std::string label = {};
    std::function<double(const Params&)> of_params = {};
    std::function<double(const Params&, double)> of_point = {};
    std::optional<Statistic> statistic = {};
    std::optional<Curve> curve = {};
  };
  struct Spec {
    Form form = Form::Along;
    std::optional<Parameter> x = {}, y = {};
    std::vector<Quantity> quantities = {};
    std::vector<Curve> curves = {};
    std::vector<Statistic> statistics = {};
    Selection selection = {};
    std::vector<Parameter> by = {}, over = {};
    bool medians = false, means = false, standard_errors = false, intervals = false;
    bool printed = false, log_x = false, log_y = false;
    std::optional<std::string> fresh = {};
    std::optional<Kind> kind = {};
    std::vector<Theory> theories = {};
    struct Range {
      double low = 0, high = 0;
      std::string label = {};
    };
    std::vector<Range> lines = {}, ranges = {};
    bool categories = false;
    std::int64_t trials = 0;
    std::string x_label = {}, y_label = {}, label = {};
  };
  const Spec& spec() const { return spec_; }
  explicit Plot(Spec spec) : spec_(std::move(spec)) {}

 private:
  Spec spec_;
};

/// Quantities against a parameter: a line a quantity. Against a text, a category for each of its values.
Plot plot(const Parameter& x, const Quantity& quantity);
Plot plot(const Parameter& x, const std::vector<Quantity>& quantities);
/// Statistics against a parameter, as they are.
Plot plot(const Parameter& x, const Statistic& statistic);
Plot plot(const Parameter& x, const std::vector<Statistic>& statistics);
/// Curves against what they are over.
Plot plot(const Curve& curve);
Plot plot(const std::vector<Curve>& curves);
/// A category for each quantity, a bar for each value of what `by` names.
Plot components(const std::vector<Quantity>& quantities);
/// A cell for each combination: a row for each value of `y`, a column for each of `x`; medians, or means if asked for.
Plot heat_map(const Parameter& x, const Parameter& y, const Quantity& quantity);
/// A point for each trial; with medians(), for each group.
Plot scatter(const Quantity& x, const Quantity& y);

using PanelFunction = std::function<std::vector<Panel>(const Results&)>;

/// A panel of a figure: a plot, several plots on the same axes, or a function of the figure's results where the grammar
/// ends.
struct PanelSpec {
  std::string title = {};
  std::optional<Parameter> each = {};  // a panel for each of its values, which ends the title
  std::vector<Plot> plots = {};
  PanelFunction function = {};
};

/// A figure, or one for each setting. `name` ends the file's name: figures/<family>-<experiment>-<name>.svg; an empty
/// name adds nothing to it.
class FigureSpec {
 public:
  FigureSpec(std::string name, std::string caption) : name_(std::move(name)), caption_(std::move(caption)) {}

  FigureSpec panel(const std::string& title, const Plot& plot) const;
  FigureSpec panel(const std::string& title, const std::vector<Plot>& plots) const;
  /// A panel for each value of the parameter that was run: "m = 10", behind a title if there is one.
  FigureSpec panel_each(const Parameter& parameter, const std::vector<Plot>& plots,
                        const std::string& title = {}) const;
  template <class F>
  requires std::convertible_to<std::invoke_result_t<F, const Results&>, Panel> FigureSpec panel(F function)
  const {
    return panels([function = std::move(function)](const Results& r) { return std::vector<Panel>{function(r)}; });
  }
  /// Panels by a function of the results of one figure's groups.
  FigureSpec panels(PanelFunction function) const;
  /// A figure for each value of these parameters that was run.
  FigureSpec each(const std::vector<Parameter>& parameters) const;
  FigureSpec each(const Parameter& parameter) const { return each(std::vector{parameter}); }
  /// These groups alone.
  FigureSpec at(const Selection& selection) const;
  /// One figure, whatever varies: its functions tell groups apart themselves.
  FigureSpec whole() const;

  const std::string& name() const { return name_; }
  const std::vector<PanelSpec>& panels() const { return panels_; }
  const std::vector<Parameter>& facets() const { return facets_; }
  const Selection& selection() const { return selection_; }

  /// The figures of these results. Panels that need what was not run are left out, and so are figures without a panel.
  std::vector<Figure> draw(const std::string& experiment, const Results& results,
                           const std::vector<Claim>& claims) const;

 private:
  std::vector<std::string> facet_names(const Results& results) const;

  std::string name_, caption_;
  std::vector<PanelSpec> panels_;
  std::vector<Parameter> facets_;
  Selection selection_;
  bool whole_ = false;
};

FigureSpec figure(const std::string& name, const std::string& caption);

/// A plot's panel, of these results: for panels that a function puts together.
Panel draw(const std::string& title, const std::vector<Plot>& plots, const Results& results,
           const std::vector<Claim>& claims = {});

/// Parameters that have several values among the groups with a successful trial.
std::vector<std::string> varying(const Results& results);

}  // namespace sigmagrad::lab
