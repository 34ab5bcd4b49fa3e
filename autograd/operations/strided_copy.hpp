// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sigmagrad/autograd/kernels/access.hpp>
#include <sigmagrad/autograd/kernels/launch.hpp>
#include <sigmagrad/autograd/kernels/strided.hpp>

namespace sigmagrad::engine {

/// A copy, without history, whose entry i lies at `strides` in x, from `start` on.
inline Tensor strided_copy(const Tensor& x, const Shape& shape, const Strides& strides, std::int64_t start = 0) {
  Tensor out = make_tensor(shape, x.dtype());
  dispatch(x.dtype(), [&]<class T>(T) {
    launch([to = fresh<T>(out), from = read<T>(x) + start, shape, strides] {
      for_each_strided(shape, strides, [=](std::int64_t i, std::int64_t offset) { to[i] = from[offset]; });
    });
  });
  return out;
}

}  // namespace sigmagrad::engine
