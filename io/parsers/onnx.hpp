// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <optional>

#include <sigmagrad/io/parsers/stored_array.hpp>

namespace sigmagrad::detail {

/// Where the entries of an array are if they are in another file.
struct ExternalData {
  std::string location = {};  // from the model's folder
  std::uint64_t offset = 0, length = 0;
};

struct OnnxArray {
  StoredArray array = {};  // external ones are without their bytes
  std::optional<ExternalData> external = {};
};

/// The initialisers of a model's main graph, in its order; one that cannot be read has its problem. Error, beginning
/// with `file`, for what is no model, and for an initialiser of another size than its data.
std::vector<OnnxArray> parse_onnx(Bytes bytes, const std::string& file);

}  // namespace sigmagrad::detail
