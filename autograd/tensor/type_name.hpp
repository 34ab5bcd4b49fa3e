// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <typeinfo>

namespace sigmagrad::engine {

/// As a user would say it, without namespaces: "Parametrized<Linear>".
std::string type_name(const std::type_info& type);

}  // namespace sigmagrad::engine
