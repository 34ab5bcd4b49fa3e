// SPDX-License-Identifier: BSD-3-Clause
// What varies when the hierarchy is learned, what trainings start from, and what theory says of them.
#pragma once

#include <sigmagrad/experiments/balanced/convergence_law.hpp>
#include <sigmagrad/experiments/balanced/semantic_task.hpp>
#include <sigmagrad/lab/model/plot.hpp>

namespace sigmagrad::experiments::balanced::semantic_study {

inline const Text init{
    .name = "init",
    .help = "Gaussian weights of std 0.001 or 0.42, or the latter's product, oriented as the task, balanced",
    .quick = {"gaussian_small", "gaussian_large", "balanced"}};
inline const Real lambda{
    .name = "lambda",
    .help = "of balanced weights",
    .label = "\u03bb",
    .quick = {-100.0, -20.0, -14.0, -10.0, -7.0, -3.0, 0.0, 3.0, 7.0, 10.0, 14.0, 20.0, 100.0},
    .paper = {-100.0, -20.0, -17.0, -14.0, -12.0, -10.0, -8.5, -7.0, -6.0, -4.0, -3.0, -2.0, -1.0, 0.0,
              1.0,    2.0,   3.0,   4.0,   6.0,   7.0,   8.5,  10.0, 12.0, 14.0, 17.0, 20.0, 100.0}};
inline const Text task{
    .name = "task", .help = "signed [8, 8] or binary [15, 8] properties of eight items", .quick = {"signed", "binary"}};
inline const Real lr{.name = "lr", .help = "step of full-batch gradient descent", .quick = {0.00125}, .minimum = 1e-8};
inline const Int steps{.name = "steps", .help = "at most", .quick = {20000}, .minimum = 1};
inline const Real tolerance{
    .name = "tolerance", .help = "loss that counts as converged", .quick = {1e-3}, .minimum = 1e-15};

/// Gaussian starts have no lambda, and the binary task has few of them.
bool valid(const Params& p);

Tensor properties_of(const Params& p);
/// The hidden layer is as wide as the side that lambda makes strong, without which large lambda is slow.
std::int64_t hidden_width(const Params& p, const Tensor& Sigma);
theory::TwoLayerWeights start_of(const Trial& t, const Tensor& Sigma);
std::int64_t steps_of(const Params& p);

double smallest_singular_value(const Params& p);
/// At which the loss falls in the end: the slowest mode comes closer to its target at half of it.
double exact_rate(const Params& p);
theory::TaskSpecificScore exact_score(const Params& p);

/// The thesis' range for figures 4.4 and 4.5.
inline const Selection sweep = init == "balanced" && lambda >= -20 && lambda <= 20 && task == "signed";

/// The laws that describe the steps to convergence for |lambda| between 5 and 20.
ConvergenceLaws laws(const Results& r);
/// `as_said` of these laws; and of how far off the exponential is at most below |lambda| = 5 and above, relative to the
/// steps.
Condition laws_fit(bool (*as_said)(const ConvergenceLaws&));
Condition exponential_fails_below_five();
/// Steps to convergence with both laws.
Panel convergence(const Results& r);

}  // namespace sigmagrad::experiments::balanced::semantic_study
