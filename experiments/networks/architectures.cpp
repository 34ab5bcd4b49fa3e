// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/experiments/networks/architectures.hpp>

#include <array>
#include <cmath>
#include <utility>

#include <sigmagrad/autograd/tensor/fail.hpp>
#include <sigmagrad/sigmagrad.hpp>

namespace sigmagrad::experiments::networks {

namespace {

nn::Sequential normalised(std::int64_t in, std::int64_t out, std::int64_t kernel, std::int64_t stride = 1) {
  return nn::Sequential{nn::Conv2d(in, out, kernel, {.stride = stride, .padding = kernel / 2, .bias = false}),
                        nn::BatchNorm2d(out)};
}

// Two 3 x 3 convolutions.
nn::Sequential basic(std::int64_t in, std::int64_t width, std::int64_t stride) {
  return nn::Sequential{normalised(in, width, 3, stride), nn::ReLU(), normalised(width, width, 3)};
}

// A 3 x 3 convolution between two of 1 x 1, the second of which has four times as many outputs.
nn::Sequential bottleneck(std::int64_t in, std::int64_t width, std::int64_t stride) {
  return nn::Sequential{normalised(in, width, 1), nn::ReLU(), normalised(width, width, 3, stride), nn::ReLU(),
                        normalised(width, 4 * width, 1)};
}

struct Blocks {
  std::array<int, 4> in_stage;
  bool bottleneck;
};

Blocks blocks_of(std::int64_t depth) {
  switch (depth) {
    case 18:
      return {{2, 2, 2, 2}, false};
    case 34:
      return {{3, 4, 6, 3}, false};
    case 50:
      return {{3, 4, 6, 3}, true};
    case 101:
      return {{3, 4, 23, 3}, true};
    default:
      engine::fail("resnet: there is no ResNet-{} here (18, 34, 50 or 101)", depth);
  }
}

void start(const nn::Sequential& net) {
  for (const auto& [name, weight] : net.named_parameters())
    if (weight.dim() == 4)
      nn::init::normal_(weight, 0.0,
                        std::sqrt(2.0 / static_cast<double>(weight.size(0) * weight.size(2) * weight.size(3))));
}

std::array<int, 5> convolutions_of(std::int64_t depth) {
  switch (depth) {
    case 11:
      return {1, 1, 2, 2, 2};
    case 13:
      return {2, 2, 2, 2, 2};
    case 16:
      return {2, 2, 3, 3, 3};
    case 19:
      return {2, 2, 4, 4, 4};
    default:
      engine::fail("vgg: there is no VGG-{} here (11, 13, 16 or 19)", depth);
  }
}

}  // namespace

nn::Sequential resnet(std::int64_t depth, std::int64_t width, const ImageForm& form) {
  const auto [in_stage, is_bottleneck] = blocks_of(depth);
  nn::Sequential net{normalised(form.channels, width, 3), nn::ReLU()};
  std::int64_t in = width;
  for (std::size_t stage = 0; stage < in_stage.size(); ++stage)
    for (int block = 0; block < in_stage[stage]; ++block) {
      const std::int64_t inner = width << stage, out = is_bottleneck ? 4 * inner : inner;
      const std::int64_t stride = stage > 0 && block == 0 ? 2 : 1;
      auto branch = is_bottleneck ? bottleneck(in, inner, stride) : basic(in, inner, stride);
      if (in == out && stride == 1)
        net.append(nn::Residual(std::move(branch)));
      else
        net.append(nn::Residual(std::move(branch), normalised(in, out, 1, stride)));
      net.append(nn::ReLU());
      in = out;
    }
  net.append(nn::AdaptiveAvgPool2d(1));
  net.append(nn::Flatten());
  net.append(nn::Linear(in, form.classes));
  start(net);
  net.to(f32);
  return net;
}

nn::Sequential vgg(std::int64_t depth, std::int64_t width, const ImageForm& form) {
  const auto convolutions = convolutions_of(depth);
  nn::Sequential net;
  std::int64_t in = form.channels;
  for (std::size_t stage = 0; stage < convolutions.size(); ++stage) {
    const std::int64_t out = width << (stage < 3 ? stage : 3);
    for (int k = 0; k < convolutions[stage]; ++k) {
      net.append(nn::Conv2d(in, out, 3, {.padding = 1}));
      net.append(nn::BatchNorm2d(out));
      net.append(nn::ReLU());
      in = out;
    }
    net.append(nn::MaxPool2d(2));
  }
  net.append(nn::Flatten());
  net.append(nn::Linear(in, form.classes));
  net.to(f32);
  return net;
}

}  // namespace sigmagrad::experiments::networks
