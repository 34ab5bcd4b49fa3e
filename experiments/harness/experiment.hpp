// SPDX-License-Identifier: BSD-3-Clause
// An experiment is one .cpp that describes itself and registers:
//
//   const Register dimension{Experiment{
//       .id = "spectral/dimension",
//       .title = "Component errors against dimension",
//       .question = "Which properties of a matrix does gradient descent learn, and does size matter?",
//       .observe = "Norm errors stay at 0.13; the median condition error grows slower than linearly.",
//       .source = "paper 001, section 4.1, figure 1",
//       .parameters = {{"d", "matrix size", {32, 64, 128}, {32, 64, 128, 256, 512}, 1}, {"lr", "learning rate",
//       {0.01}}}, .trials = {.quick = 10, .paper = 15}, .seconds = {.quick = 4, .paper = 180}, .streams =
//       {Stream::Philox, Stream::Numpy}, .trial = [](const Trial& t) -> Metrics { return {{"cond_error",
//       train(t.params.integer("d"), ...)}}; }, .figures = [](const Results& r) -> std::vector<Figure> {...}, .claims =
//       [](const Results& r) -> std::vector<Claim> {...}}};
//
// The command line, the report and the tests find it there; nothing else is touched.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include <sigmagrad/experiments/harness/claim.hpp>
#include <sigmagrad/experiments/harness/figure.hpp>
#include <sigmagrad/experiments/harness/judging.hpp>
#include <sigmagrad/experiments/harness/parameters.hpp>
#include <sigmagrad/experiments/harness/results.hpp>
#include <sigmagrad/experiments/harness/trial.hpp>

namespace sigmagrad::experiments {

template <class T>
struct PerPreset {
  T quick = {};
  T paper = {};
  const T& operator[](Preset preset) const { return preset == Preset::Paper ? paper : quick; }
};

struct Experiment {
  std::string id = {};  // family/name
  std::string title = {};
  std::string question = {};
  std::string observe = {};  // what one can see in the result, with the expected numbers
  std::string source = {};
  std::vector<Parameter> parameters = {};
  PerPreset<std::int64_t> trials = {};  // a group
  PerPreset<double> seconds = {};       // of the whole run on two cores
  std::vector<Stream> streams = {Stream::Philox};
  std::function<bool(const Params&)> valid = {};  // the points of the grid that make sense; none given: all
  std::function<Metrics(const Trial&)> trial = {};
  /// In place of `trial`: trials of one group run as one model with a leading batch axis, at most `batch_size` at once.
  /// Numbers come from each trial's own generator, so that they depend neither on a trial's place nor on its
  /// companions.
  std::function<std::vector<Metrics>(std::span<const Trial>)> batch = {};
  std::int64_t batch_size = 256;
  /// How many times the usual number of trials a group gets, for a check on more of them; none given: once.
  std::function<std::int64_t(const Params&)> trials_factor = {};
  std::function<std::vector<Figure>(const Results&)> figures = {};
  std::function<std::vector<Claim>(const Results&)> claims = {};

  std::vector<Metrics> run(std::span<const Trial> some) const;
  /// Null where there is none of that name.
  const Parameter* find(std::string_view parameter) const;
};

/// Adds an experiment to the registry; a malformed one (no trial, a parameter twice, ...) is an Error.
class Register {
 public:
  explicit Register(Experiment experiment);
};

}  // namespace sigmagrad::experiments
