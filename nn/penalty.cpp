// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/nn/penalty.hpp>

#include <array>
#include <limits>
#include <optional>
#include <string_view>

#include <sigmagrad/autograd/graph/backward.hpp>
#include <sigmagrad/autograd/graph/make_node.hpp>
#include <sigmagrad/autograd/operations/elementwise.hpp>
#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/autograd/tensor/fail.hpp>
#include <sigmagrad/linalg/norms.hpp>

namespace sigmagrad::nn {

namespace {

// Whether text fits a pattern of '*' and '?'.
bool fits(std::string_view pattern, std::string_view text) {
  if (pattern.empty()) return text.empty();
  if (pattern.front() != '*')
    return !text.empty() && (pattern.front() == '?' || pattern.front() == text.front()) &&
           fits(pattern.substr(1), text.substr(1));
  for (std::size_t skipped = 0; skipped <= text.size(); ++skipped)
    if (fits(pattern.substr(1), text.substr(skipped))) return true;
  return false;
}

void check_patterns(const std::vector<std::string>& patterns, const NamedTensors& weights) {
  for (const auto& pattern : patterns) {
    std::string names;
    bool found = false;
    for (const auto& [name, w] : weights) {
      names += (names.empty() ? "\"" : ", \"") + name + "\"";
      found = found || fits(pattern, name);
    }
    if (!found)
      engine::fail("Penalty: \"{}\" fits no weight of the model, which has {}", pattern,
                   names.empty() ? "none" : names);
  }
}

}  // namespace

Penalty::Penalty(Value value, Prox prox) : prox_(std::move(prox)) {
  if (!value) engine::fail("Penalty: needs a function of a weight, got none");
  terms_ = [value = std::move(value)](const Weight& w) {
    Tensor terms = value(w.value);
    return terms.dim() == 0 ? terms : terms.sum();
  };
}

Tensor Penalty::operator()(const Tensor& w) const { return terms_({w}); }

Tensor Penalty::operator()(const Module& model) const {
  const NamedTensors weights = model.named_matrices();
  check_patterns(patterns_, weights);
  Tensor total;
  for (const auto& [name, w] : weights) {
    const Tensor value = terms_({w, &name});
    if (value.defined()) total = total.defined() ? total + value : value;
  }
  if (total.defined()) return total;
  const auto parameters = model.parameters();
  return zeros({}, parameters.empty() ? f64 : parameters.front().dtype());
}

Penalty Penalty::on(const std::string& pattern) const {
  auto patterns = patterns_;
  patterns.push_back(pattern);
  const auto there = [terms = terms_, pattern](const Weight& w) {
    return w.name && !fits(pattern, *w.name) ? Tensor() : terms(w);
  };
  return Penalty(there, prox_, std::move(patterns));
}

Tensor Penalty::prox(const Tensor& w, Scalar tau) const {
  if (!prox_) engine::fail("Penalty: has no prox: it is a sum, or a function given without one");
  if (!(tau.now() >= 0.0)) engine::fail("Penalty: prox needs tau >= 0 (got {})", tau.now());
  return prox_(w, full({}, tau, w.dtype()));
}

Penalty operator+(const Penalty& a, const Penalty& b) {
  auto patterns = a.patterns_;
  patterns.insert(patterns.end(), b.patterns_.begin(), b.patterns_.end());
  const auto sum = [a = a.terms_, b = b.terms_](const Penalty::Weight& w) {
    const Tensor first = a(w), second = b(w);
    return first.defined() && second.defined() ? first + second : first.defined() ? first : second;
  };
  return Penalty(sum, {}, std::move(patterns));
}

// scale(x, number) of the value and of tau.
template <class Scale>
Penalty Penalty::scaled(Scalar number, Scale scale) const {
  Prox prox;
  if (prox_)
    prox = [number, scale, prox = prox_](const Tensor& w, const Tensor& tau) {
      if (!(number.now() >= 0.0)) engine::fail("Penalty: prox needs a factor >= 0 (got {})", number.now());
      return prox(w, scale(tau, number));
    };
  const auto terms = [number, scale, terms = terms_](const Weight& w) {
    const Tensor value = terms(w);
    return value.defined() ? scale(value, number) : value;
  };
  return Penalty(terms, std::move(prox), patterns_);
}

Penalty operator*(Scalar factor, const Penalty& penalty) {
  return penalty.scaled(factor, [](const Tensor& x, Scalar number) { return number * x; });
}

Penalty operator/(const Penalty& penalty, Scalar divisor) {
  return penalty.scaled(divisor, [](const Tensor& x, Scalar number) { return x / number; });
}

namespace {

struct ValueAndGradient {
  Tensor value, gradient;
};

// The value at w and its gradient there, clipped. Undefined where no term is for w.
ValueAndGradient clipped_gradient(const Penalty::Value& penalty, const Tensor& w, double max_norm, bool create_graph) {
  const GradMode mode(true);
  const Tensor value = penalty(w);
  if (!value.defined()) return {};
  if (!value.requires_grad()) return {value, zeros_like(w)};
  const auto [gradient] = grad(value, {w}, {.create_graph = create_graph, .allow_unused = true});
  if (!gradient.defined()) return {value, zeros_like(w)};
  const GradMode again(create_graph);
  const Tensor norm = clamp(linalg::norm(gradient), max_norm, std::numeric_limits<double>::infinity());
  return {value, gradient * (max_norm / norm).unsqueeze(-1).unsqueeze(-1)};
}

// The penalty of w, whose gradient is clipped.
Tensor with_clipped_gradient(const Penalty::Value& penalty, const Tensor& w, double max_norm) {
  if (w.dim() < 2) engine::fail("clipped: needs a matrix, got {}", w.shape().str());
  if (!grad_enabled() || !w.requires_grad()) return penalty(w);
  const auto result = clipped_gradient(penalty, w.detach().requires_grad_(), max_norm, false);
  if (!result.value.defined()) return Tensor();
  const std::array outputs{result.value.detach(), result.gradient};
  engine::make_node<1>("clipped", {&w}, std::span<const Tensor, 2>(outputs), engine::saves_input | engine::saves_output,
                       [penalty, max_norm](const engine::Saved& saved, const engine::Gradients& gradients) {
                         if (!grad_enabled()) return saved.output(1) * gradients[0];
                         return clipped_gradient(penalty, saved.input(), max_norm, true).gradient * gradients[0];
                       });
  return outputs[0];
}

}  // namespace

Penalty clipped(const Penalty& penalty, double max_norm) {
  if (!(max_norm > 0.0)) engine::fail("clipped: max_norm must be > 0 (got {})", max_norm);
  const auto terms = [terms = penalty.terms_, max_norm](const Penalty::Weight& w) {
    const std::optional<std::string> name = w.name ? std::optional(*w.name) : std::nullopt;  // the gradient comes later
    const auto here = [terms, name](const Tensor& value) { return terms({value, name ? &*name : nullptr}); };
    return with_clipped_gradient(here, w.value, max_norm);
  };
  return Penalty(terms, penalty.prox_, penalty.patterns_);
}

}  // namespace sigmagrad::nn
