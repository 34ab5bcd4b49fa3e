// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sigmagrad/autograd/tensor/tensor.hpp>

namespace sigmagrad {

// These change the tensor itself, and return it. The operand broadcasts to its shape and has its dtype. On a leaf that
// requires grad they need a NoGrad guard. On a temporary that is a part of another tensor (`w.narrow(0, 0, 2).zero_()`)
// they are an Error: parts are values here, and nobody would see the change.

Tensor& add_(Tensor& x, const Tensor& other);
Tensor& add_(Tensor& x, Scalar value);
Tensor& sub_(Tensor& x, const Tensor& other);
Tensor& sub_(Tensor& x, Scalar value);
Tensor& mul_(Tensor& x, const Tensor& other);
Tensor& mul_(Tensor& x, Scalar value);
Tensor& div_(Tensor& x, const Tensor& other);
Tensor& div_(Tensor& x, Scalar value);
Tensor& zero_(Tensor& x);
Tensor& fill_(Tensor& x, Scalar value);
Tensor& copy_(Tensor& x, const Tensor& other);

namespace engine {

/// A temporary that an in-place member changes. Error, naming the member, if it is a part of another tensor that nobody
/// else refers to.
Tensor& temporary(const char* member, Tensor& x);

}  // namespace engine
}  // namespace sigmagrad
