// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cmath>

#include <sigmagrad/autograd/kernels/reduce.hpp>
#include <sigmagrad/autograd/memory/scratch.hpp>

namespace sigmagrad::engine {

// In both kinds an entry is compared with the first of those that it is normalised with before anything is rounded: the
// mean kept for the gradient is that of the differences.

/// to[i] = ((x[i] - first) - mean) * scale + shift
template <class T>
SIGMAGRAD_MULTIVERSION void scale_entries(T* __restrict to, const T* x, std::int64_t n, T first, T mean, T scale,
                                          T shift) {
  for (std::int64_t i = 0; i < n; ++i) to[i] = ((x[i] - first) - mean) * scale + shift;
}

// --- x [samples, channels, size], channel by channel ---

struct ChannelNorm {
  std::int64_t samples, channels, size;
  double eps;
  bool training;

  std::int64_t count() const { return samples * size; }
  std::int64_t step() const { return channels * size; }
};

/// Running statistics, or null; `momentum` unless the tensor's entry `now` holds it.
template <class T>
struct Running {
  T *mean, *var;
  double momentum;
  const T* now;

  void move(std::int64_t channel, T batch_mean, T batch_var) const {
    const T part = now ? *now : static_cast<T>(momentum);
    mean[channel] = mean[channel] * (T(1) - part) + part * batch_mean;
    var[channel] = var[channel] * (T(1) - part) + part * batch_var;
  }
};

/// The sum of entry(i) over the places i of a channel whose first one is `begin`.
template <class T, class Entry>
T sum_channel(const ChannelNorm& norm, std::int64_t begin, Entry entry) {
  if (norm.size == 1)
    return sum_entries<T>(0, norm.samples, [=](std::int64_t s) { return entry(begin + s * norm.channels); });
  return sum_entries<T>(0, norm.samples,
                        [=](std::int64_t s) { return sum_entries<T>(begin + s * norm.step(), norm.size, entry); });
}

/// f(channel) for each, on the threads of the calling one: as many at once as fill a cache line.
template <class F>
void for_channels(const ChannelNorm& norm, const F& f) {
  constexpr std::int64_t line = 16;
  const std::int64_t filled = (line - 1) / std::max<std::int64_t>(1, norm.size) + 1;
  parallel_for(norm.channels, std::max(filled, grain_of(norm.count())), [&](std::int64_t c, std::int64_t end) {
    for (; c < end; ++c) f(c);
  });
}

/// The results, and mean and 1 / sqrt(var + eps) of each channel; `w` and `b` may be null.
template <class T>
void normalize_channels(T* to, T* means, T* scales, const T* x, const T* w, const T* b, const Running<T>& running,
                        const ChannelNorm& norm) {
  const auto n = static_cast<T>(norm.count());
  for_channels(norm, [&](std::int64_t c) {
    if (norm.count() == 0) return;
    const std::int64_t begin = c * norm.size;
    const T first = norm.training ? x[begin] : T(0);
    T mean = norm.training ? T(0) : running.mean[c], var = norm.training ? T(0) : running.var[c];
    if (norm.training) {
      mean = sum_channel<T>(norm, begin, [=](std::int64_t i) { return x[i] - first; }) / n;
      const T squares = sum_channel<T>(norm, begin, [=](std::int64_t i) {
        const T deviation = (x[i] - first) - mean;
        return deviation * deviation;
      });
      var = squares / n;
      if (running.mean) running.move(c, first + mean, var * (n / (n - T(1))));
    }
    means[c] = mean;
    scales[c] = T(1) / std::sqrt(var + static_cast<T>(norm.eps));
    for (std::int64_t s = 0; s < norm.samples; ++s) {
      const std::int64_t at = begin + s * norm.step();
      scale_entries(to + at, x + at, norm.size, first, mean, w ? scales[c] * w[c] : scales[c], b ? b[c] : T(0));
    }
  });
}

/// The gradient in entries that were normalised together, of a channel or of a row: less its mean and its part along x.
template <class T>
SIGMAGRAD_MULTIVERSION void centered_gradient(T* __restrict dx, const T* x, const T* g, std::int64_t n, T first, T mean,
                                              T scale, T g_mean, T slope) {
  for (std::int64_t i = 0; i < n; ++i) dx[i] = scale * ((g[i] - g_mean) - ((x[i] - first) - mean) * slope);
}

/// The gradients in x, w and b, those that are not null.
template <class T>
void channel_gradients(T* dx, T* dw, T* db, const T* x, const T* w, const T* means, const T* scales, const T* g,
                       const ChannelNorm& norm) {
  const auto n = static_cast<T>(norm.count());
  for_channels(norm, [&](std::int64_t c) {
    const std::int64_t begin = c * norm.size;
    const bool sums = norm.count() > 0 && (dw || db || norm.training);
    const T first = norm.training && sums ? x[begin] : T(0), mean = means[c];
    const T total = sums ? sum_channel<T>(norm, begin, [=](std::int64_t i) { return g[i]; }) : T(0);
    // Deviations from the batch's mean add up to 0: less its own mean, g does not see how that mean was rounded.
    const T g_mean = norm.training ? total / n : T(0);
    const auto product = [=](std::int64_t i) { return (g[i] - g_mean) * ((x[i] - first) - mean); };
    const T along = sums ? scales[c] * sum_channel<T>(norm, begin, product) : T(0);
    if (dw) dw[c] = along;
    if (db) db[c] = total;
    for (std::int64_t s = 0; s < norm.samples && dx; ++s) {
      const std::int64_t at = begin + s * norm.step();
      const T scale = w ? scales[c] * w[c] : scales[c];
      if (norm.training)
        centered_gradient(dx + at, x + at, g + at, norm.size, first, mean, scale, g_mean, scales[c] * (along / n));
      else
        for (std::int64_t i = at; i < at + norm.size; ++i) dx[i] = scale * g[i];
    }
  });
}

// --- x [rows, n], row by row ---

struct RowNorm {
  std::int64_t rows, n;
  double eps;
};

/// f(row) for each, on the threads of the calling one.
template <class F>
void for_rows(const RowNorm& norm, const F& f) {
  parallel_for(norm.rows, grain_of(norm.n), [&](std::int64_t r, std::int64_t end) {
    for (; r < end; ++r) f(r);
  });
}

template <class T>
SIGMAGRAD_MULTIVERSION void affine_row(T* to, const T* w, const T* b, std::int64_t n) {
  if (w)
    for (std::int64_t j = 0; j < n; ++j) to[j] *= w[j];
  if (b)
    for (std::int64_t j = 0; j < n; ++j) to[j] += b[j];
}

template <class T>
void normalize_rows(T* to, T* means, T* scales, const T* x, const T* w, const T* b, const RowNorm& norm) {
  const auto n = static_cast<T>(norm.n);
  for_rows(norm, [&](std::int64_t r) {
    const T *const row = x + r * norm.n, first = *row;
    const T mean = sum_entries<T>(0, norm.n, [=](std::int64_t i) { return row[i] - first; }) / n;
    const T squares = sum_entries<T>(0, norm.n, [=](std::int64_t i) {
      const T deviation = (row[i] - first) - mean;
      return deviation * deviation;
    });
    means[r] = mean;
    scales[r] = T(1) / std::sqrt(squares / n + static_cast<T>(norm.eps));
    scale_entries(to + r * norm.n, row, norm.n, first, mean, scales[r], T(0));
    affine_row(to + r * norm.n, w, b, norm.n);
  });
}

/// The gradient of one row in x; h is room for a row.
template <class T>
void row_gradient(T* dx, T* h, const T* x, const T* w, T mean, T scale, const T* g, std::int64_t n) {
  std::copy_n(g, n, h);
  affine_row<T>(h, w, nullptr, n);
  const T first = *x, h_mean = sum_row(h, n) / static_cast<T>(n);
  const T along = sum_entries<T>(0, n, [=](std::int64_t i) { return (h[i] - h_mean) * ((x[i] - first) - mean); });
  centered_gradient(dx, x, h, n, first, mean, scale, h_mean, scale * (scale * along / static_cast<T>(n)));
}

/// Adds one row's part of the gradients in w and b; x and g are from some column on, and `first` is the row's.
template <class T>
SIGMAGRAD_MULTIVERSION void add_row(T* __restrict dw, T* __restrict db, const T* x, T first, T mean, T scale,
                                    const T* g, std::int64_t n) {
  for (std::int64_t j = 0; j < n; ++j) {
    dw[j] += g[j] * (((x[j] - first) - mean) * scale);
    db[j] += g[j];
  }
}

/// The gradients in w and b over rows [from, to), pairwise over blocks of them, in columns [at, at + width).
template <class T>
void sum_row_gradients(T* dw, T* db, const T* x, const T* means, const T* scales, const T* g, const RowNorm& norm,
                       std::int64_t from, std::int64_t to, std::int64_t at, std::int64_t width) {
  if (to - from > rows_in_block<T>) {
    const std::int64_t middle = from + (to - from) / 2;
    const Scratch<T> rest(2 * width);
    T *const dw_rest = rest.data(), *const db_rest = rest.data() + width;
    sum_row_gradients(dw, db, x, means, scales, g, norm, from, middle, at, width);
    sum_row_gradients(dw_rest, db_rest, x, means, scales, g, norm, middle, to, at, width);
    for (std::int64_t j = 0; j < width; ++j) dw[j] += dw_rest[j];
    for (std::int64_t j = 0; j < width; ++j) db[j] += db_rest[j];
    return;
  }
  std::fill_n(dw, width, T(0));
  std::fill_n(db, width, T(0));
  for (std::int64_t r = from; r < to; ++r) {
    const T* const row = x + r * norm.n;
    add_row(dw, db, row + at, *row, means[r], scales[r], g + r * norm.n + at, width);
  }
}

template <class T>
void row_gradients(T* dx, T* dw, T* db, const T* x, const T* w, const T* means, const T* scales, const T* g,
                   const RowNorm& norm) {
  constexpr std::int64_t line = 16;
  if (dw || db) {
    const Scratch<T> room(norm.n);  // for the one that nobody wants
    parallel_for(norm.n, std::max(line, grain_of(norm.rows)), [&](std::int64_t at, std::int64_t end) {
      sum_row_gradients((dw ? dw : room.data()) + at, (db ? db : room.data()) + at, x, means, scales, g, norm, 0,
                        norm.rows, at, end - at);
    });
  }
  parallel_for(dx ? norm.rows : 0, grain_of(norm.n), [&](std::int64_t r, std::int64_t end) {
    const Scratch<T> room(norm.n);
    for (; r < end; ++r)
      row_gradient(dx + r * norm.n, room.data(), x + r * norm.n, w, means[r], scales[r], g + r * norm.n, norm.n);
  });
}

}  // namespace sigmagrad::engine
