// SPDX-License-Identifier: BSD-3-Clause
// Which options mean something in which form of a plot.
#include <algorithm>

#include <fmt/format.h>

#include <sigmagrad/lab/model/drawing.hpp>

namespace sigmagrad::lab::detail {

std::string idle_option(const Plot::Spec& spec) {
  using Form = Plot::Form;
  const bool statistics = !spec.statistics.empty(), curves = spec.form == Form::Curves;
  const bool quantities = spec.form == Form::Along && !statistics;
  const bool components = spec.form == Form::Components, cells = spec.form == Form::Cells;
  const bool scatter = spec.form == Form::Scatter;
  const auto* form = statistics   ? "statistics"
                     : curves     ? "curves"
                     : components ? "components"
                     : cells      ? "cells"
                     : scatter    ? "trials"
                                  : "quantities";
  struct Option {
    const char* name;
    bool is_set, works;
  };
  const Option options[] = {
      {"fresh", spec.fresh.has_value(), quantities || curves},
      {"printed", spec.printed, quantities || curves},
      {"standard_errors", spec.standard_errors, quantities},
      {"intervals", spec.intervals, quantities || curves},
      {"means", spec.means, !statistics && !scatter},
      {"medians", spec.medians, !statistics},
      {"theory", !spec.theories.empty(), quantities || curves || statistics},
      {"trials", spec.trials > 0, curves},
      {"categories", spec.categories, quantities || statistics},
      {"lines, points or bars", spec.kind.has_value(), !cells && !scatter},
      {"line or printed_range", !spec.lines.empty() || !spec.ranges.empty(), !cells},
      {"name for a legend", !spec.label.empty(), !cells},
      {"lines that `by` tells apart", !spec.by.empty(), !cells},
  };
  const auto* idle = std::ranges::find_if(options, [](const Option& one) { return one.is_set && !one.works; });
  return idle == std::end(options) ? std::string() : fmt::format("a plot of {} has no {}", form, idle->name);
}

}  // namespace sigmagrad::lab::detail
