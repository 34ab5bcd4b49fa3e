// SPDX-License-Identifier: BSD-3-Clause
#include <cmath>
#include <sigmagrad/autograd/creation.hpp>
#include <sigmagrad/autograd/detail/fail.hpp>
#include <sigmagrad/autograd/detail/positions.hpp>
#include <sigmagrad/autograd/detail/softmax.hpp>
#include <sigmagrad/autograd/elementwise.hpp>
#include <sigmagrad/autograd/reductions.hpp>
#include <sigmagrad/nn/detail/reduction.hpp>

namespace sigmagrad {
namespace {

using detail::Logits;
using detail::Positions;
using detail::Saved;

/// A row of factor * (softmax(logits) - one_hot(label)), written over the exponentials that it is made of. Where the
/// label leads, the other entries' softmax is summed, for 1 - softmax would cancel.
template <class T>
void gradient_row(T* row, const T* logits, std::int64_t n, std::int64_t label, T factor) {
  const Logits line(logits, n, 1);
  const T rest = line.exponentials(row), scale = factor / (T(1) + rest);
  for (std::int64_t k = 0; k < n; ++k) row[k] *= scale;
  row[label] = line.leads(label) ? -scale * rest : row[label] - factor;
}

/// factor * scale * (softmax(logits) - one_hot(labels)), where scale is a tensor of one entry.
Tensor gradient(const Tensor& logits, const Positions& labels, const Tensor& scale, double factor) {
  Tensor out = detail::make_tensor(logits.shape(), logits.dtype());
  detail::dispatch(logits.dtype(), [&]<class T>(T) {
    detail::launch([to = detail::fresh<T>(out), x = detail::read<T>(logits), s = detail::read<T>(scale), labels,
                    n = logits.size(1), f = static_cast<T>(factor)] {
      for (std::int64_t i = 0; i < std::ssize(*labels); ++i)
        gradient_row(to + i * n, x + i * n, n, (*labels)[static_cast<std::size_t>(i)], f * *s);
    });
  });
  return detail::record<2>(
      "cross_entropy_gradient", {&logits, &scale}, std::move(out), detail::saves_inputs,
      [factor](const Saved& s, const Tensor& g) {
        return detail::softmax_gradient(softmax(s.input(0), 1), g, 1) * (factor * s.input(1));
      },
      [labels, factor](const Saved& s, const Tensor& g) {
        return sum(g * gradient(s.input(0), labels, ones_like(s.input(1)), factor));
      });
}

void check_logits(const Tensor& logits) {
  if (logits.dim() != 2) detail::fail("cross_entropy: logits must be [batch, classes], got {}", logits.shape().str());
}

Positions checked(std::span<const std::int64_t> labels, std::int64_t classes) {
  for (std::size_t i = 0; i < labels.size(); ++i)
    if (labels[i] < 0 || labels[i] >= classes)
      detail::fail("cross_entropy: label {} of row {} is out of range for {} classes", labels[i], i, classes);
  return detail::positions(labels);
}

/// The mean or sum of -log_softmax(row)[label].
Tensor loss(const Tensor& logits, const Positions& labels, double factor) {
  Tensor out = detail::make_tensor({}, logits.dtype());
  detail::dispatch(logits.dtype(), [&]<class T>(T) {
    detail::launch([to = detail::fresh<T>(out), x = detail::read<T>(logits), labels, n = logits.size(1),
                    f = static_cast<T>(factor)] {
      const std::int64_t* label = labels->data();
      *to = f * detail::sum_entries<T>(0, std::ssize(*labels), [=](std::int64_t i) {
              const Logits line(x + i * n, n, 1);
              return std::log1p(line.rest()) - line.distance(label[i]);
            });
    });
  });
  return detail::record<1>(
      "cross_entropy", {&logits}, std::move(out), detail::saves_input,
      [labels, factor](const Saved& s, const Tensor& g) { return gradient(s.input(), labels, g, factor); });
}

}  // namespace

Tensor cross_entropy(const Tensor& logits, const Tensor& labels, Reduction reduction) {
  check_logits(logits);
  if (labels.shape() != Shape{logits.size(0)})
    detail::fail("cross_entropy: labels must be [{}], got {}", logits.size(0), labels.shape().str());
  const double factor = detail::reduction_factor("cross_entropy", reduction, logits.size(0));
  return loss(logits, detail::positions("cross_entropy", labels, logits.size(1)), factor);
}

Tensor cross_entropy(const Tensor& logits, std::span<const std::int64_t> labels, Reduction reduction) {
  check_logits(logits);
  const auto rows = logits.size(0);
  if (std::ssize(labels) != rows)
    detail::fail("cross_entropy: {} labels for logits {}, expected {}", labels.size(), logits.shape().str(), rows);
  const double factor = detail::reduction_factor("cross_entropy", reduction, rows);
  return loss(logits, checked(labels, logits.size(1)), factor);
}

}  // namespace sigmagrad
