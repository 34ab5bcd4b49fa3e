// SPDX-License-Identifier: BSD-3-Clause
// The entries that stand first, last or anywhere between in the order of a column.
#include <algorithm>
#include <cmath>
#include <limits>

#include <sigmagrad/autograd/kernels/reduce.hpp>
#include <sigmagrad/autograd/memory/scratch.hpp>
#include <sigmagrad/autograd/operations/elementwise.hpp>
#include <sigmagrad/autograd/operations/pointwise.hpp>
#include <sigmagrad/autograd/operations/reductions.hpp>
#include <sigmagrad/autograd/operations/shape_ops.hpp>
#include <sigmagrad/autograd/tensor/fail.hpp>

namespace sigmagrad {

using namespace engine;

int engine::non_empty_axis(const char* name, const Tensor& x, int axis) {
  axis = normalize_axis(name, axis, x.dim());
  if (x.size(axis) == 0) fail("{}: axis {} of {} is empty", name, axis, x.shape().str());
  return axis;
}

namespace {

// One entry of each column: choose(to, from, view) writes them. Those equal to it share the gradient.
template <class Choose>
Tensor chosen(const char* name, const Tensor& x, int axis, bool keepdim, Choose choose) {
  axis = non_empty_axis(name, x, axis);
  const Shape kept = x.shape().with(axis, 1);
  Tensor out = make_tensor(keepdim ? kept : x.shape().without(axis), x.dtype());
  dispatch(x.dtype(), [&]<class T>(T) {
    launch(
        [to = fresh<T>(out), from = read<T>(x), view = AxisView(x.shape(), axis), choose] { choose(to, from, view); });
  });
  return make_node<1>(
      name, {&x}, std::move(out), saves_input | saves_output, [axis, kept](const Saved& saved, const Tensor& grad) {
        const auto ties = map("ties", saved.input(), saved.output().reshape(kept),
                              [](auto a, auto b) { return decltype(a)(a == b || (std::isnan(a) && std::isnan(b))); });
        return masked(grad.reshape(kept), ties / sum(ties, axis, true));
      });
}

template <class Better>
Tensor extreme(const char* name, const Tensor& x, int axis, bool keepdim, Better better) {
  return chosen(name, x, axis, keepdim, [better](auto* to, const auto* from, const AxisView& view) {
    select_axis(to, from, view, false, better);
  });
}

template <class Better>
Tensor position_of(const char* name, const Tensor& x, int axis, bool keepdim, Better better) {
  axis = non_empty_axis(name, x, axis);
  Tensor out = make_tensor(keepdim ? x.shape().with(axis, 1) : x.shape().without(axis), f64);
  dispatch(x.dtype(), [&]<class T>(T) {
    launch([to = fresh<double>(out), from = read<T>(x), view = AxisView(x.shape(), axis), better] {
      select_axis(to, from, view, true, better);
    });
  });
  return out;
}

constexpr auto greater = [](auto a, auto b) { return a > b; };
constexpr auto less = [](auto a, auto b) { return a < b; };

// Number `rank` of the entries in rising order, counted from 0; NaN if one is.
template <class T>
T ranked_entry(T* entries, std::int64_t n, std::int64_t rank) {
  if (std::any_of(entries, entries + n, [](T v) { return std::isnan(v); })) return std::numeric_limits<T>::quiet_NaN();
  std::nth_element(entries, entries + rank, entries + n);
  return entries[rank];
}

Tensor order_statistic(const char* name, const Tensor& x, int axis, bool keepdim, std::int64_t rank) {
  return chosen(name, x, axis, keepdim, [rank]<class T>(T* to, const T* from, const AxisView& view) {
    const Scratch<T> column(view.n);
    for (std::int64_t i = 0; i < view.outer * view.inner; ++i) {
      const T* const first = from + i / view.inner * view.n * view.inner + i % view.inner;
      for (std::int64_t k = 0; k < view.n; ++k) column[k] = first[k * view.inner];
      to[i] = ranked_entry(column.data(), view.n, rank);
    }
  });
}

}  // namespace

Tensor max(const Tensor& x) { return extreme("max", x.flatten(), 0, false, greater); }
Tensor max(const Tensor& x, int axis, bool keepdim) { return extreme("max", x, axis, keepdim, greater); }
Tensor min(const Tensor& x) { return extreme("min", x.flatten(), 0, false, less); }
Tensor min(const Tensor& x, int axis, bool keepdim) { return extreme("min", x, axis, keepdim, less); }

Tensor argmax(const Tensor& x) { return argmax(x.detach().flatten(), 0); }
Tensor argmax(const Tensor& x, int axis, bool keepdim) { return position_of("argmax", x, axis, keepdim, greater); }
Tensor argmin(const Tensor& x) { return argmin(x.detach().flatten(), 0); }
Tensor argmin(const Tensor& x, int axis, bool keepdim) { return position_of("argmin", x, axis, keepdim, less); }

Tensor median(const Tensor& x) { return median(x.flatten(), 0); }

Tensor median(const Tensor& x, int axis, bool keepdim) {
  axis = non_empty_axis("median", x, axis);
  return order_statistic("median", x, axis, keepdim, (x.size(axis) - 1) / 2);
}

Tensor quantile(const Tensor& x, double q) { return quantile(x.flatten(), q, 0); }

Tensor quantile(const Tensor& x, double q, int axis, bool keepdim) {
  axis = non_empty_axis("quantile", x, axis);
  if (!(q >= 0.0 && q <= 1.0)) fail("quantile: q must be in [0, 1] (got {})", q);
  const double place = q * static_cast<double>(x.size(axis) - 1), below = std::floor(place);
  const auto rank = static_cast<std::int64_t>(below);
  const Tensor lower = order_statistic("quantile", x, axis, keepdim, rank);
  if (place == below) return lower;
  return lerp(lower, order_statistic("quantile", x, axis, keepdim, rank + 1), place - below);
}

Tensor quantile(const Tensor& x, std::span<const double> q) { return quantile(x.flatten(), q, 0); }

Tensor quantile(const Tensor& x, std::span<const double> q, int axis, bool keepdim) {
  if (q.empty()) fail("quantile: needs at least one q");
  std::vector<Tensor> each;
  for (const double one : q) each.push_back(quantile(x, one, axis, keepdim));
  return stack(each);
}

Tensor quantile(const Tensor& x, std::initializer_list<double> q) { return quantile(x, std::span(q.begin(), q.end())); }

Tensor quantile(const Tensor& x, std::initializer_list<double> q, int axis, bool keepdim) {
  return quantile(x, std::span(q.begin(), q.end()), axis, keepdim);
}

}  // namespace sigmagrad
