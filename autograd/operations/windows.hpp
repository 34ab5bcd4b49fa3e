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

/// Error, naming the operation, where a window would not move or its taps would fall together.
void check_steps(const char* operation, const Pair& stride, const Pair& dilation);
/// The options of a convolution, whatever the shapes it meets. Error, naming the operation, where they make no sense.
void check_movement(const char* operation, const Conv2dOptions& options);

/// A pool's window and how it moves, whatever the images it meets: by its own size unless a stride is given. Error,
/// naming the pool, where that makes no sense.
Window pool_window(const char* pool, const Pair& window, const MaxPool2dOptions& options);
Window pool_window(const char* pool, const Pair& window, const AvgPool2dOptions& options);

/// How many places a window has on an image. Error, naming the operation, where it has none.
Pair places(const char* operation, const Pair& image, const Window& window);

}  // namespace sigmagrad::engine
