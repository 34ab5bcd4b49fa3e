// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/optim/group_rmsprop.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

#include <sigmagrad/autograd/kernels/reduce.hpp>
#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/autograd/tensor/fail.hpp>
#include <sigmagrad/optim/detail/gradient_check.hpp>

namespace sigmagrad::optim {
namespace {

GroupRMSpropOptions checked(const GroupRMSpropOptions& o) {
  if (!(o.lr >= 0.0)) engine::fail("GroupRMSprop: lr must be >= 0 (got {})", o.lr);
  if (!(o.alpha >= 0.0 && o.alpha < 1.0)) engine::fail("GroupRMSprop: alpha must be in [0, 1) (got {})", o.alpha);
  if (!(o.eps >= 0.0)) engine::fail("GroupRMSprop: eps must be >= 0 (got {})", o.eps);
  if (o.batch_axes < 0) engine::fail("GroupRMSprop: batch_axes must be >= 0 (got {})", o.batch_axes);
  return o;
}

// Adds the squares of each model's entries to its number in `squares`.
void add_squares(const Tensor& squares, const Tensor& grad) {
  engine::dispatch(grad.dtype(), [&]<class T>(T) {
    const T* g = engine::read<T>(grad);
    const auto models = squares.numel(), n = models == 0 ? 0 : grad.numel() / models;
    engine::launch([to = engine::write<double>(squares), g, models, n] {
      for (std::int64_t t = 0; t < models; ++t)
        to[t] += engine::sum_entries<double>(t * n, n, [g](std::int64_t i) {
          const auto entry = static_cast<double>(g[i]);
          return entry * entry;
        });
    });
  });
}

// Whether the group's updates begin with this parameter.
bool leads(const Tensor& parameter, const Group& group) {
  const auto& params = group.params();
  const auto first =
      std::find_if(params.begin(), params.end(), [](const Tensor& other) { return other.grad().defined(); });
  return first != params.end() && first->is(parameter);
}

}  // namespace

GroupRMSprop::GroupRMSprop(std::vector<Tensor> params, Options options)
    : Optimizer(std::move(params), checked(options).lr), options_(options) {
  check_batch();
}
GroupRMSprop::GroupRMSprop(std::vector<GroupOptions> groups, Options options)
    : Optimizer(std::move(groups), checked(options).lr), options_(options) {
  check_batch();
}

void GroupRMSprop::check_batch() const {
  std::optional<Shape> batch;
  for (const auto& group : groups())
    for (const auto& parameter : group.params()) {
      const Shape& shape = parameter.shape();
      if (shape.rank() < options_.batch_axes)
        engine::fail("GroupRMSprop: batch_axes is {}, but a parameter has the shape {}", options_.batch_axes,
                     shape.str());
      if (!batch) batch = shape.head(options_.batch_axes);
      if (!(shape.head(options_.batch_axes) == *batch))
        engine::fail("GroupRMSprop: every parameter must have the batch axes {} (got {})", batch->str(), shape.str());
    }
}

// The sum of all squares is in double precision. No group has more entries than memory has bytes.
void GroupRMSprop::check(std::size_t number, const Tensor& parameter, const Tensor& grad, State&, const Group&) {
  const double limit = std::sqrt(0x1p-64 * std::numeric_limits<double>::max());
  detail::refuse_beyond(limit, {"GroupRMSprop", number, parameter, grad});
}

void GroupRMSprop::update(Tensor& parameter, const Tensor& grad, State& state, const Group& group) {
  const Shape batch = parameter.shape().head(options_.batch_axes);
  if (options_.per_parameter || !squares_.defined() || leads(parameter, group)) {
    squares_ = zeros(batch);
    if (options_.per_parameter)
      add_squares(squares_, grad);
    else
      for (const auto& other : group.params())
        if (const Tensor g = other.grad(); g.defined()) add_squares(squares_, g);
  }
  engine::dispatch(parameter.dtype(), [&]<class T>(T) {
    double* v = engine::write<double>(state.buffer("square_avg", batch, f64));
    const double* squares = engine::read<double>(squares_);
    const T* g = engine::read<T>(grad);
    const auto models = batch.numel(), n = models == 0 ? 0 : parameter.numel() / models;
    engine::launch([p = engine::write<T>(parameter), v, squares, g, models, n, lr = group.lr(),
                    step = state.step.address(), o = options_] {
      const double unbiased = 1.0 - std::pow(o.alpha, static_cast<double>(*step));
      for (std::int64_t t = 0; t < models; ++t) {
        v[t] = o.alpha * v[t] + (1.0 - o.alpha) * squares[t];
        const T rate = static_cast<T>(lr.now() / (std::sqrt(v[t] / unbiased) + o.eps));
        for (std::int64_t i = t * n; i < (t + 1) * n; ++i) p[i] -= rate * g[i];
      }
    });
  });
}

}  // namespace sigmagrad::optim
