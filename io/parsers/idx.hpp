// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sigmagrad/io/detail/encoding.hpp>

namespace sigmagrad::detail {

/// `bytes` as they are or as gzip made them.
Tensor parse_idx(Bytes bytes, Dtype dtype, const std::string& file);

}  // namespace sigmagrad::detail
