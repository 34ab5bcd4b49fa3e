// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/io/transforms.hpp>

#include <algorithm>
#include <array>
#include <utility>

#include <sigmagrad/autograd/kernels/map.hpp>
#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/autograd/tensor/fail.hpp>

namespace sigmagrad {
namespace {

struct Images {
  std::int64_t channels, height, width;
};

Images images_of(const char* transform, const Tensor& x) {
  if (x.dim() != 4) engine::fail("{}: images must be [n, channels, height, width], got {}", transform, x.shape().str());
  return {x.size(1), x.size(2), x.size(3)};
}

Images images_of(const char* transform, const Tensor& x, std::span<Generator> draws) {
  const Images result = images_of(transform, x);
  if (std::ssize(draws) != x.size(0))
    engine::fail("{}: needs a generator for each of {} images (got {})", transform, x.size(0), draws.size());
  return result;
}

// A new batch, whose image i is each(T* to, const T* from, i).
template <class F>
Tensor each_image(const Tensor& x, const F& each) {
  Tensor out = empty(x.shape(), x.dtype());
  engine::dispatch(x.dtype(), [&]<class T>(T) {
    const auto from = x.data<T>();
    const auto to = out.mutable_data<T>();
    const std::int64_t entries = x.size(0) == 0 ? 0 : x.numel() / x.size(0);
    for (std::int64_t i = 0; i < x.size(0); ++i) each(to.data() + i * entries, from.data() + i * entries, i);
  });
  return out;
}

std::int64_t draw(Generator& generator, std::int64_t end) {
  std::array<std::int64_t, 1> number{};
  generator.integers(0, end, number);
  return number[0];
}

// Moves a picture up and to the left by (down, right), with zeros where nothing comes.
template <class T>
void shift(T* to, const T* from, const Images& of, Pair by) {
  std::fill_n(to, of.height * of.width, T(0));
  const std::int64_t first = std::max<std::int64_t>(-by.w, 0), last = std::min(of.width, of.width - by.w);
  for (std::int64_t i = std::max<std::int64_t>(-by.h, 0); i < std::min(of.height, of.height - by.h); ++i)
    if (first < last) std::copy_n(from + (i + by.h) * of.width + first + by.w, last - first, to + i * of.width + first);
}

}  // namespace

Transform random_crop(Pair padding) {
  if (padding.h < 0 || padding.w < 0)
    engine::fail("random_crop: padding must be >= 0 (got {} x {})", padding.h, padding.w);
  return [padding](const Tensor& x, std::span<Generator> draws) {
    const Images of = images_of("random_crop", x, draws);
    return each_image(x, [&](auto* to, const auto* from, std::int64_t i) {
      Generator& generator = draws[static_cast<std::size_t>(i)];
      const std::int64_t down = draw(generator, 2 * padding.h + 1) - padding.h;
      const std::int64_t right = draw(generator, 2 * padding.w + 1) - padding.w;
      const std::int64_t picture = of.height * of.width;
      for (std::int64_t c = 0; c < of.channels; ++c) shift(to + c * picture, from + c * picture, of, {down, right});
    });
  };
}

Transform random_horizontal_flip(double p) {
  if (!(p >= 0.0 && p <= 1.0)) engine::fail("random_horizontal_flip: p must be in [0, 1] (got {})", p);
  return [p](const Tensor& x, std::span<Generator> draws) {
    const Images of = images_of("random_horizontal_flip", x, draws);
    return each_image(x, [&](auto* to, const auto* from, std::int64_t i) {
      std::array<double, 1> number{};
      draws[static_cast<std::size_t>(i)].uniform(number);
      const bool mirrored = number[0] < p;
      for (std::int64_t row = 0; row < of.channels * of.height; ++row) {
        const auto* const begin = from + row * of.width;
        if (mirrored)
          std::reverse_copy(begin, begin + of.width, to + row * of.width);
        else
          std::copy_n(begin, of.width, to + row * of.width);
      }
    });
  };
}

Transform normalize(std::vector<double> mean, std::vector<double> std) {
  if (mean.empty() || mean.size() != std.size())
    engine::fail("normalize: needs as many numbers std as mean, at least one (got {} and {})", std.size(), mean.size());
  for (const double scale : std)
    if (!(scale > 0.0)) engine::fail("normalize: std must be > 0 (got {})", scale);
  return [mean = std::move(mean), std = std::move(std)](const Tensor& x, std::span<Generator>) {
    const Images of = images_of("normalize", x);
    if (of.channels != std::ssize(mean))
      engine::fail("normalize: has numbers for {} channels, the images are {}", mean.size(), x.shape().str());
    return each_image(x, [&]<class T>(T* to, const T* from, std::int64_t) {
      const std::int64_t picture = of.height * of.width;
      for (std::size_t c = 0; c < mean.size(); ++c, to += picture, from += picture) {
        const T center = static_cast<T>(mean[c]), scale = static_cast<T>(std[c]);
        std::transform(from, from + picture, to, [=](T value) { return (value - center) / scale; });
      }
    });
  };
}

}  // namespace sigmagrad
