// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <sigmagrad/lab/model/experiment.hpp>
#include <sigmagrad/lab/model/unjudged.hpp>

namespace sigmagrad::lab {

/// Every registered experiment, sorted by id.
std::vector<const Experiment*> all_experiments();

/// An Error with the nearest id where there is no such experiment.
const Experiment& find_experiment(std::string_view id);

/// The registered title of a document, empty if it has none.
std::string title_of(const std::string& document);

/// What is registered as not judged, by document, then in the order registered.
std::vector<Unjudged> all_unjudged();

}  // namespace sigmagrad::lab
