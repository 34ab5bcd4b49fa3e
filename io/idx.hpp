// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <filesystem>

#include <sigmagrad/autograd/tensor/tensor.hpp>

namespace sigmagrad {

/// The array of an IDX file, the format of MNIST, which may be compressed by gzip. The entries keep their values (an
/// image's are 0 to 255). Error for anything that is not one IDX array.
Tensor load_idx(const std::filesystem::path& path, Dtype dtype = f64);

}  // namespace sigmagrad
