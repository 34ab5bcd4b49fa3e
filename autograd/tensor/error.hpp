// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <stdexcept>

namespace sigmagrad {

/// Every misuse of the library throws this, before anything is changed. The message names the operation, what was
/// given and what was expected: `matmul: inner sizes differ: [64, 32] x [64, 64] (32 != 64)`.
class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace sigmagrad
