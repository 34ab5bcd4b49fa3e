// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <vector>

#include <sigmagrad/inspect/sheet.hpp>
#include <sigmagrad/inspect/tensor_row.hpp>

namespace sigmagrad::inspection {

/// The columns of a tensor's row, in their order.
const std::vector<Column<TensorRow>>& tensor_columns();

}  // namespace sigmagrad::inspection
