// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/autograd/kernels/convolution.hpp>

#include <algorithm>

#include <sigmagrad/autograd/kernels/detail/convolution_pieces.hpp>
#include <sigmagrad/autograd/kernels/gemm_kernels.hpp>
#include <sigmagrad/autograd/kernels/transpose.hpp>
#include <sigmagrad/autograd/memory/scratch.hpp>

namespace sigmagrad::engine {
namespace {

// One group of one model: where its parts of x, w and y begin.
template <class X, class W, class Y>
struct Part {
  X* x;
  W* w;
  Y* y;
};

template <class X, class W, class Y, class F>
void for_each_part(const Convolution& c, X* x, W* w, Y* y, F f) {
  for (std::int64_t m = 0; m < c.models; ++m)
    for (std::int64_t g = 0; g < c.groups; ++g)
      f(Part<X, W, Y>{x + (m * c.samples * c.groups + g) * c.in * c.pixels(),
                      w + (m * c.groups + g) * c.out * c.terms(),
                      y + (m * c.samples * c.groups + g) * c.out * c.positions()},
        m * c.groups + g);
}

// to[i] += from[i]
template <class T>
void add_to(T* to, const T* from, std::int64_t n) {
  for (std::int64_t i = 0; i < n; ++i) to[i] += from[i];
}

// A matrix in memory, with `step` entries from row to row.
template <class T>
struct Rows {
  T* first;
  std::int64_t step;
};

// The results of a piece as a matrix [out, positions]: where they lie if the piece is of one sample, else a copy.
template <class T>
class Results {
 public:
  Results(const Convolution& c, const Piece& piece)
      : c_(c), piece_(piece), n_(columns(c, piece)), copy_(piece.samples > 1 ? c.out * n_ : 0) {}

  Rows<const T> read(const T* y) {
    if (piece_.samples == 1) return {at(y, 0, 0), c_.positions()};
    each([&](T* own, std::int64_t s, std::int64_t o) { std::copy_n(at(y, s, o), c_.positions(), own); });
    return {copy_.data(), n_};
  }
  Rows<T> room(T* y) { return piece_.samples == 1 ? Rows<T>{at(y, 0, 0), c_.positions()} : Rows<T>{copy_.data(), n_}; }
  void write(T* y) {
    if (piece_.samples == 1) return;
    each([&](const T* own, std::int64_t s, std::int64_t o) { std::copy_n(own, c_.positions(), at(y, s, o)); });
  }

 private:
  template <class Y>
  Y* at(Y* y, std::int64_t s, std::int64_t o) const {
    return y + ((piece_.sample + s) * c_.groups * c_.out + o) * c_.positions() + piece_.row * c_.result.w;
  }
  template <class F>
  void each(F f) {
    for (std::int64_t o = 0; o < c_.out; ++o)
      for (std::int64_t s = 0; s < piece_.samples; ++s) f(copy_.data() + o * n_ + s * c_.positions(), s, o);
  }

  const Convolution& c_;
  const Piece piece_;
  const std::int64_t n_;
  const Scratch<T> copy_;
};

// f(first channel, channels, first) for blocks of the channels [from, to) whose columns, and the padded part that they
// are read off, stay in the second cache.
template <class T, class F>
void for_each_block(const Convolution& c, const Piece& piece, std::int64_t from, std::int64_t to, F f) {
  constexpr std::int64_t second_cache = 320 * 1024 / sizeof(T);
  const std::int64_t each = c.taps() * columns(c, piece) + piece.samples * Padded(c, piece).entries();
  const std::int64_t most = std::max<std::int64_t>(1, second_cache / std::max<std::int64_t>(1, each));
  const std::int64_t blocks = (to - from + most - 1) / most;
  for (std::int64_t b = 0, at = from; b < blocks; ++b) {
    const std::int64_t channels = (to - at + blocks - b - 1) / (blocks - b);
    f(at, channels, b == 0);
    at += channels;
  }
}

// The columns of some channels of a piece: entries of the image itself where the kernel is one entry, else gathered.
template <class T>
class Columns {
 public:
  Columns(const Convolution& c, const Piece& piece)
      : c_(c), piece_(piece), n_(columns(c, piece)), direct_(is_pointwise(c) && piece.samples == 1) {}

  Rows<const T> read(const T* x, std::int64_t channel, std::int64_t channels, const Scratch<T>& room) const {
    if (direct_) return {at(x, channel), c_.pixels()};
    gather(room.data(), padded(room, channels), x, c_, piece_, channel, channels);
    return {room.data(), n_};
  }
  void add(T* x, std::int64_t channel, std::int64_t channels, const Scratch<T>& room) const {
    scatter(x, padded(room, channels), room.data(), c_, piece_, channel, channels);
  }
  bool direct() const { return direct_; }
  template <class X>
  X* at(X* x, std::int64_t channel) const {
    return x + (piece_.sample * c_.groups * c_.in + channel) * c_.pixels() + piece_.row * c_.result.w;
  }
  // Room for the columns, and for the padded part of the image that they are read off.
  std::int64_t entries(std::int64_t channels) const {
    return direct_ ? 0 : channels * (c_.taps() * n_ + piece_.samples * Padded(c_, piece_).entries());
  }

 private:
  T* padded(const Scratch<T>& room, std::int64_t channels) const { return room.data() + channels * c_.taps() * n_; }

  const Convolution& c_;
  const Piece piece_;
  const std::int64_t n_;
  const bool direct_;
};

// --- y = w * x ---

template <class T>
void add_channels(const Convolution& c, const Piece& piece, const T* x, const T* w, std::int64_t from, std::int64_t to,
                  Rows<T> y, bool add) {
  const std::int64_t n = columns(c, piece), taps = c.taps();
  if ((to - from) * taps > longest_sum<T> && to - from > 1) {
    const std::int64_t middle = from + (to - from) / 2;
    const Scratch<T> rest(c.out * n);
    add_channels(c, piece, x, w, from, middle, y, add);
    add_channels(c, piece, x, w, middle, to, {rest.data(), n}, false);
    for (std::int64_t o = 0; o < c.out; ++o) add_to(y.first + o * y.step, rest.data() + o * n, n);
    return;
  }
  const Columns<T> all(c, piece);
  for_each_block<T>(c, piece, from, to, [&](std::int64_t channel, std::int64_t channels, bool first) {
    const Scratch<T> room(all.entries(channels));
    const Rows<const T> block = all.read(x, channel, channels, room);
    multiply_part({{c.out, n, channels * taps, false, false}, c.terms(), block.step, y.step, add || !first},
                  w + channel * taps, block.first, y.first);
  });
}

template <class T>
void apply_piece(const Convolution& c, const Piece& piece, const Part<const T, const T, T>& part, const T* bias) {
  Results<T> results(c, piece);
  const Rows<T> y = results.room(part.y);
  for (std::int64_t o = 0; o < c.out && bias; ++o) std::fill_n(y.first + o * y.step, columns(c, piece), bias[o]);
  add_channels(c, piece, part.x, part.w, 0, c.in, y, bias != nullptr);
  results.write(part.y);
}

template <class T>
void apply_all(const Convolution& c, const T* x, const T* w, const T* bias, T* y) {
  const Pieces pieces(c);
  for_each_part(c, x, w, y, [&](const auto& part, std::int64_t number) {
    for (std::int64_t i = 0; i < pieces.count(); ++i)
      apply_piece(c, pieces[i], part, bias ? bias + number * c.out : nullptr);
  });
}

// --- the gradient in x ---

template <class T>
void input_gradient_piece(const Convolution& c, const Piece& piece, const Part<T, const T, const T>& part) {
  Results<T> results(c, piece);
  const Rows<const T> y = results.read(part.y);
  const std::int64_t n = columns(c, piece), taps = c.taps();
  const Columns<T> all(c, piece);
  for_each_block<T>(c, piece, 0, c.in, [&](std::int64_t channel, std::int64_t channels, bool) {
    const Scratch<T> room(all.entries(channels));
    const Rows<T> block = all.direct() ? Rows<T>{all.at(part.x, channel), c.pixels()} : Rows<T>{room.data(), n};
    multiply_part({{channels * taps, n, c.out, true, false}, c.terms(), y.step, block.step}, part.w + channel * taps,
                  y.first, block.first);
    if (!all.direct()) all.add(part.x, channel, channels, room);
  });
}

template <class T>
void input_gradient_all(const Convolution& c, const T* y, const T* w, T* x) {
  const Pieces pieces(c);
  std::fill_n(x, c.models * c.samples * c.groups * c.in * c.pixels(), T(0));
  for_each_part(c, x, w, y, [&](const auto& part, std::int64_t) {
    for (std::int64_t i = 0; i < pieces.count(); ++i) input_gradient_piece(c, pieces[i], part);
  });
}

// --- the gradient in w ---

// The sum over pieces [from, to) of columns times results, [terms, out]: pairwise if it is long.
template <class T>
void sum_pieces(const Convolution& c, const Pieces& pieces, std::int64_t from, std::int64_t to, const T* x, const T* y,
                T* sum) {
  if (to - from > 1 && (to - from) * pieces.most_columns() > longest_sum<T>) {
    const std::int64_t middle = from + (to - from) / 2;
    const Scratch<T> rest(c.terms() * c.out);
    sum_pieces(c, pieces, from, middle, x, y, sum);
    sum_pieces(c, pieces, middle, to, x, y, rest.data());
    return add_to(sum, rest.data(), rest.size());
  }
  for (std::int64_t i = from; i < to; ++i) {
    const Piece piece = pieces[i];
    const std::int64_t n = columns(c, piece), taps = c.taps();
    Results<T> results(c, piece);
    const Rows<const T> right = results.read(y);
    const Columns<T> all(c, piece);
    for_each_block<T>(c, piece, 0, c.in, [&](std::int64_t channel, std::int64_t channels, bool) {
      const Scratch<T> room(all.entries(channels));
      const Rows<const T> left = all.read(x, channel, channels, room);
      multiply_part({{channels * taps, c.out, n, false, true}, left.step, right.step, c.out, i > from}, left.first,
                    right.first, sum + channel * taps * c.out);
    });
  }
}

template <class T>
void weight_gradient_all(const Convolution& c, const T* x, const T* y, T* w) {
  const Pieces pieces(c);
  const Scratch<T> sum(c.terms() * c.out);
  for_each_part(c, x, w, y, [&](const auto& part, std::int64_t) {
    std::fill(sum.begin(), sum.end(), T(0));
    sum_pieces(c, pieces, 0, pieces.count(), part.x, part.y, sum.data());
    transpose_matrices(part.w, sum.data(), 1, c.out, c.terms());
  });
}

}  // namespace

void Convolution::apply(const double* x, const double* w, const double* bias, double* y) const {
  apply_all(*this, x, w, bias, y);
}
void Convolution::apply(const float* x, const float* w, const float* bias, float* y) const {
  apply_all(*this, x, w, bias, y);
}
void Convolution::input_gradient(const double* y, const double* w, double* x) const {
  input_gradient_all(*this, y, w, x);
}
void Convolution::input_gradient(const float* y, const float* w, float* x) const { input_gradient_all(*this, y, w, x); }
void Convolution::weight_gradient(const double* x, const double* y, double* w) const {
  weight_gradient_all(*this, x, y, w);
}
void Convolution::weight_gradient(const float* x, const float* y, float* w) const {
  weight_gradient_all(*this, x, y, w);
}

}  // namespace sigmagrad::engine
