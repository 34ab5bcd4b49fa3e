// SPDX-License-Identifier: BSD-3-Clause
// An honest comparison of optimisers or penalties, as an experiment like any other:
//
//   const Register comparison{compare("mine/optimizers", {digits}, {sgd(), sgd({.momentum = 0.9}), adam(), muon()})};
//
// A trial is a candidate on a problem, tuned and then compared: each of its settings is trained on the trial's own
// tuning seed, for the same number of steps as everybody, and the one with the lowest final validation loss is trained
// on the trial's comparison seed. Trials are thus independent repetitions of all that a user does, and what differs
// between candidates that are alike, be it by the luck of tuning, is as likely for as against. Data and starts depend
// on the trial and never on the candidate, so that candidates are compared in pairs.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <sigmagrad/lab/compare/candidate.hpp>
#include <sigmagrad/lab/compare/optimizers.hpp>
#include <sigmagrad/lab/compare/problem.hpp>

namespace sigmagrad::lab {

/// What a comparison says of itself, and how much it runs.
struct ComparisonOptions {
  std::string title = "Comparison";
  std::string question = "Which candidate comes to the lowest loss in a budget of steps?";
  std::string observe = {};
  std::string source = "DeepOBS (Schneider, Balles and Hennig 2019), for the protocol";
  PerPreset<std::int64_t> trials = {.quick = 12, .paper = 20};
  std::int64_t tuning_seeds = 1;  // of each trial
  PerPreset<double> seconds = {};
  std::vector<Claim> claims = {};
  std::vector<std::string> quick = {};  // the candidates of the quick preset, by name; none given: all
};

/// What is wrong with it (no candidate, two of one name, a candidate without a rate, ...) is said in one line when the
/// program starts, as of any experiment.
Experiment compare(std::string id, std::vector<Problem> problems, std::vector<Candidate> candidates,
                   ComparisonOptions comparison = {});

namespace compared {

// The parameters of a comparison, besides those of its problems.
inline const Text candidate{.name = "candidate", .help = "what is compared"};
inline const Text problem{.name = "problem", .help = "what it is compared on"};
inline const Int steps{.name = "steps", .help = "of every training", .minimum = 1};

// What its trials record. One that diverged has no final loss.
inline const Quantity rate{.name = "rate", .label = "tuned rate"};
inline const Quantity setting{.name = "setting", .label = "number of the tuned setting, from 0 on"};
inline const Quantity final_loss{.name = "final_loss", .label = "final validation loss"};
inline const Quantity reached{.name = "reached", .label = "1 where the target was reached"};
inline const Quantity steps_to_target{.name = "steps_to_target", .label = "steps to the target"};
inline const Quantity step_time{.name = "clock:step", .label = "time of a step", .unit = "us"};
inline const Curve loss{.name = "loss", .label = "validation loss", .over = "step"};
/// The final validation loss on the trial's tuning seeds (their median), by the number of the setting.
inline const Curve tuning{.name = "tuning", .label = "final validation loss", .over = "setting"};

}  // namespace compared

}  // namespace sigmagrad::lab
