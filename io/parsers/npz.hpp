// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sigmagrad/io/file.hpp>
#include <sigmagrad/io/named_tensors.hpp>

namespace sigmagrad::detail {

/// With names, only the entries of those names.
NamedTensors parse_npz(Bytes bytes, const std::string& file, const std::vector<std::string>& names = {});

}  // namespace sigmagrad::detail
