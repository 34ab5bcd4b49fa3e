// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>

#include <sigmagrad/autograd/kernels/convolution.hpp>

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

/// The results along one axis under which a tap stands inside of the image: [begin, end), at begin * stride + shift.
struct Inside {
  Inside(std::int64_t results, std::int64_t size, std::int64_t stride, std::int64_t shift_) : shift(shift_) {
    begin = std::min(results, shift < 0 ? (-shift + stride - 1) / stride : 0);
    end = shift >= size ? begin : std::clamp((size - 1 - shift) / stride + 1, begin, results);
  }
  std::int64_t shift, begin, end;
};

/// f(row of the image, inside) for every row of `channels` channels' columns, in the order in which those lie; the row
/// is null outside of the image. A row of columns has c.result.w entries.
template <class T, class F>
void for_each_row(const Convolution& c, const Piece& piece, T* x, std::int64_t channel, std::int64_t channels, F f) {
  for (std::int64_t i = channel; i < channel + channels; ++i)
    for (std::int64_t k = 0; k < c.kernel.h; ++k)
      for (std::int64_t l = 0; l < c.kernel.w; ++l) {
        const Inside inside(c.result.w, c.image.w, c.stride.w, l * c.dilation.w - c.padding.w);
        for (std::int64_t s = piece.sample; s < piece.sample + piece.samples; ++s) {
          T* const image = x + (s * c.groups * c.in + i) * c.pixels();
          for (std::int64_t row = piece.row; row < piece.row + piece.rows; ++row) {
            const std::int64_t y = row * c.stride.h + k * c.dilation.h - c.padding.h;
            f(y >= 0 && y < c.image.h ? image + y * c.image.w : nullptr, inside);
          }
        }
      }
}

/// columns[channel, tap, position] = the entry of the image there, 0 outside of it.
template <class T>
void gather(T* to, const T* x, const Convolution& c, const Piece& piece, std::int64_t channel, std::int64_t channels) {
  for_each_row(c, piece, x, channel, channels, [&, width = c.result.w, stride = c.stride.w](const T* row, auto inside) {
    const std::int64_t end = row ? inside.end : 0, begin = row ? inside.begin : 0;
    for (std::int64_t j = 0; j < begin; ++j) to[j] = T(0);
    if (stride == 1)
      for (std::int64_t j = begin; j < end; ++j) to[j] = row[j + inside.shift];
    else
      for (std::int64_t j = begin; j < end; ++j) to[j] = row[j * stride + inside.shift];
    for (std::int64_t j = end; j < width; ++j) to[j] = T(0);
    to += width;
  });
}

/// Adds columns to the entries of the image that they stand for.
template <class T>
void scatter(T* x, const T* from, const Convolution& c, const Piece& piece, std::int64_t channel,
             std::int64_t channels) {
  for_each_row(c, piece, x, channel, channels, [&, width = c.result.w, stride = c.stride.w](T* row, auto inside) {
    const std::int64_t end = row ? inside.end : 0;
    if (stride == 1)
      for (std::int64_t j = inside.begin; j < end; ++j) row[j + inside.shift] += from[j];
    else
      for (std::int64_t j = inside.begin; j < end; ++j) row[j * stride + inside.shift] += from[j];
    from += width;
  });
}

}  // namespace sigmagrad::engine
