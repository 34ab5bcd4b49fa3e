// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <cmath>
#include <memory>
#include <sigmagrad/autograd/detail/fail.hpp>
#include <sigmagrad/autograd/detail/pool.hpp>
#include <sigmagrad/autograd/detail/reduce.hpp>
#include <sigmagrad/autograd/elementwise.hpp>
#include <sigmagrad/autograd/reductions.hpp>
#include <sigmagrad/autograd/shape_ops.hpp>
#include <sigmagrad/nn/detail/reduction.hpp>
#include <vector>

namespace sigmagrad {
namespace {

using detail::Saved;

/// The labels, for kernels that may run again when the caller's are gone.
using LabelList = std::vector<std::int64_t, detail::PoolAllocator<std::int64_t>>;
using Labels = std::shared_ptr<const LabelList>;

Labels checked(const Tensor& logits, std::span<const std::int64_t> labels) {
  if (logits.dim() != 2) detail::fail("cross_entropy: logits must be [batch, classes], got {}", logits.shape().str());
  const auto rows = logits.size(0), classes = logits.size(1);
  if (std::ssize(labels) != rows)
    detail::fail("cross_entropy: {} labels for logits {}, expected {}", labels.size(), logits.shape().str(), rows);
  for (std::size_t i = 0; i < labels.size(); ++i)
    if (labels[i] < 0 || labels[i] >= classes)
      detail::fail("cross_entropy: label {} of row {} is out of range for {} classes", labels[i], i, classes);
  return std::allocate_shared<const LabelList>(detail::PoolAllocator<LabelList>(), labels.begin(), labels.end());
}

/// log(sum(exp(row))), without overflow.
template <class T>
T log_sum_exp(const T* row, std::int64_t n) {
  const T largest = *std::max_element(row, row + n);
  return largest + std::log(detail::sum_entries<T>(0, n, [=](std::int64_t j) { return std::exp(row[j] - largest); }));
}

/// 1 at each row's label, 0 elsewhere.
Tensor one_hot(const Tensor& like, const Labels& labels) {
  Tensor out = detail::make_tensor(like.shape(), like.dtype());
  detail::dispatch(like.dtype(), [&]<class T>(T) {
    detail::launch([to = detail::fresh<T>(out), labels, n = like.size(1)] {
      T* row = to;
      for (const auto label : *labels) {
        std::fill_n(row, n, T(0));
        row[label] = T(1);
        row += n;
      }
    });
  });
  return out;
}

/// factor * scale * (softmax(logits) - one_hot(labels)), where scale is a tensor of one entry.
Tensor gradient(const Tensor& logits, const Labels& labels, const Tensor& scale, double factor) {
  if (grad_enabled()) return (softmax(logits, -1) - one_hot(logits, labels)) * (factor * scale);
  Tensor out = detail::make_tensor(logits.shape(), logits.dtype());
  detail::dispatch(logits.dtype(), [&]<class T>(T) {
    detail::launch([to = detail::fresh<T>(out), x = detail::read<T>(logits), s = detail::read<T>(scale), labels,
                    n = logits.size(1), f = static_cast<T>(factor)] {
      const T c = f * *s;
      const T* from = x;
      T* row = to;
      for (const auto label : *labels) {
        const T norm = log_sum_exp(from, n);
        for (std::int64_t j = 0; j < n; ++j) row[j] = c * std::exp(from[j] - norm);
        row[label] -= c;
        from += n;
        row += n;
      }
    });
  });
  return out;
}

}  // namespace

Tensor cross_entropy(const Tensor& logits, const Tensor& labels, Reduction reduction) {
  if (logits.dim() != 2) detail::fail("cross_entropy: logits must be [batch, classes], got {}", logits.shape().str());
  if (labels.shape() != Shape{logits.size(0)})
    detail::fail("cross_entropy: labels must be [{}], got {}", logits.size(0), labels.shape().str());
  const auto chosen = gather(logits, 1, labels.unsqueeze(1)).squeeze(1);
  const auto factor = detail::reduction_factor("cross_entropy", reduction, logits.size(0));
  return (logsumexp(logits, 1) - chosen).sum() * factor;
}

Tensor cross_entropy(const Tensor& logits, std::span<const std::int64_t> given, Reduction reduction) {
  const Labels labels = checked(logits, given);
  const double factor = detail::reduction_factor("cross_entropy", reduction, logits.size(0));
  Tensor out = detail::make_tensor({}, logits.dtype());
  detail::dispatch(logits.dtype(), [&]<class T>(T) {
    detail::launch([to = detail::fresh<T>(out), x = detail::read<T>(logits), labels, n = logits.size(1),
                    f = static_cast<T>(factor)] {
      const std::int64_t* label = labels->data();
      *to = f * detail::sum_entries<T>(0, std::ssize(*labels),
                                       [=](std::int64_t i) { return log_sum_exp(x + i * n, n) - x[i * n + label[i]]; });
    });
  });
  return detail::record<1>(
      "cross_entropy", {&logits}, std::move(out), detail::saves_input,
      [labels, factor](const Saved& s, const Tensor& g) { return gradient(s.input(), labels, g, factor); });
}

}  // namespace sigmagrad
