// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <filesystem>

#include <sigmagrad/autograd/tensor/tensor.hpp>

// NumPy's format for one array: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html.
namespace sigmagrad {

/// As numpy.save writes it: <f8 or <f4, in C order. An existing file is replaced in one step.
void save_npy(const Tensor& tensor, const std::filesystem::path& path);

/// What numpy.save wrote, of any version, order and byte order. f2 and f4 become f32; f8, b1 and whole numbers f64 (an
/// Error where f64 does not hold one). Error for other dtypes and for anything the format forbids.
Tensor load_npy(const std::filesystem::path& path);

}  // namespace sigmagrad
