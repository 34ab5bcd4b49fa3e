// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/experiments/compare/images.hpp>

#include <algorithm>
#include <cmath>

namespace sigmagrad::experiments::compare {

namespace {

constexpr std::int64_t most_tested = 500;  // whose loss is asked for some 30 times a training

// Rows of pixels as [n, channels, side, side]; large images in squares of four.
Tensor as_images(const Tensor& rows) {
  const auto pixels = rows.size(1);
  const std::int64_t channels = pixels % 3 == 0 ? 3 : 1;
  const auto side = static_cast<std::int64_t>(std::lround(std::sqrt(static_cast<double>(pixels / channels))));
  const auto images = rows.reshape({rows.size(0), channels, side, side});
  return side >= 28 ? avg_pool2d(images, 4) : images;
}

}  // namespace

Images images_of(Trial& t) {
  const NoGrad guard;
  const auto generator = t.generator();
  const auto all = completion::train_and_test(t[data], t[examples], *generator);
  const auto tested = std::min({t[examples], most_tested, all.test.x.size(0)});
  return {as_images(all.train.x), all.train.labels, as_images(all.test.x.narrow(0, 0, tested).clone()),
          all.test.labels.narrow(0, 0, tested).clone()};
}

}  // namespace sigmagrad::experiments::compare
