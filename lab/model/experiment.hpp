// SPDX-License-Identifier: BSD-3-Clause
// An experiment is one .cpp that describes itself and registers:
//
//   const Int d{.name = "d", .help = "matrix size", .quick = {32, 64}, .paper = {32, 64, 512}, .minimum = 1};
//   const Real lr{.name = "lr", .help = "learning rate", .quick = {0.01}};
//   const Quantity cond_error{.name = "cond_error", .label = "condition number error"};
//
//   void trial(Trial& t) { t.record(cond_error, train(t[d], t[lr], *t.generator())); }
//
//   const Register dimension{{
//       .id = "spectral/dimension",
//       .title = "Component errors against dimension",
//       .question = "Which properties of a matrix does gradient descent learn, and does size matter?",
//       .parameters = {d, lr},
//       .printed_at = lr == 0.01,
//       .trials = {.quick = 10, .paper = 15},
//       .trial = trial,
//       .figures = {figure("", "Errors by size.").panel("Condition number", plot(d, cond_error).log_log())},
//       .claims = {{.claim = "The error grows with the size",
//                   .source = "paper 001, section 4.1",
//                   .holds = increases(median(cond_error), d)}}}};
//
// The command line, the report and the tests find it there; nothing else is touched.
#pragma once

#include <concepts>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include <sigmagrad/lab/model/plot.hpp>
#include <sigmagrad/lab/model/table.hpp>
#include <sigmagrad/lab/model/trial.hpp>

namespace sigmagrad::lab {

/// Fresh trials: how many times the usual number, at the printed setting; or a function of the parameters, 0 for groups
/// that have none.
class Fresh {
 public:
  Fresh() = default;
  Fresh(std::int64_t times) : times_(times) {}  // NOLINT(google-explicit-constructor)
  template <class F>
  requires std::convertible_to<std::invoke_result_t<F, const Params&>, std::int64_t> Fresh(F function)
      : function_(std::move(function)) {}  // NOLINT(google-explicit-constructor)

  explicit operator bool() const { return times_ != 0 || function_; }
  std::int64_t times(const Params& params, const Selection& printed_at) const {
    if (function_) return function_(params);
    return printed_at.matches(params) ? times_ : 0;
  }

 private:
  std::int64_t times_ = 0;
  std::function<std::int64_t(const Params&)> function_;
};

/// Figures of an experiment: declared, or by a function of its results where the grammar ends.
class FigureSource {
 public:
  FigureSource(FigureSpec spec) : spec_(std::move(spec)) {}  // NOLINT(google-explicit-constructor)
  template <class F>
  requires std::convertible_to<std::invoke_result_t<F, const Results&>, std::vector<Figure>> FigureSource(F function)
      : function_(std::move(function)) {}  // NOLINT(google-explicit-constructor)

  const std::optional<FigureSpec>& spec() const { return spec_; }
  std::vector<Figure> draw(const std::string& experiment, const Results& results,
                           const std::vector<Claim>& claims) const {
    return spec_ ? spec_->draw(experiment, results, claims) : function_(results);
  }

 private:
  std::optional<FigureSpec> spec_;
  std::function<std::vector<Figure>(const Results&)> function_;
};

struct Experiment {
  std::string id = {};  // family/name
  std::string title = {};
  std::string question = {};
  std::string observe = {};  // what one can see in the result, with the expected numbers
  std::string source = {};
  std::vector<Parameter> parameters = {};
  /// The setting that the document's numbers are of: where claims and Results::at start.
  Selection printed_at = {};
  /// A group. One in every preset: trials draw nothing, and a second one would tell no more.
  PerPreset<std::int64_t> trials = {};
  /// Groups that need several times that number; none given: none does.
  std::function<std::int64_t(const Params&)> times = {};
  PerPreset<double> seconds = {};  // of the whole run on two cores
  std::vector<Stream> streams = {Stream::Philox};
  Fresh fresh = {};
  std::function<bool(const Params&)> valid = {};  // the points of the grid that make sense; none given: all
  std::string valid_rule = {};                    // in words, for a user who asks for none of them
  std::function<void(Trial&)> trial = {};
  /// In place of `trial`: trials of one group run as one model with a leading batch axis, at most `batch_size` at once.
  /// Numbers come from each trial's own generator, so that they depend neither on a trial's place nor on its
  /// companions.
  std::function<void(std::span<Trial>)> batch = {};
  std::int64_t batch_size = 256;
  /// A trial that records a number that is not finite has not failed: its finite numbers are kept, and every trial
  /// records `diverged`, 1 or 0.
  bool diverged_is_result = false;
  /// None: medians along the first parameter that several values were run of, and the curves.
  std::vector<FigureSource> figures = {};
  std::vector<std::function<std::vector<Table>(const Results&)>> tables = {};
  std::vector<Claim> claims = {};
  std::string wrong = {};  // what its maker found wrong with it: said when the program starts

  void run(std::span<Trial> some) const;
  /// Whether it has a size between the quick one and the paper's: else that preset runs the quick one.
  bool has_reduced() const;
  bool trials_draw() const { return trials.quick > 1 || trials.reduced > 1 || trials[Preset::Paper] > 1; }
  /// Null where there is none of that name.
  const Parameter* find(std::string_view parameter) const;
  /// Where results of it start: the printed setting, and its usual trials if it has fresh ones.
  Selection start() const { return fresh ? printed_at.with(trial_source == trial_source.quick.front()) : printed_at; }
};

/// Claims of the fresh trials: of a statistic, or of a selection.
Statistic fresh(const Statistic& statistic);
Selection fresh(const Selection& selection = {});

/// Adds an experiment to the registry. What is wrong with it (no trial, a parameter declared twice, a claim or a figure
/// of an unknown parameter, ...) stops the program when it starts, with the file and the experiment.
class Register {
 public:
  explicit Register(Experiment experiment, const char* file = __builtin_FILE());
};

/// The title of a document that sources cite as "paper 001": the report counts their claims under it.
class RegisterTitle {
 public:
  RegisterTitle(const std::string& document, const std::string& title);
};

}  // namespace sigmagrad::lab
