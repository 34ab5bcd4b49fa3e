// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sigmagrad/lab/program/command.hpp>

namespace CLI {
class App;
}  // namespace CLI

namespace sigmagrad::lab {

/// Declares the options to the parser, which fills their destinations.
void declare_options(CLI::App& parser, const Options& options);

}  // namespace sigmagrad::lab
