// SPDX-License-Identifier: BSD-3-Clause
// What a laboratory of one's own needs: parameters, quantities, trials, claims and figures to declare experiments with,
// comparisons of optimisers and penalties, and the program that runs them. The target is sigmagrad::lab.
#pragma once

#include <sigmagrad/lab/compare/compare.hpp>
#include <sigmagrad/lab/model/experiment.hpp>
#include <sigmagrad/lab/model/registry.hpp>
#include <sigmagrad/lab/program/program.hpp>
#include <sigmagrad/lab/program/run.hpp>
