// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/nn/pooling.hpp>

#include <sigmagrad/autograd/operations/windows.hpp>
#include <sigmagrad/autograd/tensor/fail.hpp>

namespace sigmagrad::nn {

MaxPool2d::MaxPool2d(Pair window, Options options) : window_(window), options_(options) {
  engine::pool_window("MaxPool2d", window, options);
}

AvgPool2d::AvgPool2d(Pair window, Options options) : window_(window), options_(options) {
  engine::pool_window("AvgPool2d", window, options);
}

AdaptiveAvgPool2d::AdaptiveAvgPool2d(Pair size) : size_(size) {
  if (size.h < 1 || size.w < 1) engine::fail("AdaptiveAvgPool2d: the size must be >= 1 (got {})", engine::str(size));
}

}  // namespace sigmagrad::nn
