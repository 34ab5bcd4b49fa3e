// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <sigmagrad/autograd/tensor/error.hpp>
#include <sigmagrad/lab/model/nearest.hpp>

namespace sigmagrad::lab {

/// The choice of this name for an option of a command; an Error with the nearest one if there is none.
template <class Choice>
Choice choose(std::string_view command, std::string_view option, const std::string& text,
              const std::map<std::string, Choice>& choices) {
  if (const auto found = choices.find(text); found != choices.end()) return found->second;
  std::vector<std::string> names;
  for (const auto& [name, choice] : choices) names.push_back(name);
  throw Error(unknown(command, option, text, names));
}

}  // namespace sigmagrad::lab
