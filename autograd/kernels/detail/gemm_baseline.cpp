// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/autograd/kernels/detail/gemm_tiles.hpp>

namespace sigmagrad::engine {
namespace {

// Vectors of 16 bytes, which every CPU has; without a fused multiply-add, which not every one has.
template <class T>
struct Sixteen {
  using Scalar = T;
  using Vector [[gnu::vector_size(16)]] = T;
  using Mask = Index;
  static constexpr int width = 16 / sizeof(T), registers = 16;

  static Mask first(Index n) { return n; }
  static Vector load(const T* p) {
    Vector x;
    __builtin_memcpy(&x, p, sizeof x);
    return x;
  }
  static Vector load(const T* p, Mask n) {
    if (n == width) return load(p);
    T lanes[width] = {};
    for (Index i = 0; i < n; ++i) lanes[i] = p[i];
    return load(lanes);
  }
  static void store(T* p, Vector x) { __builtin_memcpy(p, &x, sizeof x); }
  static void store(T* p, Vector x, Mask n) {
    if (n == width) return store(p, x);
    T lanes[width];
    store(lanes, x);
    for (Index i = 0; i < n; ++i) p[i] = lanes[i];
  }
  static Vector broadcast(T x) { return x - Vector{}; }
  static Vector fma(Vector a, Vector b, Vector c) { return a * b + c; }
};

}  // namespace

constinit const GemmLevel gemm_baseline = {kernels<Sixteen<double>, Sixteen<double>, 4>(),
                                           kernels<Sixteen<float>, Sixteen<float>, 4>()};

}  // namespace sigmagrad::engine
