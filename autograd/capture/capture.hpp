// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <functional>
#include <memory>
#include <type_traits>
#include <utility>
#include <vector>

#include <sigmagrad/autograd/tensor/tensor.hpp>

namespace sigmagrad {

namespace engine {
class Replay;
}

/// A training step that is captured at its first call and replayed from then on, without building a graph or allocating
/// memory: n calls are n calls of the body, bit for bit.
///
/// Only tensor operations of the calling thread are replayed; other code of the body runs at the captured call alone.
/// Tensors from outside are read and written where they are: give them new values with `copy_`. Tensors that the body
/// makes and that are kept (its results, gradients) have the values of the last call; clone what must survive the next
/// call. Error, at the first call, where the body reads values on the host (`item`, `data`), and later where a tensor
/// that it used is gone or the thread is another. Where replaying would not do what the body does (a gradient absent
/// that was there, a parameter frozen), the call captures the body anew. What the body uses (tensors, optimiser,
/// generators) must outlive the step.
class CapturedStep {
 public:
  using Body = std::function<std::vector<Tensor>()>;
  explicit CapturedStep(Body body);
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
  void capture_body();

  Body body_;
  std::unique_ptr<engine::Replay> replay_;
  std::vector<Tensor> outputs_;
};

/// Runs nothing yet. The body returns nothing, a Tensor or a vector of them.
template <class Body>
CapturedStep capture(Body body) {
  return CapturedStep([body = std::move(body)]() mutable -> std::vector<Tensor> {
    if constexpr (std::is_void_v<decltype(body())>) {
      body();
      return {};
    } else if constexpr (std::is_convertible_v<decltype(body()), Tensor>) {
      return {body()};
    } else {
      return body();
    }
  });
}

}  // namespace sigmagrad
