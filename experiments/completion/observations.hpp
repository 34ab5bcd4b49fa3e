// SPDX-License-Identifier: BSD-3-Clause
// Which entries of a square matrix are observed, as text: "10/01" is the diagonal of a 2 x 2 matrix.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <sigmagrad/autograd/tensor/tensor.hpp>
#include <sigmagrad/lab/model/figure.hpp>

namespace sigmagrad::experiments::completion {

using namespace lab;

/// The 0/1 mask [d, d].
Tensor mask_of(std::string_view pattern);

/// Where every component of the graph of rows and columns is observed completely: a mask [d, d] for each, its rows by
/// its columns. Else none.
std::vector<Tensor> complete_blocks(const Tensor& observed);

/// The bipartite graph of rows (left) and columns (right): a line for each observed entry, coloured by component.
Panel bipartite_graph(const std::string& title, std::string_view pattern);

/// One pattern of d x d entries for each class of those that permuting rows, permuting columns and transposing turn
/// into each other, with at least two observed entries and one that is not. 3 x 3: the 23 of paper 002, appendix C.1.
std::vector<std::string> patterns_up_to_symmetry(std::int64_t d);

}  // namespace sigmagrad::experiments::completion
