// SPDX-License-Identifier: BSD-3-Clause
// What candidates are compared on.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <sigmagrad/autograd/tensor/tensor.hpp>
#include <sigmagrad/lab/model/experiment.hpp>

namespace sigmagrad::lab {

/// What one training is made of. The functions outlive `make`: they copy what they need (`[=]`), modules being handles.
struct Training {
  std::vector<Tensor> parameters = {};
  std::function<Tensor()> loss = {};  // a scalar, which training makes smaller; it may draw a batch at each call
  /// The validation loss, which settings are chosen by and candidates are compared by; the loss unless given.
  std::function<double()> evaluate = {};
  /// What penalties act on; the matrices among the parameters unless given.
  std::function<std::vector<Tensor>()> weights = {};
  /// What else is measured once it has ended: `t.record(rank, ...)` joins what the trial records.
  std::function<void(Trial&)> at_end = {};
  /// Steps are replayed from a captured one: for a loss that changes nothing on the host (see sigmagrad::capture).
  bool captured = false;
};

/// Several trainings as one, with a model for each of n trials along the first axis of every parameter [n, ...].
struct Trainings {
  std::vector<Tensor> parameters = {};
  std::function<Tensor()> losses = {};    // [n], none of which depends on another model
  std::function<Tensor()> evaluate = {};  // [n]; the losses unless given
};

struct Problem {
  std::string name = {};
  /// What varies in it besides (`trial[condition]`); those of the problems of one comparison are the same.
  std::vector<Parameter> parameters = {};
  /// Data, model and loss of one trial, from its generators: the candidate has no part in it.
  std::function<Training(Trial&)> make = {};
  /// These trainings as an ensemble, which is how they are run where the candidate can: each from its own trial's
  /// generators, whoever is beside it. Its steps are captured.
  std::function<Trainings(std::span<Trial>)> batched = {};
  PerPreset<std::int64_t> steps = {};
  std::optional<double> target = {};  // a validation loss; that steps and seconds are counted to
};

}  // namespace sigmagrad::lab
