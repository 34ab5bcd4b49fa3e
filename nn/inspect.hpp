// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <utility>
#include <vector>

#include <sigmagrad/linalg/inspect.hpp>
#include <sigmagrad/nn/module.hpp>

namespace sigmagrad {

/// The summaries of a model's `named_weights` of two or more axes, under their names and in their order: of a
/// parametrised layer that of the weight it computes with. Weights of three and more axes are seen as kernels, as
/// `options.kernel` says; so are those of stacked models [models, out, in], of which one is to be given. An Error names
/// the weight.
std::vector<std::pair<std::string, MatrixSummary>> inspect(const nn::Module& model, const InspectOptions& options = {});

}  // namespace sigmagrad
