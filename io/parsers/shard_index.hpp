// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <map>
#include <string>

#include <sigmagrad/io/file.hpp>

namespace sigmagrad::detail {

/// The file that holds each tensor of a model in several files, by the tensor's name: {"weight_map": {"w": "file"}}.
/// Error, beginning with `file`, for a name that comes twice and for what is no such index.
std::map<std::string, std::string> parse_shard_index(Bytes bytes, const std::string& file);

}  // namespace sigmagrad::detail
