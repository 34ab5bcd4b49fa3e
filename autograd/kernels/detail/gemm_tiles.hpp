// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <type_traits>
#include <utility>

#include <sigmagrad/autograd/kernels/gemm_kernels.hpp>

// Matrix products on the vectors of one instruction set. Each set has a .cpp file, compiled for that set, that includes
// this. All of it is in an anonymous namespace and calls nothing of the standard library: otherwise the linker could
// take a function compiled for one set for the whole program.
//
// `S` describes a vector: its Scalar, Vector and Mask, `width`, `registers`, and load, store, broadcast, fma.
namespace sigmagrad::engine {
namespace {

using Index = std::int64_t;

template <class S>
using Scalar = typename S::Scalar;
template <class S>
using Vector = typename S::Vector;

constexpr Index least(Index a, Index b) { return a < b ? a : b; }
constexpr Index ceil_div(Index a, Index b) { return (a + b - 1) / b; }

/// Some columns of a product: c[rows, columns] (+)= a[rows, k] b[k, columns].
template <class T>
struct Panel {
  Index k;
  const T* a;
  Index a_row, a_col;
  const T* b;
  Index b_row;
  T* c;
  Index c_row;
  Index last;  // columns in the last vector of a row
  bool add;
};

/// f<0>(), ..., f<count - 1>(): what they index stays in registers, which the compiler does not promise for a loop.
template <int count, class F>
[[gnu::always_inline]] inline void each(F f) {
  [&]<int... i>(std::integer_sequence<int, i...>) __attribute__((always_inline)) { (f.template operator()<i>(), ...); }
  (std::make_integer_sequence<int, count>());
}

/// M rows by N vectors of a panel, all of it in registers.
template <class S, int M, int N>
[[gnu::always_inline]] inline void tile(const Panel<Scalar<S>>& t) {
  constexpr int W = S::width;
  const auto mask = S::first(t.last);
  const auto load = [&]<int j>(const Scalar<S>* row) {
    if constexpr (j < N - 1)
      return S::load(row + j * W);
    else
      return S::load(row + j * W, mask);
  };
  Vector<S> sum[M][N];
  each<M>([&]<int i>() { each<N>([&]<int j>() { sum[i][j] = Vector<S>{}; }); });
  const Index k = t.k, a_row = t.a_row, a_col = t.a_col, b_row = t.b_row, c_row = t.c_row;
  Scalar<S>* const c = t.c;
  if (t.add)
    each<M>([&]<int i>() { each<N>([&]<int j>() { sum[i][j] = load.template operator()<j>(c + i * c_row); }); });
  const Scalar<S>*a = t.a, *b = t.b;
  for (Index p = 0; p < k; ++p, a += a_col, b += b_row) {
    Vector<S> row[N];
    each<N>([&]<int j>() { row[j] = load.template operator()<j>(b); });
    each<M>([&]<int i>() {
      const auto x = S::broadcast(a[i * a_row]);
      each<N>([&]<int j>() { sum[i][j] = S::fma(x, row[j], sum[i][j]); });
    });
  }
  each<M>([&]<int i>() {
    each<N - 1>([&]<int j>() { S::store(c + i * c_row + j * W, sum[i][j]); });
    S::store(c + i * c_row + (N - 1) * W, sum[i][N - 1], mask);
  });
}

/// One step of a transposition: the blocks of Step x Step off the diagonal of each 2 Step x 2 Step block change places.
template <class S, int Step>
[[gnu::always_inline]] inline void exchange(Vector<S>* rows) {
  constexpr int W = S::width;
  for (int r = 0; r < W; ++r) {
    if (r & Step) continue;
    const Vector<S> x = rows[r], y = rows[r + Step];
    [&]<int... L>(std::integer_sequence<int, L...>) {
      rows[r] = __builtin_shufflevector(x, y, (L & Step ? W + L - Step : L)...);
      rows[r + Step] = __builtin_shufflevector(x, y, (L & Step ? W + L : L + Step)...);
    }
    (std::make_integer_sequence<int, W>());
  }
  if constexpr (2 * Step < W) exchange<S, 2 * Step>(rows);
}

/// to[p, j] = from[j, p] for p < k and j < columns. Rows of `to` have N vectors, and there is room for a multiple of
/// the width of them.
template <class S, int N>
[[gnu::always_inline]] inline void pack_transposed(Scalar<S>* to, const Scalar<S>* from, Index from_row, Index k,
                                                   Index columns) {
  constexpr int W = S::width;
  for (Index p = 0; p < k; p += W) {
    const auto mask = S::first(least(W, k - p));
    for (int v = 0; v < N; ++v) {
      Vector<S> rows[W];
      for (int r = 0; r < W; ++r) rows[r] = S::load(from + least(v * W + r, columns - 1) * from_row + p, mask);
      exchange<S, 1>(rows);
      for (int r = 0; r < W; ++r) S::store(to + ((p + r) * N + v) * W, rows[r]);
    }
  }
}

/// to[p, j] = from[p, j], with N vectors a row in `to`.
template <class S, int N>
[[gnu::always_inline]] inline void pack_rows(Scalar<S>* to, const Scalar<S>* from, Index from_row, Index k,
                                             Index last) {
  constexpr int W = S::width;
  const auto mask = S::first(last);
  for (; k > 0; --k, from += from_row, to += N * W) {
    for (int v = 0; v < N - 1; ++v) S::store(to + v * W, S::load(from + v * W));
    S::store(to + (N - 1) * W, S::load(from + (N - 1) * W, mask));
  }
}

/// The most rows of a tile of N vectors: as many as the registers hold.
template <class S, int N>
constexpr int most_rows = (S::registers - N - 1) / N < 8 ? (S::registers - N - 1) / N : 8;

// --- unrolled products of n x n matrices ---

/// The rows from `row` on, in tiles of about the same height.
template <class S, int n, int row, class T>
[[gnu::always_inline]] inline void square_rows(const Panel<T>& all) {
  constexpr int N = ceil_div(n, S::width), blocks = ceil_div(n, most_rows<S, N>), rows = ceil_div(n, blocks);
  constexpr int M = least(rows, n - row);
  Panel<T> t = all;
  t.a += row * t.a_row;
  t.c += row * t.c_row;
  tile<S, M, N>(t);
  if constexpr (row + M < n) square_rows<S, n, row + M>(all);
}

/// 2 x 2: a matrix is a vector of four, and a product two multiplications of such vectors.
template <class S, bool TA, bool TB, class T>
[[gnu::always_inline]] inline void square_of_two(const T* a, const T* b, T* c) {
  const Vector<S> x = S::load(a), y = S::load(b);
  Vector<S> sum{};
  each<2>([&]<int p>() {
    sum = S::fma(TA ? __builtin_shufflevector(x, x, 2 * p, 2 * p, 2 * p + 1, 2 * p + 1)
                    : __builtin_shufflevector(x, x, p, p, p + 2, p + 2),
                 TB ? __builtin_shufflevector(y, y, p, p + 2, p, p + 2)
                    : __builtin_shufflevector(y, y, 2 * p, 2 * p + 1, 2 * p, 2 * p + 1),
                 sum);
  });
  S::store(c, sum);
}

template <class S, int n, bool TA, bool TB>
[[gnu::always_inline]] inline void square(const Scalar<S>* a, const Scalar<S>* b, Scalar<S>* c) {
  constexpr int W = S::width, N = ceil_div(n, W);
  if constexpr (n == 2 && W == 4) return square_of_two<S, TA, TB>(a, b, c);
  // For n = 1 both strides are 1. NOLINTNEXTLINE(bugprone-branch-clone)
  Panel<Scalar<S>> t{n, a, TA ? 1 : n, TA ? n : 1, b, n, c, n, n - (N - 1) * W, false};
  if constexpr (TB) {
    alignas(64) Scalar<S> packed[ceil_div(n, W) * W * N * W];
    pack_transposed<S, N>(packed, b, n, n, n);
    t.b = packed;
    t.b_row = N * W;
    square_rows<S, n, 0>(t);
  } else {
    square_rows<S, n, 0>(t);
  }
}

template <class S, int n, bool TA, bool TB>
void squares(Index count, const Scalar<S>* a, Index a_step, const Scalar<S>* b, Index b_step, Scalar<S>* c) {
  for (; count > 0; --count, a += a_step, b += b_step, c += n * n) square<S, n, TA, TB>(a, b, c);
}

// --- products of any size ---

template <class S, int M, int N>
void run_tile(const Panel<Scalar<S>>& t) {
  tile<S, M, N>(t);
}

template <class S, int N, class M>
struct Tiles;
template <class S, int N, int... M>
struct Tiles<S, N, std::integer_sequence<int, M...>> {
  static constexpr void (*run[])(const Panel<Scalar<S>>&) = {run_tile<S, M + 1, N>...};
};

/// All rows of a panel of N vectors, from the first on; leaves t.a and t.c after the last.
template <class S, int N>
void panel_rows(Panel<Scalar<S>>& t, Index m) {
  constexpr int most = most_rows<S, N>;
  Index blocks = ceil_div(m, most);
  for (; m > 0; --blocks) {
    const Index rows = ceil_div(m, blocks);
    Tiles<S, N, std::make_integer_sequence<int, most>>::run[rows - 1](t);
    t.a += rows * t.a_row;
    t.c += rows * t.c_row;
    m -= rows;
  }
}

/// Multiplies by way of a copy of the panel's b, which lies there row by row, in the order in which it is read. Sums go
/// on from one stretch of k to the next where they stopped.
template <class S, int N, bool TB>
void packed_panel(Panel<Scalar<S>>& t, Index m) {
  constexpr Index W = S::width, stretch = 256;
  alignas(64) Scalar<S> packed[stretch * N * W];
  const auto* const a = t.a;
  const auto* const b = t.b;
  const auto b_row = t.b_row, k = t.k;
  auto* const c = t.c;
  const bool add = t.add;
  t.b = packed;
  t.b_row = N * W;
  for (Index p = 0; p < k; p += stretch) {
    t.k = least(stretch, k - p);
    if constexpr (TB)
      pack_transposed<S, N>(packed, b + p, b_row, t.k, (N - 1) * W + t.last);
    else
      pack_rows<S, N>(packed, b + p * b_row, b_row, t.k, t.last);
    t.a = a + p * t.a_col;
    t.c = c;
    t.add = add || p > 0;
    panel_rows<S, N>(t, m);
  }
}

template <class S>
struct Panels {
  using Rows = void (*)(Panel<Scalar<S>>&, Index m);
  static constexpr Rows plain[] = {panel_rows<S, 1>, panel_rows<S, 2>, panel_rows<S, 3>};
  static constexpr Rows packed[] = {packed_panel<S, 1, false>, packed_panel<S, 2, false>, packed_panel<S, 3, false>};
  static constexpr Rows transposed[] = {packed_panel<S, 1, true>, packed_panel<S, 2, true>, packed_panel<S, 3, true>};

  /// Packing pays where b does not stay in the first cache and every packed row is read a few times.
  static const Rows* of(const Gemm& g) {
    constexpr Index first_cache = 32768 / sizeof(Scalar<S>), few = 32;
    return g.transpose_b ? transposed : g.m >= few && g.n * g.k >= first_cache ? packed : plain;
  }
};

/// Panels of at most three vectors, all of about the same width.
template <class S>
void product(const PartGemm& g, const Scalar<S>* a, const Scalar<S>* b, Scalar<S>* c) {
  constexpr Index W = S::width, most_vectors = 3;
  const Index a_row = g.transpose_a ? 1 : g.lda, a_col = g.transpose_a ? g.lda : 1;
  const Index b_col = g.transpose_b ? g.ldb : 1;
  const auto* const rows = Panels<S>::of(g);
  Index left = ceil_div(g.n, W), panels = ceil_div(left, most_vectors);
  for (Index column = 0; column < g.n; --panels) {
    const Index vectors = ceil_div(left, panels), columns = least(vectors * W, g.n - column);
    Panel<Scalar<S>> t{g.k, a, a_row, a_col, b + column * b_col, g.ldb, c + column, g.ldc, 0, g.add};
    t.last = columns - (vectors - 1) * W;
    rows[vectors - 1](t, g.m);
    column += columns;
    left -= vectors;
  }
}

template <class S>
void general(const PartGemm& g, Index count, const Scalar<S>* a, Index a_step, const Scalar<S>* b, Index b_step,
             Scalar<S>* c) {
  if (g.k == 0) {  // the operands are empty, and may be nowhere
    for (Index i = 0; i < count * g.m && !g.add; ++i)
      for (Index j = 0; j < g.n; ++j) c[i * g.ldc + j] = 0;
    return;
  }
  PartGemm rows = g;
  if (b_step == 0 && !g.transpose_a && a_step == g.m * g.lda) {  // one b: the rows of all a are one matrix
    rows.m *= count;
    count = 1;
  }
  for (; count > 0; --count, a += a_step, b += b_step, c += g.m * g.ldc) product<S>(rows, a, b, c);
}

/// The kernels on vectors S; matrices that fit in a vector Tiny are multiplied on those.
template <class Tiny, class S, int... i>
constexpr GemmKernels<Scalar<S>> kernels(std::integer_sequence<int, i...>) {
  return {{{squares<std::conditional_t<(i < Tiny::width), Tiny, S>, i + 1, false, false>...},
           {squares<std::conditional_t<(i < Tiny::width), Tiny, S>, i + 1, false, true>...},
           {squares<std::conditional_t<(i < Tiny::width), Tiny, S>, i + 1, true, false>...},
           {squares<std::conditional_t<(i < Tiny::width), Tiny, S>, i + 1, true, true>...}},
          sizeof...(i),
          general<S>};
}

template <class Tiny, class S, int largest_square>
constexpr GemmKernels<Scalar<S>> kernels() {
  return kernels<Tiny, S>(std::make_integer_sequence<int, largest_square>());
}

}  // namespace
}  // namespace sigmagrad::engine
