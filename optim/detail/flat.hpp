// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <vector>

#include <sigmagrad/autograd/tensor/tensor.hpp>

// Parameters of one dtype as one vector [n], and numbers of such vectors.
namespace sigmagrad::optim {

Tensor flat_values(const std::vector<Tensor>& params);
/// Zeros where there is no gradient.
Tensor flat_gradient(const std::vector<Tensor>& params);
void set_values(std::vector<Tensor> params, const Tensor& flat);

double dot(const Tensor& a, const Tensor& b);
/// The largest entry by size, NaN where there is one, 0 of none.
double largest_entry(const Tensor& x);
double sum_of_sizes(const Tensor& x);

}  // namespace sigmagrad::optim
