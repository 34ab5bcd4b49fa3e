// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/autograd/operations/pooling.hpp>

#include <limits>
#include <memory>

#include <sigmagrad/autograd/graph/make_node.hpp>
#include <sigmagrad/autograd/kernels/map.hpp>
#include <sigmagrad/autograd/kernels/pooling.hpp>
#include <sigmagrad/autograd/operations/windows.hpp>
#include <sigmagrad/autograd/tensor/fail.hpp>

namespace sigmagrad {

using namespace engine;

namespace {

using Chosen = std::shared_ptr<Pixels>;

// x at the pixels chosen, and the transpose, which adds to them: the derivatives of each other.
Tensor pixels_put(const Tensor& y, const Pool& pool, const Shape& shape, const Chosen& chosen);

Tensor pixels_taken(const Tensor& x, const Pool& pool, const Shape& shape, const Chosen& chosen) {
  Tensor out = make_tensor(shape, x.dtype());
  dispatch(x.dtype(), [&]<class T>(T) {
    launch([to = fresh<T>(out), from = read<T>(x), pool, chosen] {
      pool.each_image([&, of = chosen->data()](std::int64_t image) {
        for (std::int64_t i = image * pool.places(); i < (image + 1) * pool.places(); ++i)
          to[i] = from[image * pool.pixels() + of[i]];
      });
    });
  });
  return make_node<1>("max_pool2d", {&x}, std::move(out), saves_nothing,
                      [pool, chosen, whole = x.shape()](const Saved&, const Tensor& grad) {
                        return pixels_put(grad, pool, whole, chosen);
                      });
}

Tensor pixels_put(const Tensor& y, const Pool& pool, const Shape& shape, const Chosen& chosen) {
  Tensor out = make_tensor(shape, y.dtype());
  dispatch(y.dtype(), [&]<class T>(T) {
    launch([to = fresh<T>(out), from = read<T>(y), pool, chosen] {
      pool.each_image([&, of = chosen->data()](std::int64_t image) {
        T* const pixels = to + image * pool.pixels();
        std::fill_n(pixels, pool.pixels(), T(0));
        for (std::int64_t i = image * pool.places(); i < (image + 1) * pool.places(); ++i) pixels[of[i]] += from[i];
      });
    });
  });
  return make_node<1>("max_pool2d_gradient", {&y}, std::move(out), saves_nothing,
                      [pool, chosen, part = y.shape()](const Saved&, const Tensor& grad) {
                        return pixels_taken(grad, pool, part, chosen);
                      });
}

Tensor spread(const Tensor& y, const Pool& pool, const Shape& shape, bool whole);

Tensor averaged(const Tensor& x, const Pool& pool, const Shape& shape, bool whole) {
  Tensor out = make_tensor(shape, x.dtype());
  dispatch(x.dtype(), [&]<class T>(T) {
    launch([to = fresh<T>(out), from = read<T>(x), pool, whole] { average_pool(to, from, pool, whole); });
  });
  return make_node<1>(
      "avg_pool2d", {&x}, std::move(out), saves_nothing,
      [pool, whole, of_x = x.shape()](const Saved&, const Tensor& grad) { return spread(grad, pool, of_x, whole); });
}

Tensor spread(const Tensor& y, const Pool& pool, const Shape& shape, bool whole) {
  Tensor out = make_tensor(shape, y.dtype());
  dispatch(y.dtype(), [&]<class T>(T) {
    launch([to = fresh<T>(out), from = read<T>(y), pool, whole] { spread_average(to, from, pool, whole); });
  });
  return make_node<1>(
      "avg_pool2d_gradient", {&y}, std::move(out), saves_nothing,
      [pool, whole, of_y = y.shape()](const Saved&, const Tensor& grad) { return averaged(grad, pool, of_y, whole); });
}

void check_image(const char* operation, const Tensor& x) {
  if (x.dim() < 2) fail("{}: x must be [..., H, W], got {}", operation, x.shape().str());
  if (x.size(-2) * x.size(-1) > std::numeric_limits<std::int32_t>::max())
    fail("{}: images of more than {} pixels are refused, got {}", operation, std::numeric_limits<std::int32_t>::max(),
         x.shape().str());
}

// Every place must hold an entry.
void check_places(const char* operation, const PoolAxis& axis) {
  for (std::int64_t i = 0; i < axis.places; ++i)
    if (axis[i].begin >= axis[i].end)
      fail("{}: place {} of a window of {} with dilation {} and padding {} holds none of {} entries", operation, i,
           axis.window, axis.dilation, axis.padding, axis.size);
}

Pool moving(const char* operation, const Tensor& x, const Window& window) {
  const auto& [size, stride, padding, dilation] = window;
  check_image(operation, x);
  const Pair image(x.size(-2), x.size(-1)), result = places(operation, image, window);
  const Pool pool{x.shape().head(x.dim() - 2).numel(),
                  {image.h, result.h, size.h, stride.h, padding.h, dilation.h},
                  {image.w, result.w, size.w, stride.w, padding.w, dilation.w}};
  check_places(operation, pool.rows);
  check_places(operation, pool.columns);
  return pool;
}

Shape shape_of(const Tensor& x, const Pool& pool) {
  return x.shape().with(-2, pool.rows.places).with(-1, pool.columns.places);
}

}  // namespace

Tensor max_pool2d(const Tensor& x, Pair window, MaxPool2dOptions options) {
  const Pool pool = moving("max_pool2d", x, pool_window("max_pool2d", window, options));
  Tensor out = make_tensor(shape_of(x, pool), x.dtype());
  const bool recorded = grad_enabled() && needs_gradient(x);
  const Chosen chosen =
      recorded ? std::allocate_shared<Pixels>(PoolAllocator<Pixels>(), static_cast<std::size_t>(out.numel())) : nullptr;
  dispatch(x.dtype(), [&]<class T>(T) {
    launch([to = fresh<T>(out), from = read<T>(x), pool, chosen] {
      max_pool(to, chosen ? chosen->data() : nullptr, from, pool);
    });
  });
  return make_node<1>("max_pool2d", {&x}, std::move(out), saves_nothing,
                      [pool, chosen, whole = x.shape()](const Saved&, const Tensor& grad) {
                        return pixels_put(grad, pool, whole, chosen);
                      });
}

Tensor avg_pool2d(const Tensor& x, Pair window, AvgPool2dOptions options) {
  const Pool pool = moving("avg_pool2d", x, pool_window("avg_pool2d", window, options));
  return averaged(x, pool, shape_of(x, pool), options.count_include_pad);
}

Tensor adaptive_avg_pool2d(const Tensor& x, Pair size) {
  check_image("adaptive_avg_pool2d", x);
  if (size.h < 1 || size.w < 1) fail("adaptive_avg_pool2d: the size must be >= 1 (got {})", str(size));
  if (x.size(-2) < 1 || x.size(-1) < 1)
    fail("adaptive_avg_pool2d: an image must not be empty, got {}", x.shape().str());
  const Pool pool{
      x.shape().head(x.dim() - 2).numel(), {x.size(-2), size.h, 0, 0, 0, 1}, {x.size(-1), size.w, 0, 0, 0, 1}};
  return averaged(x, pool, shape_of(x, pool), false);
}

}  // namespace sigmagrad
