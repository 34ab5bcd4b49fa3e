// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sigmagrad/linalg/decompositions.hpp>

// Functions of the library with errors that name the function the user called.
namespace sigmagrad::linalg::detail {

/// What a singular matrix leads to.
enum class IfSingular { Fail, Infinity };

/// X with A X = B for matrices that have the same batch axes.
Tensor solve(const char* operation, const Tensor& A, const Tensor& B);
Tensor inv(const char* operation, const Tensor& A, IfSingular if_singular = IfSingular::Fail);
QR qr(const char* operation, const Tensor& w);

}  // namespace sigmagrad::linalg::detail
