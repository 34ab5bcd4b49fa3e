// SPDX-License-Identifier: BSD-3-Clause
#include <cmath>

#include <sigmagrad/autograd/graph/make_node.hpp>
#include <sigmagrad/autograd/kernels/softmax_row.hpp>
#include <sigmagrad/autograd/operations/elementwise.hpp>
#include <sigmagrad/autograd/operations/pointwise.hpp>
#include <sigmagrad/autograd/operations/positions.hpp>
#include <sigmagrad/autograd/operations/reductions.hpp>
#include <sigmagrad/autograd/operations/shape_ops.hpp>
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

// factor * scale * (y - one_hot(labels)) of a softmax y, where scale is a number or has one for each row.
Tensor gradient(const Tensor& y, const engine::Positions& labels, const Tensor& scale, double factor) {
  Tensor out = engine::make_tensor(y.shape(), y.dtype());
  engine::dispatch(y.dtype(), [&]<class T>(T) {
    engine::launch([to = engine::fresh<T>(out), p = engine::read<T>(y), s = engine::read<T>(scale),
                    step = scale.dim() > 0, labels, n = y.size(-1), f = static_cast<T>(factor)] {
      engine::parallel_for(std::ssize(*labels), engine::grain_of(n), [&](std::int64_t i, std::int64_t end) {
        for (; i < end; ++i)
          gradient_row(to + i * n, p + i * n, n, (*labels)[static_cast<std::size_t>(i)], f * s[step ? i : 0]);
      });
    });
  });
  return engine::make_node<2>(
      "cross_entropy_gradient", {&y, &scale}, std::move(out), engine::saves_inputs,
      [factor](const engine::Saved& s, const Tensor& g) { return g * (factor * s.input(1)).unsqueeze(-1); },
      [labels, factor](const engine::Saved& s, const Tensor& g) {
        const Tensor all = g * gradient(s.input(0), labels, ones_like(s.input(1)), factor);
        return s.shape(1).rank() == 0 ? sum(all) : sum(all, -1);
      });
}

// -log_softmax(row)[label] of each row, or their mean or sum. The softmax is a second output, for the gradients.
Tensor loss(const Tensor& logits, const engine::Positions& labels, Share share) {
  const std::array<Tensor, 2> results{share.make_result(logits.shape().without(-1), logits.dtype()),
                                      engine::make_tensor(logits.shape(), logits.dtype())};
  engine::dispatch(logits.dtype(), [&]<class T>(T) {
    engine::launch([to = engine::fresh<T>(results[0]), y = engine::fresh<T>(results[1]), x = engine::read<T>(logits),
                    labels, n = logits.size(-1), share] {
      const std::int64_t* label = labels->data();
      const auto term = [=](std::int64_t i) {
        const engine::SoftmaxRow row(y + i * n, x + i * n, n);
        return row.norm() - row.distance(x[i * n + label[i]]);
      };
      share.reduce(to, std::ssize(*labels), term, n);
    });
  });
  engine::make_node<1>("cross_entropy", {&logits}, std::span<const Tensor, 2>(results), engine::saves_output,
                       engine::beside_softmax_rule([labels, factor = share.factor()](const Tensor& y, const Tensor& g) {
                         return gradient(y, labels, g, factor);
                       }));
  return results[0];
}

// The rows of x [..., batch, classes] that labels are for.
Shape rows_of(const char* name, const Tensor& x) {
  if (x.dim() < 2) engine::fail("{}: needs [..., batch, classes], got {}", name, x.shape().str());
  return x.shape().without(-1);
}

// A label for each row. Models in leading axes may share theirs.
Tensor labels_of_rows(const char* name, const Tensor& labels, const Shape& rows) {
  if (labels.shape() == rows) return labels;
  if (labels.dim() > 0 && labels.dim() < rows.rank() && labels.shape() == rows.tail(rows.rank() - labels.dim()))
    return labels.expand(rows);
  engine::fail("{}: labels must be {}, got {}", name, rows.str(), labels.shape().str());
}

void check_labels(const char* name, std::span<const std::int64_t> labels, const Tensor& x) {
  const Shape rows = rows_of(name, x);
  const std::int64_t classes = x.size(-1), count = std::ssize(labels);
  if (count != rows.numel() && count != rows[-1])
    engine::fail("{}: {} labels for {}, expected {}", name, count, x.shape().str(), rows.numel());
  for (std::size_t i = 0; i < labels.size(); ++i)
    if (labels[i] < 0 || labels[i] >= classes)
      engine::fail("{}: label {} of row {} is out of range for {} classes", name, labels[i], i, classes);
}

Tensor in_tensor(std::span<const std::int64_t> labels, const Tensor& x) {
  const Shape rows = x.shape().without(-1);
  const Tensor given = tensor(std::vector<double>(labels.begin(), labels.end()));
  return given.numel() == rows.numel() ? given.reshape(rows) : given;
}

// -x[label] of each row.
Tensor picked(const char* name, const Tensor& x, const Tensor& labels) {
  engine::positions(name, labels, x.size(-1));  // names the loss in an Error
  return -gather(x, -1, labels.unsqueeze(-1)).squeeze(-1);
}

bool is_plain(const CrossEntropyOptions& o) { return o.label_smoothing == 0.0 && !o.weight.defined(); }

void check(const Tensor& logits, const CrossEntropyOptions& o) {
  if (!(o.label_smoothing >= 0.0 && o.label_smoothing <= 1.0))
    engine::fail("cross_entropy: label_smoothing must be in [0, 1] (got {})", o.label_smoothing);
  if (!o.weight.defined()) return;
  engine::check_same_dtype("cross_entropy", logits, o.weight);
  if (o.weight.shape() != Shape{logits.size(-1)})
    engine::fail("cross_entropy: weight must be [{}], got {}", logits.size(-1), o.weight.shape().str());
}

// Sums over the classes of -p w log(q), where p may hide an infinite logarithm.
Tensor soft_terms(const Tensor& log_q, const Tensor& p, const Tensor& weight) {
  const Tensor terms = engine::masked(p, log_q);
  return -sum(weight.defined() ? engine::masked(terms, weight) : terms, -1);
}

Tensor soft_cross_entropy(const Tensor& logits, const Tensor& targets, const CrossEntropyOptions& o) {
  engine::check_same_dtype("cross_entropy", logits, targets);
  const double each = o.label_smoothing / static_cast<double>(logits.size(-1));
  const Tensor p = o.label_smoothing == 0.0 ? targets : (1.0 - o.label_smoothing) * targets + each;
  return detail::reduced("cross_entropy", soft_terms(log_softmax(logits, -1), p, o.weight), o.reduction);
}

// Smoothing mixes the label's term with the mean of all classes' terms.
Tensor mixed_cross_entropy(const Tensor& logits, const Tensor& labels, const CrossEntropyOptions& o) {
  const Tensor log_q = log_softmax(logits, -1);
  Tensor terms = picked("cross_entropy", log_q, labels), own;
  if (o.weight.defined()) {
    own = index_select(o.weight, 0, labels.flatten()).reshape(labels.shape());
    terms = engine::masked(terms, own);
  }
  if (o.label_smoothing > 0.0) {
    const double each = o.label_smoothing / static_cast<double>(logits.size(-1));
    const Tensor weight = o.weight.defined() ? o.weight : ones({logits.size(-1)}, logits.dtype());
    terms = (1.0 - o.label_smoothing) * terms + each * soft_terms(log_q, weight, Tensor());
  }
  if (o.reduction == Reduction::Mean && own.defined()) return sum(terms) / sum(own);
  return detail::reduced("cross_entropy", terms, o.reduction);
}

}  // namespace

Tensor cross_entropy(const Tensor& logits, const Tensor& labels, const CrossEntropyOptions& options) {
  const Shape rows = rows_of("cross_entropy", logits);
  check(logits, options);
  if (labels.shape() == logits.shape()) return soft_cross_entropy(logits, labels, options);
  const Tensor own = labels_of_rows("cross_entropy", labels, rows);
  if (!is_plain(options)) return mixed_cross_entropy(logits, own, options);
  const auto share = detail::share_of("cross_entropy", options.reduction, rows.numel());
  return loss(logits, engine::positions("cross_entropy", own, logits.size(-1)), share);
}

Tensor cross_entropy(const Tensor& logits, const Tensor& labels, Reduction reduction) {
  return cross_entropy(logits, labels, CrossEntropyOptions{.reduction = reduction});
}

Tensor cross_entropy(const Tensor& logits, std::span<const std::int64_t> labels, const CrossEntropyOptions& options) {
  check_labels("cross_entropy", labels, logits);
  const std::int64_t rows = logits.shape().without(-1).numel();
  if (!is_plain(options) || std::ssize(labels) != rows)
    return cross_entropy(logits, in_tensor(labels, logits), options);
  return loss(logits, engine::positions(labels), detail::share_of("cross_entropy", options.reduction, rows));
}

Tensor cross_entropy(const Tensor& logits, std::span<const std::int64_t> labels, Reduction reduction) {
  return cross_entropy(logits, labels, CrossEntropyOptions{.reduction = reduction});
}

Tensor nll_loss(const Tensor& log_probabilities, const Tensor& labels, Reduction reduction) {
  const Tensor own = labels_of_rows("nll_loss", labels, rows_of("nll_loss", log_probabilities));
  return detail::reduced("nll_loss", picked("nll_loss", log_probabilities, own), reduction);
}

Tensor nll_loss(const Tensor& log_probabilities, std::span<const std::int64_t> labels, Reduction reduction) {
  check_labels("nll_loss", labels, log_probabilities);
  return nll_loss(log_probabilities, in_tensor(labels, log_probabilities), reduction);
}

}  // namespace sigmagrad
