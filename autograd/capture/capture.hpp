// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include <sigmagrad/autograd/tensor/tensor.hpp>

namespace sigmagrad {

namespace engine {
class Replay;
class Trace;
}  // namespace engine

struct CaptureOptions {
  /// The first calls run body and replay side by side, and an Error names the first tensor in which they differ.
  bool verify = false;
  std::optional<int> verified_calls{};  // 3 unless given
};

/// A training step that is captured at its first call and replayed from then on, without building a graph or allocating
/// memory: n calls are n calls of the body, bit for bit, by these rules.
///
/// Replayed: tensor operations of the calling thread, whoever calls them: layers, hooks, `backward`, optimisers, and
///   random tensors, which draw anew. Tensors from outside are read and written where they are, and a rate
///   (`group.lr()`, `Scalar::reference(x)`) is read anew: change them between the calls, a tensor by `copy_`.
/// Constant, as at the captured call: shapes, branches, plain C++ numbers, labels and indices given as numbers. Other
///   code of the body does not run again.
/// Overwritten: what the body returns and the gradients it leaves hold the values of the last call; clone what must
///   survive the next one.
/// Refused, with an Error at the captured call: values read or written on the host (`item`, `data`, `at`, `to_vector`,
///   printing), rates read or set as numbers, generators made or seeded, states saved or loaded, what takes as many
///   steps as values ask for (`gradient_flow`, `LBFGS`). At a later call: another thread, and a tensor that the body
///   used and that nobody else holds any more.
/// Captured anew, by the call that finds it: a gradient that is absent and was there or the reverse, `requires_grad_`,
///   another answer to `is_training()` where the body asked (`train()`, `eval()`), a hook of an optimiser or of a layer
///   that came or went, a write to a tensor whose transpose or reshape from outside the body read.
///
/// What the body uses (tensors, modules, optimisers, generators) must outlive the step.
///
/// `capture(body, {.verify = true})` finds a constant that was meant to change: its first calls (`verified_calls` of
/// them, the captured ones not counted) run the replay, put everything back and run the body, whose results stay, so
/// that tensors, optimisers and generators are as after one run. A number that changes later than that, and a handle
/// that is given another tensor (`x = batch` for `x.copy_(batch)`), may pass. Error if one bit differs, which names the
/// operation, gradient, parameter or output and leaves the state of before the call. Other code of the body runs at
/// these calls.
class CapturedStep {
 public:
  using Body = std::function<std::vector<Tensor>()>;
  explicit CapturedStep(Body body, CaptureOptions options = {});
  CapturedStep(CapturedStep&&) noexcept;
  CapturedStep& operator=(CapturedStep&&) noexcept;
  ~CapturedStep();

  /// Runs the step. Returns `output()`, or an undefined tensor where the body returns nothing.
  Tensor operator()();
  /// What the body returned, as of the last call and without history. Replays fill the same memory.
  Tensor output(std::size_t i = 0) const;
  std::vector<Tensor> outputs() const { return outputs_; }
  /// Number of kernels that a replay runs; 0 before the first call.
  std::size_t kernels() const;

 private:
  void capture_body(const engine::Trace* verified);
  void verify();

  Body body_;
  int unverified_ = 0;  // calls that are yet to be verified
  std::unique_ptr<engine::Replay> replay_;
  std::vector<Tensor> outputs_;
};

/// Runs nothing yet. The body returns nothing, a Tensor or a vector of them.
template <class Body>
CapturedStep capture(Body body, CaptureOptions options = {}) {
  return CapturedStep(
      [body = std::move(body)]() mutable -> std::vector<Tensor> {
        if constexpr (std::is_void_v<decltype(body())>) {
          body();
          return {};
        } else if constexpr (std::is_convertible_v<decltype(body()), Tensor>) {
          return {body()};
        } else {
          return body();
        }
      },
      options);
}

}  // namespace sigmagrad
