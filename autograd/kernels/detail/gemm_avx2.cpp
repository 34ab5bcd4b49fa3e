// SPDX-License-Identifier: BSD-3-Clause
// Compiled for AVX2 and FMA: what is here runs only where the CPU has them.
#if defined(__x86_64__)
#include <sigmagrad/autograd/kernels/detail/gemm_avx2.hpp>

#include <sigmagrad/autograd/kernels/detail/gemm_tiles.hpp>

namespace sigmagrad::engine {

constinit const GemmLevel gemm_avx2 = {kernels<Four64, Four64, 10>(), kernels<Four32, Eight32, 10>()};

}  // namespace sigmagrad::engine
#endif
