// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/autograd/kernels/convolution.hpp>

#include <algorithm>

#include <sigmagrad/autograd/kernels/detail/convolution_pieces.hpp>
#include <sigmagrad/autograd/kernels/gemm_kernels.hpp>
#include <sigmagrad/autograd/kernels/transpose.hpp>
#include <sigmagrad/autograd/memory/scratch.hpp>
#include <sigmagrad/autograd/threads/parallel_for.hpp>

namespace sigmagrad::engine {
namespace {

// One group of one model: where its parts of x, w and y begin.
template <class X, class W, class Y>
struct Part {
  X* x;
  W* w;
  Y* y;
};

template <class X, class W, class Y>
Part<X, W, Y> part_of(const Convolution& c, std::int64_t number, X* x, W* w, Y* y) {
  const std::int64_t first = number / c.groups * c.samples * c.groups + number % c.groups;
  return {x + first * c.in * c.pixels(), w + number * c.out * c.terms(), y + first * c.out * c.positions()};
}

// A grain for what multiplies `columns` columns by all weights of `channels` channels: vectors make some eight products
// at once.
std::int64_t grain_of_columns(const Convolution& c, std::int64_t columns, std::int64_t channels) {
  return grain_of(columns * channels * c.taps() * (c.out + 8) / 8);
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
  const std::int64_t count = pieces.count(), grain = grain_of_columns(c, pieces.most_columns(), c.in);
  parallel_for(c.models * c.groups * count, grain, [&](std::int64_t i, std::int64_t end) {
    for (; i < end; ++i)
      apply_piece(c, pieces[i % count], part_of(c, i / count, x, w, y), bias ? bias + i / count * c.out : nullptr);
  });
}

// --- the gradient in x ---

// Some channels of it.
template <class T>
void input_gradient_piece(const Convolution& c, const Piece& piece, const Part<T, const T, const T>& part,
                          std::int64_t from, std::int64_t to) {
  Results<T> results(c, piece);
  const Rows<const T> y = results.read(part.y);
  const std::int64_t n = columns(c, piece), taps = c.taps();
  const Columns<T> all(c, piece);
  for_each_block<T>(c, piece, from, to, [&](std::int64_t channel, std::int64_t channels, bool) {
    const Scratch<T> room(all.entries(channels));
    const Rows<T> block = all.direct() ? Rows<T>{all.at(part.x, channel), c.pixels()} : Rows<T>{room.data(), n};
    multiply_part({{channels * taps, n, c.out, true, false}, c.terms(), y.step, block.step}, part.w + channel * taps,
                  y.first, block.first);
    if (!all.direct()) all.add(part.x, channel, channels, room);
  });
}

// The pieces of one sample, or of some that are one piece, meet in the image: they come one after the other.
template <class T>
void input_gradient_all(const Convolution& c, const T* y, const T* w, T* x) {
  const Pieces pieces(c);
  const std::int64_t parts = pieces.parts(), of_one = pieces.count() / parts, count = c.models * c.groups * of_one;
  const auto channels_of = [&](std::int64_t i, std::int64_t from, std::int64_t to) {
    const auto part = part_of(c, i / of_one, x, w, y);
    const std::int64_t first = i % of_one * parts;
    for (std::int64_t s = pieces[first].sample; s < pieces[first].sample + pieces[first].samples; ++s)
      std::fill_n(part.x + (s * c.groups * c.in + from) * c.pixels(), (to - from) * c.pixels(), T(0));
    for (std::int64_t k = first; k < first + parts; ++k) input_gradient_piece(c, pieces[k], part, from, to);
  };
  if (count >= threads.spread)
    return parallel_for(count, grain_of_columns(c, parts * pieces.most_columns(), c.in),
                        [&](std::int64_t i, std::int64_t end) {
                          for (; i < end; ++i) channels_of(i, 0, c.in);
                        });
  for (std::int64_t i = 0; i < count; ++i)
    parallel_for(c.in, grain_of_columns(c, parts * pieces.most_columns(), 1),
                 [&](std::int64_t from, std::int64_t to) { channels_of(i, from, to); });
}

// --- the gradient in w ---

struct Channels {
  std::int64_t from, to;
};

// The sum over pieces [from, to) of columns times results, [terms, out], for some channels: pairwise if it is long.
template <class T>
void sum_pieces(const Convolution& c, const Pieces& pieces, std::int64_t from, std::int64_t to, const Channels& some,
                const T* x, const T* y, T* sum) {
  if (to - from > 1 && (to - from) * pieces.most_columns() > longest_sum<T>) {
    const std::int64_t middle = from + (to - from) / 2;
    const Scratch<T> rest((some.to - some.from) * c.taps() * c.out);
    sum_pieces(c, pieces, from, middle, some, x, y, sum);
    sum_pieces(c, pieces, middle, to, some, x, y, rest.data());
    return add_to(sum, rest.data(), rest.size());
  }
  for (std::int64_t i = from; i < to; ++i) {
    const Piece piece = pieces[i];
    const std::int64_t n = columns(c, piece), taps = c.taps();
    Results<T> results(c, piece);
    const Rows<const T> right = results.read(y);
    const Columns<T> all(c, piece);
    for_each_block<T>(c, piece, some.from, some.to, [&](std::int64_t channel, std::int64_t channels, bool) {
      const Scratch<T> room(all.entries(channels));
      const Rows<const T> left = all.read(x, channel, channels, room);
      multiply_part({{channels * taps, c.out, n, false, true}, left.step, right.step, c.out, i > from}, left.first,
                    right.first, sum + (channel - some.from) * taps * c.out);
    });
  }
}

// A channel's sums depend on no other's.
template <class T>
void weight_gradient_all(const Convolution& c, const T* x, const T* y, T* w) {
  const Pieces pieces(c);
  const auto sum_channels = [&](std::int64_t number, const Channels& some) {
    const Scratch<T> sum((some.to - some.from) * c.taps() * c.out);
    std::fill(sum.begin(), sum.end(), T(0));
    const auto part = part_of(c, number, x, w, y);
    sum_pieces(c, pieces, 0, pieces.count(), some, part.x, part.y, sum.data());
    transpose_matrix(part.w + some.from * c.taps(), c.terms(), sum.data(), c.out, (some.to - some.from) * c.taps());
  };
  // Pieces of the work lay out the results anew: there are no more of them than threads.
  const std::int64_t all = c.models * c.groups * c.in, each = (all + threads.spread - 1) / threads.spread;
  const std::int64_t grain = std::max(each, grain_of_columns(c, pieces.count() * pieces.most_columns(), 1));
  parallel_for(all, std::max<std::int64_t>(1, grain), [&](std::int64_t i, std::int64_t end) {
    while (i < end) {
      const std::int64_t number = i / c.in, first = number * c.in, last = std::min(end, first + c.in);
      sum_channels(number, {i - first, last - first});
      i = last;
    }
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
