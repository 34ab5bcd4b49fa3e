// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include <sigmagrad/autograd/tensor/tensor.hpp>

namespace sigmagrad::oracle {

using Args = std::vector<Tensor>;
using Parameters = nlohmann::json;
using Operation = std::function<Tensor(const Args&, const Parameters&)>;

/// What a program's step may name, with the names and parameters of `operations.py`.
const std::map<std::string, Operation>& operations();

}  // namespace sigmagrad::oracle
