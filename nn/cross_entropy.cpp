// SPDX-License-Identifier: BSD-3-Clause
#include <cmath>
#include <sigmagrad/autograd/graph/make_node.hpp>
#include <sigmagrad/autograd/kernels/reduce.hpp>
#include <sigmagrad/autograd/kernels/softmax_row.hpp>
#include <sigmagrad/autograd/operations/elementwise.hpp>
#include <sigmagrad/autograd/operations/positions.hpp>
#include <sigmagrad/autograd/operations/reductions.hpp>
#include <sigmagrad/autograd/operations/softmax.hpp>
#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/autograd/tensor/fail.hpp>
#include <sigmagrad/nn/detail/reduction.hpp>

namespace sigmagrad {
namespace {

using detail::Positions;
using detail::Saved;
using detail::Share;

/// factor * (y - one_hot(label)) of a row of softmax. Where the label leads, the others are summed, for 1 - y would
/// cancel.
template <class T>
void gradient_row(T* out, const T* y, std::int64_t n, std::int64_t label, T factor) {
  for (std::int64_t k = 0; k < n; ++k) out[k] = factor * y[k];
  out[label] = 2 * y[label] > 1 ? -factor * detail::sum_of_others(y, n, label) : out[label] - factor;
}

/// factor * scale * (y - one_hot(labels)) of a softmax y, where scale is a tensor of one entry.
Tensor gradient(const Tensor& y, const Positions& labels, const Tensor& scale, double factor) {
  Tensor out = detail::make_tensor(y.shape(), y.dtype());
  detail::dispatch(y.dtype(), [&]<class T>(T) {
    detail::launch([to = detail::fresh<T>(out), p = detail::read<T>(y), s = detail::read<T>(scale), labels,
                    n = y.size(1), f = static_cast<T>(factor)] {
      for (std::int64_t i = 0; i < std::ssize(*labels); ++i)
        gradient_row(to + i * n, p + i * n, n, (*labels)[static_cast<std::size_t>(i)], f * *s);
    });
  });
  return detail::record<2>(
      "cross_entropy_gradient", {&y, &scale}, std::move(out), detail::saves_inputs,
      [factor](const Saved& s, const Tensor& g) { return g * (factor * s.input(1)); },
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

/// The mean or sum of -log_softmax(row)[label]. The softmax is a second output, for the gradients.
Tensor loss(const Tensor& logits, const Positions& labels, Share share) {
  const std::array<Tensor, 2> results{detail::make_tensor({}, logits.dtype()),
                                      detail::make_tensor(logits.shape(), logits.dtype())};
  detail::dispatch(logits.dtype(), [&]<class T>(T) {
    detail::launch([to = detail::fresh<T>(results[0]), y = detail::fresh<T>(results[1]), x = detail::read<T>(logits),
                    labels, n = logits.size(1), share] {
      const std::int64_t* label = labels->data();
      *to = share.of(detail::sum_entries<T>(0, std::ssize(*labels), [=](std::int64_t i) {
        const detail::SoftmaxRow row(y + i * n, x + i * n, n);
        return row.norm() - row.distance(x[i * n + label[i]]);
      }));
    });
  });
  detail::record_outputs<1>(
      "cross_entropy", {&logits}, std::span<const Tensor, 2>(results), detail::saves_output,
      detail::beside_softmax_rule([labels, factor = share.factor()](const Tensor& y, const Tensor& g) {
        return gradient(y, labels, g, factor);
      }));
  return results[0];
}

}  // namespace

Tensor cross_entropy(const Tensor& logits, const Tensor& labels, Reduction reduction) {
  check_logits(logits);
  if (labels.shape() != Shape{logits.size(0)})
    detail::fail("cross_entropy: labels must be [{}], got {}", logits.size(0), labels.shape().str());
  const auto share = detail::share_of("cross_entropy", reduction, logits.size(0));
  return loss(logits, detail::positions("cross_entropy", labels, logits.size(1)), share);
}

Tensor cross_entropy(const Tensor& logits, std::span<const std::int64_t> labels, Reduction reduction) {
  check_logits(logits);
  const auto rows = logits.size(0);
  if (std::ssize(labels) != rows)
    detail::fail("cross_entropy: {} labels for logits {}, expected {}", labels.size(), logits.shape().str(), rows);
  return loss(logits, checked(labels, logits.size(1)), detail::share_of("cross_entropy", reduction, rows));
}

}  // namespace sigmagrad
