// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sigmagrad/autograd/graph/detail/paths.hpp>
#include <sigmagrad/autograd/graph/detail/reused.hpp>

namespace sigmagrad::engine {

/// v -> the gradients of <v, output> by each input, for any number of v: the paths to the inputs are found once.
/// It holds references to both, and the graph must be retained for further calls.
class PullBack {
 public:
  /// Throws Error where an input does not require grad, or, unless `allow_unused`, where `output` does not depend on
  /// it.
  PullBack(const Tensor& output, const std::vector<Tensor>& inputs, bool allow_unused);
  ~PullBack();
  PullBack(const PullBack&) = delete;
  PullBack& operator=(const PullBack&) = delete;

  /// Undefined where the output does not depend on an input.
  std::vector<Tensor> operator()(Tensor v, bool create_graph, bool retain_graph) const;

 private:
  const Tensor& output_;
  const std::vector<Tensor>& inputs_;
  Reused<Paths> paths_;
};

}  // namespace sigmagrad::engine
