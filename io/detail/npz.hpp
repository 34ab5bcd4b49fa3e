// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sigmagrad/io/detail/file.hpp>
#include <sigmagrad/io/named_tensors.hpp>

namespace sigmagrad::detail {

NamedTensors parse_npz(Bytes bytes, const std::string& file);

}  // namespace sigmagrad::detail
