// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sigmagrad/io/parsers/stored_array.hpp>

namespace sigmagrad::detail {

/// The entries of a TensorProto that has them in a field of numbers: they stay where they are if they lie there as in
/// memory, else they are unpacked when they are read. Error, beginning with `place`, unless there are `count` of them.
void take_values(StoredArray& array, Bytes message, std::int64_t count, const std::string& place);

}  // namespace sigmagrad::detail
