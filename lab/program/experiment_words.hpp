// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sigmagrad/lab/program/command.hpp>

namespace sigmagrad::lab {

/// ID: every experiment. KEY=VALUE: every parameter's name, and what it takes is typed on.
Words experiment_words();

}  // namespace sigmagrad::lab
