// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>

#include <sigmagrad/autograd/tensor/options.hpp>

// Windows that move over an image: those of a kernel, and those of a pool.
namespace sigmagrad::engine {

struct Window {
  Pair size, stride, padding, dilation;
};

inline std::string str(const Pair& pair) { return std::to_string(pair.h) + " x " + std::to_string(pair.w); }

/// How many places a window has on an image. Error, naming the operation, where it has none.
Pair places(const char* operation, const Pair& image, const Window& window);

}  // namespace sigmagrad::engine
