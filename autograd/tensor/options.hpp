// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>

// What operations on images take beside tensors.
namespace sigmagrad {

/// A number for the height and one for the width; a single number stands for both.
struct Pair {
  constexpr Pair(std::int64_t both) : h(both), w(both) {}
  constexpr Pair(std::int64_t height, std::int64_t width) : h(height), w(width) {}
  constexpr bool operator==(const Pair&) const = default;

  std::int64_t h, w;
};

/// How a kernel moves over an image: by `stride`, from `padding` zeros outside of every edge, with its entries
/// `dilation` apart. `groups` > 1 cuts the channels into so many parts, each of which makes its part of the result.
struct Conv2dOptions {
  Pair stride = 1;
  Pair padding = 0;
  Pair dilation = 1;
  std::int64_t groups = 1;
};

/// How a window moves over an image; a stride of 0 is the window's own size.
struct MaxPool2dOptions {
  Pair stride = 0;
  Pair padding = 0;
  Pair dilation = 1;
};

/// Likewise; `count_include_pad` divides by the window's size where it reaches beyond the image, too.
struct AvgPool2dOptions {
  Pair stride = 0;
  Pair padding = 0;
  bool count_include_pad = true;
};

/// Whether mean and variance are the batch's, and by how much the running ones then move towards them.
struct BatchNormMode {
  bool training = false;
  double momentum = 0.1;
  double eps = 1e-5;
};

struct LayerNormMode {
  double eps = 1e-5;
};

}  // namespace sigmagrad
