// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/optim/group_rmsprop.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

#include <sigmagrad/autograd/kernels/reduce.hpp>
#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/autograd/tensor/fail.hpp>
#include <sigmagrad/optim/detail/gradient_check.hpp>
#include <sigmagrad/optim/detail/model_rates.hpp>

namespace sigmagrad::optim {
namespace {

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

// Every parameter has these axes in front.
void check_batch(const std::vector<Tensor>& params, int axes) {
  for (const auto& parameter : params) {
    const Shape& shape = parameter.shape();
    if (shape.rank() < axes)
      engine::fail("GroupRMSprop: batch_axes is {}, but a parameter has the shape {}", axes, shape.str());
    if (const Shape batch = params.front().shape().head(axes); !(shape.head(axes) == batch))
      engine::fail("GroupRMSprop: every parameter must have the batch axes {} (got {})", batch.str(), shape.str());
  }
}

}  // namespace

void GroupRMSpropOptions::check() const {
  if (!(lr >= 0.0)) engine::fail("GroupRMSprop: lr must be >= 0 (got {})", lr);
  if (!(alpha >= 0.0 && alpha < 1.0)) engine::fail("GroupRMSprop: alpha must be in [0, 1) (got {})", alpha);
  if (!(eps >= 0.0)) engine::fail("GroupRMSprop: eps must be >= 0 (got {})", eps);
  if (batch_axes < 0) engine::fail("GroupRMSprop: batch_axes must be >= 0 (got {})", batch_axes);
}

GroupRMSpropOptions GroupRMSpropGroup::over(GroupRMSpropOptions o) const {
  take_given(std::tie(o.lr, o.alpha, o.eps, o.per_parameter, o.batch_axes, o.lr_scale),
             std::tie(lr, alpha, eps, per_parameter, batch_axes, lr_scale));
  o.check();
  check_batch(params, o.batch_axes);
  if (o.lr_scale.defined() && o.batch_axes == 0)
    engine::fail("GroupRMSprop: lr_scale needs batch_axes >= 1: models share no norm");
  return o;
}

// The sum of all squares is in double precision. No group has more entries than memory has bytes.
void GroupRMSprop::check(std::size_t number, const Tensor& parameter, const Tensor& grad, State&, const Group&) {
  const double limit = std::sqrt(0x1p-64 * std::numeric_limits<double>::max());
  detail::refuse_beyond(limit, {"GroupRMSprop", number, parameter, grad});
}

void GroupRMSprop::update(Tensor& parameter, const Tensor& grad, State& state, const Group& group) {
  const Options& o = options(group);
  const Shape batch = parameter.shape().head(o.batch_axes);
  if (o.per_parameter || !squares_.defined() || !(squares_.shape() == batch) || leads(parameter, group)) {
    squares_ = zeros(batch);
    if (o.per_parameter)
      add_squares(squares_, grad);
    else
      for (const auto& other : group.params())
        if (const Tensor g = other.grad(); g.defined()) add_squares(squares_, g);
  }
  engine::dispatch(parameter.dtype(), [&]<class T>(T) {
    double* v = engine::write<double>(state.buffer("square_avg", batch, f64));
    const double* squares = engine::read<double>(squares_);
    const T* g = engine::read<T>(grad);
    const auto n = batch.numel() == 0 ? 0 : parameter.numel() / batch.numel();
    with_rates(group.lr(), parameter, [&](const auto& rates) {
      engine::launch([p = engine::write<T>(parameter), v, squares, g, n, rates, step = state.step.address(), o = &o] {
        const double unbiased = 1.0 - std::pow(o->alpha, static_cast<double>(*step));
        rates.each_whole([&](std::int64_t from, std::int64_t entries, double lr) {
          for (std::int64_t i = from; i < from + entries; i += n) {
            const std::int64_t t = i / n;
            v[t] = o->alpha * v[t] + (1.0 - o->alpha) * squares[t];
            const T rate = static_cast<T>(lr / (std::sqrt(v[t] / unbiased) + o->eps));
            for (std::int64_t j = i; j < i + n; ++j) p[j] -= rate * g[j];
          }
        });
      });
    });
  });
}

}  // namespace sigmagrad::optim
