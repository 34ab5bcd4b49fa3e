// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <span>
#include <string>

#include <sigmagrad/io/cifar.hpp>
#include <sigmagrad/io/file.hpp>

namespace sigmagrad::detail {

/// What precedes the pixels of an image: one byte of label, or two, the coarse one first.
struct CifarLayout {
  int labels, coarse_labels;

  static constexpr std::size_t pixels = 3 * 32 * 32;
  constexpr std::size_t size() const { return (coarse_labels > 0 ? 2 : 1) + pixels; }
};
inline constexpr CifarLayout cifar10{.labels = 10, .coarse_labels = 0}, cifar100{.labels = 100, .coarse_labels = 20};

struct CifarFile {
  Bytes bytes;
  std::string name;
};

/// The images of all files, in order. Error for a file of another length, or with a label that is none.
Cifar parse_cifar(std::span<const CifarFile> files, const CifarLayout& layout, Dtype dtype);

}  // namespace sigmagrad::detail
