// SPDX-License-Identifier: BSD-3-Clause
// The networks of paper 002, figures 18 to 29: those for images of 32 x 32, in f32.
#pragma once

#include <cstdint>

#include <sigmagrad/nn/sequential.hpp>

namespace sigmagrad::experiments::networks {

struct ImageForm {
  std::int64_t channels = 3;
  std::int64_t classes = 10;
};

/// ResNet-18, 34, 50 or 101 (He, Zhang, Ren and Sun 2016) of images [n, channels, h, w]: a 3 x 3 stem without a pool,
/// four stages of `width`, 2 `width`, 4 `width` and 8 `width` channels (64 as published; times 4 behind bottlenecks),
/// the mean of the image, a linear layer. Kernels are drawn from N(0, 2 / (k k out)), from the thread's generator.
nn::Sequential resnet(std::int64_t depth, std::int64_t width, const ImageForm& form);

/// VGG-11, 13, 16 or 19 (Simonyan and Zisserman 2015) with batch normalisation: five stages of `width`, 2, 4, 8 and 8
/// `width` channels, each before a pool, and one linear layer for images of 32 to 63 pixels a side. Weights start as
/// those of Conv2d do.
nn::Sequential vgg(std::int64_t depth, std::int64_t width, const ImageForm& form);

}  // namespace sigmagrad::experiments::networks
