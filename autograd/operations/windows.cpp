// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/autograd/operations/windows.hpp>

#include <limits>

#include <sigmagrad/autograd/tensor/fail.hpp>

namespace sigmagrad::engine {
namespace {

// Sizes this far below overflow make every sum and product of two of them safe.
constexpr std::int64_t largest = std::numeric_limits<std::int32_t>::max();

bool reasonable(const Pair& pair) { return pair.h <= largest && pair.w <= largest; }

std::int64_t along(std::int64_t image, std::int64_t size, std::int64_t stride, std::int64_t padding,
                   std::int64_t dilation) {
  const std::int64_t room = image + 2 * padding - (size - 1) * dilation - 1;
  return room < 0 ? 0 : room / stride + 1;
}

}  // namespace

void check_steps(const char* operation, const Pair& stride, const Pair& dilation) {
  if (stride.h < 1 || stride.w < 1 || dilation.h < 1 || dilation.w < 1)
    fail("{}: stride and dilation must be >= 1 (got {} and {})", operation, str(stride), str(dilation));
}

void check_movement(const char* operation, const Conv2dOptions& options) {
  const auto& [stride, padding, dilation, groups] = options;
  check_steps(operation, stride, dilation);
  if (padding.h < 0 || padding.w < 0) fail("{}: padding must be >= 0 (got {})", operation, str(padding));
  if (groups < 1) fail("{}: groups must be >= 1 (got {})", operation, groups);
}

Window pool_window(const char* pool, const Pair& window, const MaxPool2dOptions& options) {
  const auto& [given, padding, dilation] = options;
  const Pair stride = given == Pair(0) ? window : given;
  if (window.h < 1 || window.w < 1) fail("{}: the window must be >= 1 (got {})", pool, str(window));
  check_steps(pool, stride, dilation);
  if (padding.h < 0 || padding.w < 0 || 2 * padding.h > (window.h - 1) * dilation.h + 1 ||
      2 * padding.w > (window.w - 1) * dilation.w + 1)
    fail("{}: padding must be from 0 to half of the window {} (got {})", pool, str(window), str(padding));
  return {window, stride, padding, dilation};
}

Window pool_window(const char* pool, const Pair& window, const AvgPool2dOptions& options) {
  return pool_window(pool, window, MaxPool2dOptions{.stride = options.stride, .padding = options.padding});
}

Pair places(const char* operation, const Pair& image, const Window& window) {
  const auto& [size, stride, padding, dilation] = window;
  if (size.h < 1 || size.w < 1) fail("{}: the kernel must not be empty (got {})", operation, str(size));
  for (const Pair& pair : {image, size, stride, padding, dilation})
    if (!reasonable(pair)) fail("{}: sizes above {} are refused (got {})", operation, largest, str(pair));
  const Pair result(along(image.h, size.h, stride.h, padding.h, dilation.h),
                    along(image.w, size.w, stride.w, padding.w, dilation.w));
  if (result.h < 1 || result.w < 1)
    fail("{}: the kernel {}{} is larger than the image {} with padding {}", operation, str(size),
         dilation == Pair(1) ? "" : " with dilation " + str(dilation), str(image), str(padding));
  return result;
}

}  // namespace sigmagrad::engine
