// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <functional>
#include <span>
#include <vector>

#include <sigmagrad/autograd/random/random.hpp>
#include <sigmagrad/autograd/tensor/options.hpp>
#include <sigmagrad/autograd/tensor/tensor.hpp>

// What a DataLoader does to the images of a batch: `.transforms = {random_crop(4), random_horizontal_flip(), normalize(
// {0.5}, {0.25})}`, in that order.
namespace sigmagrad {

/// A function of a batch [n, ...] and of n generators, row i's own, that gives the batch to be seen instead. What is
/// random draws from these alone: then a row does not depend on those beside it, nor on the thread. It may be called by
/// several threads at once. No gradient flows through those of this header.
using Transform = std::function<Tensor(const Tensor& x, std::span<Generator> draws)>;

/// Images [n, channels, height, width] with `padding` zeros outside of every edge, cut to their own size at a place
/// drawn uniformly for each. Padding is >= 0.
Transform random_crop(Pair padding);
/// Each image mirrored, left to right, with probability p.
Transform random_horizontal_flip(double p = 0.5);
/// (x - mean) / std of images [n, channels, height, width], with a number for each channel; std is > 0. It draws
/// nothing: `normalize(mean, std)(images, {})` is how the images to test with are seen.
Transform normalize(std::vector<double> mean, std::vector<double> std);

}  // namespace sigmagrad
