// SPDX-License-Identifier: BSD-3-Clause
// What the matrices of a file are together.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <sigmagrad/inspect/tensor_row.hpp>

namespace sigmagrad::inspection {

/// A tensor with the number it is named for.
struct Extreme {
  std::string name = {};
  double value = 0;
};

struct ModelSums {
  std::int64_t tensors = 0, matrices = 0;
  std::int64_t optimizer_tensors = 0;           // of an optimiser's state, in none of the following
  std::int64_t parameters = 0;                  // entries of all tensors but those of whole numbers
  double log10_product = 0;                     // of the spectral norms: the product itself may be no number
  bool kernels_as_matrices = false;             // whose norms are not those of the convolutions
  double stable_ranks = 0;                      // their sum
  std::vector<Extreme> worst_conditioned = {};  // cond, the largest first
  std::vector<Extreme> lowest_rank = {};        // effective rank over the smaller side, the smallest first
};

ModelSums sums_of(const std::vector<TensorRow>& rows);

/// 10^x to three digits, also where that is no number: "2.51e+400".
std::string power_of_ten(double exponent);

/// The sums in a few sentences, a line each, for a terminal and the report.
std::vector<std::string> sentences(const ModelSums& sums);

}  // namespace sigmagrad::inspection
