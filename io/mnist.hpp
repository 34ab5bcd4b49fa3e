// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

#include <sigmagrad/autograd/tensor/tensor.hpp>
#include <sigmagrad/io/data_part.hpp>

// MNIST and the sets that took its form: Fashion-MNIST (Xiao, Rasul and Vollgraf 2017), ten kinds of clothes.
namespace sigmagrad {

struct MnistOptions {
  using Part = DataPart;
  Part part = Part::Train;
  Dtype dtype = f64;
};

struct Mnist {
  Tensor images;  // [n, 1, height, width], from 0 to 1
  std::vector<std::int64_t> labels;
};

/// The part's two files in a folder, as they are or compressed: train-images-idx3-ubyte and train-labels-idx1-ubyte,
/// t10k-images-idx3-ubyte and t10k-labels-idx1-ubyte, each with `.gz` or without. Error unless every image has a label
/// from 0 to 9.
Mnist load_mnist(const std::filesystem::path& folder, const MnistOptions& options = {});

/// Where Debian's package dataset-fashion-mnist has its files: `datasets/fashion-mnist` in a folder of XDG_DATA_DIRS,
/// which is /usr/local/share and /usr/share unless it is set. None if the package is not installed.
std::optional<std::filesystem::path> fashion_mnist_folder();
/// The part from there: 60000 images of 28 x 28 to train with, 10000 to test. Error if there is none.
Mnist load_fashion_mnist(const MnistOptions& options = {});

}  // namespace sigmagrad
