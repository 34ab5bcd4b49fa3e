// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/lab/program/experiment_words.hpp>

#include <set>

#include <sigmagrad/lab/model/registry.hpp>

namespace sigmagrad::lab {

Words experiment_words() {
  std::vector<std::string> ids;
  std::set<std::string> keys;
  for (const auto* experiment : all_experiments()) {
    ids.push_back(experiment->id);
    for (const auto& parameter : experiment->parameters) keys.insert(parameter.name + '=');
  }
  return {{"ID", ids}, {"KEY=VALUE", {keys.begin(), keys.end()}}};
}

}  // namespace sigmagrad::lab
