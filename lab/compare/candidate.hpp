// SPDX-License-Identifier: BSD-3-Clause
// What is compared: an optimiser or a penalty, with the settings that it is tuned over.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <sigmagrad/nn/penalty.hpp>
#include <sigmagrad/optim/optimizer.hpp>

namespace sigmagrad::lab {

/// The settings that a candidate is tried at. Without rates they are seven of its own, a factor of some three apart.
struct Tuning {
  std::vector<double> rates = {};
  /// So many settings in place of one for each rate: rates between the smallest and the largest and further options
  /// (momentum, betas, eps), drawn log-uniformly, the same ones in every run. 0: the rates, with the options given.
  std::int64_t search = 0;
};

/// One update: it clears the gradients, calls the loss, goes back through it, moves the parameters, and returns it.
using Update = std::function<Tensor(const std::function<Tensor()>& loss)>;

/// A candidate with all options but the rate.
struct Variant {
  std::string text = {};  // "momentum=0.93"; empty if the candidate has this one alone
  std::function<Update(std::vector<Tensor> parameters, double rate)> start = {};
  /// Many models at once, each at a rate of its own; none: they are taken one by one.
  std::function<std::unique_ptr<optim::Optimizer>(std::vector<Tensor> parameters, const Tensor& rates)> together = {};
  bool together_takes_vectors = true;  // else a parameter of each model has to be a matrix
  std::optional<nn::Penalty> penalty = {};
  bool is_captured = true;  // where the problem's steps are; false: it looks at values
};

struct Setting {
  std::size_t variant = 0;
  double rate = 0;
};

struct Candidate {
  std::string name = {};
  std::vector<Variant> variants = {};
  std::vector<Setting> settings = {};  // in the order in which they are listed
  std::optional<double> default_rate = {};

  /// A copy under another name.
  Candidate called(std::string other_name) const;
  /// At the library's rate, with the options given, untuned: what many users do. Those of one's own have no such rate,
  /// hence no setting left.
  Candidate at_default() const;
  /// "rate 0.01, momentum=0.93"
  std::string text_of(std::size_t setting) const;
  /// "smallest rate tried", "largest rate tried", or nothing: whether the choice lies at an edge of the grid, so that
  /// a better one may lie beyond.
  std::string edge_of(std::size_t setting) const;
};

/// An optimiser of one's own, by a function of parameters and rate:
///   optimizer("sign", [](auto params, double lr) { return std::make_unique<SignSGD>(params, ...); }, {1e-3, 1e-2})
using MakeOptimizer = std::function<std::unique_ptr<optim::Optimizer>(std::vector<Tensor> parameters, double rate)>;
Candidate optimizer(std::string name, const MakeOptimizer& make, std::vector<double> rates);

/// How penalties are compared: each at these multiples of its strength, trained by one optimiser, the settings of both
/// combined.
struct PenaltyTuning {
  std::vector<double> factors = {0.1, 1.0, 10.0};
  std::optional<Candidate> under = {};  // Adam at rates of 0.001, 0.01 and 0.1 unless given
};
/// A penalty that joins the training's loss; candidates are compared by the validation loss, which has none.
///   penalty("nuclear", 1e-3 * sg::nn::nuclear_penalty())
Candidate penalty(std::string name, const nn::Penalty& penalty, const PenaltyTuning& tuning = {});
/// What they are compared with: the same optimiser alone.
Candidate no_penalty(const PenaltyTuning& tuning = {});

}  // namespace sigmagrad::lab
