// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <type_traits>

#include <sigmagrad/autograd/kernels/convolution.hpp>
#include <sigmagrad/autograd/kernels/multiversion.hpp>

// How the kernels of convolutions cut their work, and how they move between images and columns.
namespace sigmagrad::engine {

/// Some whole results, or some rows of one.
struct Piece {
  std::int64_t sample, samples, row, rows;
};

inline std::int64_t columns(const Convolution& c, const Piece& piece) {
  return piece.samples * piece.rows * c.result.w;
}

/// The pieces of all samples, of about as many columns each. They depend on the sizes of one sample alone; the last
/// may have fewer samples.
class Pieces {
 public:
  explicit Pieces(const Convolution& c) : c_(c) {
    constexpr std::int64_t wanted = 384;  // eight panels of a product in f32
    samples_each_ = std::max<std::int64_t>(1, wanted / std::max<std::int64_t>(1, c.positions()));
    parts_ = samples_each_ > 1 ? 1 : std::max<std::int64_t>(1, (c.positions() + wanted / 2) / wanted);
    parts_ = std::min(parts_, std::max<std::int64_t>(1, c.result.h));
  }

  /// How many each sample is cut into; 1 where a piece has samples.
  std::int64_t parts() const { return parts_; }
  std::int64_t count() const { return (c_.samples + samples_each_ - 1) / samples_each_ * parts_; }
  Piece operator[](std::int64_t i) const {
    const std::int64_t sample = i / parts_ * samples_each_, part = i % parts_;
    const std::int64_t row = part * c_.result.h / parts_, end = (part + 1) * c_.result.h / parts_;
    return {sample, std::min(samples_each_, c_.samples - sample), row, end - row};
  }
  /// The columns of the largest piece.
  std::int64_t most_columns() const {
    return std::max<std::int64_t>(1, samples_each_ * ((c_.result.h + parts_ - 1) / parts_) * c_.result.w);
  }

 private:
  const Convolution& c_;
  std::int64_t samples_each_, parts_;
};

inline bool is_pointwise(const Convolution& c) {
  return c.kernel == Pair(1) && c.stride == Pair(1) && c.padding == Pair(0);
}

/// The part of the image under a piece with its zeros around, [channels, samples, height, width], from row and column
/// `top` and `left` of the image on.
struct Padded {
  Padded(const Convolution& c, const Piece& piece)
      : height((piece.rows - 1) * c.stride.h + (c.kernel.h - 1) * c.dilation.h + 1),
        width((c.result.w - 1) * c.stride.w + (c.kernel.w - 1) * c.dilation.w + 1),
        top(piece.row * c.stride.h - c.padding.h),
        left(-c.padding.w) {}

  std::int64_t height, width, top, left;
  std::int64_t entries() const { return height * width; }
};

/// f(padded, image, entries) for the rows of a padded part that meet the image, from the first entry inside of it on.
template <class T, class X, class F>
void for_each_row_inside(const Convolution& c, const Piece& piece, T* padded, X* x, std::int64_t channel,
                         std::int64_t channels, F f) {
  const Padded part(c, piece);
  const std::int64_t first = std::max<std::int64_t>(0, -part.top), skip = std::min(part.width, -part.left);
  const std::int64_t last = std::min(part.height, c.image.h - part.top);
  const std::int64_t n = std::clamp<std::int64_t>(c.image.w, 0, part.width - skip);
  for (std::int64_t i = channel; i < channel + channels; ++i)
    for (std::int64_t s = piece.sample; s < piece.sample + piece.samples; ++s, padded += part.entries()) {
      X* const image = x + (s * c.groups * c.in + i) * c.pixels();
      for (std::int64_t row = first; row < last; ++row)
        f(padded + row * part.width + skip, image + (row + part.top) * c.image.w, n);
    }
}

/// Rows of `width` entries, one after the other, beside rows that lie in parts of `rows` of them.
struct Rectangle {
  std::int64_t parts, part_step, rows, row_step, width, stride;
};

/// move(dense, spread, width, stride) for each row, with the width as a constant where it is a usual one.
template <class T, class X, class Move>
SIGMAGRAD_MULTIVERSION void move_rows(T* dense, X* spread, const Rectangle& r, Move move) {
  const auto all = [&](auto width, auto stride) {
    for (std::int64_t part = 0; part < r.parts; ++part)
      for (std::int64_t row = 0; row < r.rows; ++row, dense += width)
        move(dense, spread + part * r.part_step + row * r.row_step, width, stride);
  };
  const std::integral_constant<std::int64_t, 1> one;
  if (r.stride != 1) return all(r.width, r.stride);
  switch (r.width) {
    case 4:
      return all(std::integral_constant<std::int64_t, 4>(), one);
    case 8:
      return all(std::integral_constant<std::int64_t, 8>(), one);
    case 16:
      return all(std::integral_constant<std::int64_t, 16>(), one);
    case 32:
      return all(std::integral_constant<std::int64_t, 32>(), one);
    default:
      return all(r.width, one);
  }
}

/// f(entries of the padded part under the first position, rectangle) for each channel and tap.
template <class X, class F>
void for_each_tap(const Convolution& c, const Piece& piece, X* padded, std::int64_t channels, F f) {
  const Padded part(c, piece);
  const Rectangle rectangle{piece.samples, part.entries(), piece.rows, c.stride.h * part.width, c.result.w, c.stride.w};
  for (std::int64_t i = 0; i < channels; ++i, padded += piece.samples * part.entries())
    for (std::int64_t k = 0; k < c.kernel.h; ++k)
      for (std::int64_t l = 0; l < c.kernel.w; ++l)
        f(padded + k * c.dilation.h * part.width + l * c.dilation.w, rectangle);
}

/// columns[channel, tap, position] = the entry of the image there, 0 outside of it; by way of a padded copy.
template <class T>
void gather(T* to, T* padded, const T* x, const Convolution& c, const Piece& piece, std::int64_t channel,
            std::int64_t channels) {
  std::fill_n(padded, channels * piece.samples * Padded(c, piece).entries(), T(0));
  for_each_row_inside(c, piece, padded, x, channel, channels,
                      [](T* own, const T* row, std::int64_t n) { std::copy_n(row, n, own); });
  for_each_tap(c, piece, static_cast<const T*>(padded), channels, [&](const T* from, const Rectangle& rectangle) {
    move_rows(to, from, rectangle, [](T* dense, const T* spread, auto width, auto stride) {
      for (std::int64_t j = 0; j < width; ++j) dense[j] = spread[j * stride];
    });
    to += columns(c, piece);
  });
}

/// Adds columns to the entries of the image that they stand for, likewise.
template <class T>
void scatter(T* x, T* padded, const T* from, const Convolution& c, const Piece& piece, std::int64_t channel,
             std::int64_t channels) {
  std::fill_n(padded, channels * piece.samples * Padded(c, piece).entries(), T(0));
  for_each_tap(c, piece, padded, channels, [&](T* to, const Rectangle& rectangle) {
    move_rows(from, to, rectangle, [](const T* dense, T* spread, auto width, auto stride) {
      for (std::int64_t j = 0; j < width; ++j) spread[j * stride] += dense[j];
    });
    from += columns(c, piece);
  });
  for_each_row_inside(c, piece, padded, x, channel, channels, [](const T* own, T* row, std::int64_t n) {
    for (std::int64_t j = 0; j < n; ++j) row[j] += own[j];
  });
}

}  // namespace sigmagrad::engine
