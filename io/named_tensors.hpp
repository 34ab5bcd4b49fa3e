// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <sigmagrad/autograd/tensor/tensor.hpp>

namespace sigmagrad {

/// Tensors under names, in order: what a model, an optimiser or a file holds.
class NamedTensors : public std::vector<std::pair<std::string, Tensor>> {
 public:
  using vector::vector;
  using vector::operator[];

  bool contains(std::string_view name) const;
  /// The tensor of that name; Error where there is none.
  const Tensor& operator[](std::string_view name) const;
};

/// Copies values into the tensors of the same names, converted to their dtypes. Error, naming `reader` and the entry,
/// for one that is missing, unknown, twice there or of another shape; nothing is changed then.
void copy_values(const char* reader, const NamedTensors& to, const NamedTensors& from);

}  // namespace sigmagrad
