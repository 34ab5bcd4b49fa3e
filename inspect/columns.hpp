// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <vector>

#include <sigmagrad/inspect/sheet.hpp>
#include <sigmagrad/inspect/tensor_row.hpp>

namespace sigmagrad::inspection {

/// The columns of a tensor's row, in their order.
const std::vector<Column<TensorRow>>& tensor_columns();

/// Those of a table of matrices: without the matrix's size where it is that of each tensor.
std::vector<Column<TensorRow>> columns_for(const std::vector<TensorRow>& matrices);

}  // namespace sigmagrad::inspection
