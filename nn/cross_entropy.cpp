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
using detail::Share;

// factor * (y - one_hot(label)) of a row of softmax. Where the label leads, the others are summed, for 1 - y would
// cancel.
template <class T>
void gradient_row(T* out, const T* y, std::int64_t n, std::int64_t label, T factor) {
  for (std::int64_t k = 0; k < n; ++k) out[k] = factor * y[k];
  out[label] = 2 * y[label] > 1 ? -factor * engine::sum_of_others(y, n, label) : out[label] - factor;
}

// factor * scale * (y - one_hot(labels)) of a softmax y, where scale is a tensor of one entry.
Tensor gradient(const Tensor& y, const engine::Positions& labels, const Tensor& scale, double factor) {
  Tensor out = engine::make_tensor(y.shape(), y.dtype());
  engine::dispatch(y.dtype(), [&]<class T>(T) {
    engine::launch([to = engine::fresh<T>(out), p = engine::read<T>(y), s = engine::read<T>(scale), labels,
                    n = y.size(1), f = static_cast<T>(factor)] {
      for (std::int64_t i = 0; i < std::ssize(*labels); ++i)
        gradient_row(to + i * n, p + i * n, n, (*labels)[static_cast<std::size_t>(i)], f * *s);
    });
  });
  return engine::make_node<2>(
      "cross_entropy_gradient", {&y, &scale}, std::move(out), engine::saves_inputs,
      [factor](const engine::Saved& s, const Tensor& g) { return g * (factor * s.input(1)); },
      [labels, factor](const engine::Saved& s, const Tensor& g) {
        return sum(g * gradient(s.input(0), labels, ones_like(s.input(1)), factor));
      });
}

void check_logits(const Tensor& logits) {
  if (logits.dim() != 2) engine::fail("cross_entropy: logits must be [batch, classes], got {}", logits.shape().str());
}

engine::Positions checked(std::span<const std::int64_t> labels, std::int64_t classes) {
  for (std::size_t i = 0; i < labels.size(); ++i)
    if (labels[i] < 0 || labels[i] >= classes)
      engine::fail("cross_entropy: label {} of row {} is out of range for {} classes", labels[i], i, classes);
  return engine::positions(labels);
}

// The mean or sum of -log_softmax(row)[label]. The softmax is a second output, for the gradients.
Tensor loss(const Tensor& logits, const engine::Positions& labels, Share share) {
  const std::array<Tensor, 2> results{engine::make_tensor({}, logits.dtype()),
                                      engine::make_tensor(logits.shape(), logits.dtype())};
  engine::dispatch(logits.dtype(), [&]<class T>(T) {
    engine::launch([to = engine::fresh<T>(results[0]), y = engine::fresh<T>(results[1]), x = engine::read<T>(logits),
                    labels, n = logits.size(1), share] {
      const std::int64_t* label = labels->data();
      *to = share.of(engine::sum_entries<T>(0, std::ssize(*labels), [=](std::int64_t i) {
        const engine::SoftmaxRow row(y + i * n, x + i * n, n);
        return row.norm() - row.distance(x[i * n + label[i]]);
      }));
    });
  });
  engine::make_node<1>("cross_entropy", {&logits}, std::span<const Tensor, 2>(results), engine::saves_output,
                       engine::beside_softmax_rule([labels, factor = share.factor()](const Tensor& y, const Tensor& g) {
                         return gradient(y, labels, g, factor);
                       }));
  return results[0];
}

}  // namespace

Tensor cross_entropy(const Tensor& logits, const Tensor& labels, Reduction reduction) {
  check_logits(logits);
  if (labels.shape() != Shape{logits.size(0)})
    engine::fail("cross_entropy: labels must be [{}], got {}", logits.size(0), labels.shape().str());
  const auto share = detail::share_of("cross_entropy", reduction, logits.size(0));
  return loss(logits, engine::positions("cross_entropy", labels, logits.size(1)), share);
}

Tensor cross_entropy(const Tensor& logits, std::span<const std::int64_t> labels, Reduction reduction) {
  check_logits(logits);
  const auto rows = logits.size(0);
  if (std::ssize(labels) != rows)
    engine::fail("cross_entropy: {} labels for logits {}, expected {}", labels.size(), logits.shape().str(), rows);
  return loss(logits, checked(labels, logits.size(1)), detail::share_of("cross_entropy", reduction, rows));
}

}  // namespace sigmagrad
