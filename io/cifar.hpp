// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include <sigmagrad/autograd/tensor/tensor.hpp>
#include <sigmagrad/io/data_part.hpp>

// The binary version of CIFAR: https://www.cs.toronto.edu/~kriz/cifar.html.
namespace sigmagrad {

struct CifarOptions {
  using Part = DataPart;
  Part part = Part::Train;
  Dtype dtype = f64;
};

struct Cifar {
  Tensor images;  // [n, 3, 32, 32]: red, green, blue, from 0 to 1
  std::vector<std::int64_t> labels;
  std::vector<std::int64_t> coarse_labels;  // of CIFAR-100 only
};

/// The images of one file, or of the part's files in a folder: data_batch_1.bin to data_batch_5.bin, or test_batch.bin.
Cifar load_cifar10(const std::filesystem::path& path, const CifarOptions& options = {});
/// The images of one file, or of train.bin or test.bin in a folder.
Cifar load_cifar100(const std::filesystem::path& path, const CifarOptions& options = {});

}  // namespace sigmagrad
