// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/inspect/tensor_row.hpp>

namespace sigmagrad::inspection {

std::int64_t TensorRow::entries() const {
  std::int64_t count = 1;
  for (const auto length : shape) count *= length;
  return count;
}

bool TensorRow::is_integer() const { return dtype.starts_with('I') || dtype.starts_with('U') || dtype == "BOOL"; }

}  // namespace sigmagrad::inspection
