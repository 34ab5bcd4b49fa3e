// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>

#include <sigmagrad/autograd/graph/derivatives.hpp>

namespace sigmagrad {

struct HessianExtremesOptions {
  int steps = 100;          // Hessian-vector products at most
  double tolerance = 1e-8;  // of both eigenvalues, relative to the larger of their sizes
  std::uint64_t seed = 0;   // of the start vector
};

struct HessianExtremes {
  double smallest, largest;
  int iterations;
  double error;  // an eigenvalue of the Hessian is at most this far from each; above tolerance where the steps ran out
};

/// The ends of the Hessian's spectrum by the Lanczos process with full reorthogonalisation from a random vector: exact
/// once the iterations are as many as there are distinct eigenvalues. `steps` vectors of all parameters are kept.
HessianExtremes hessian_extremes(const HessianOperator& hessian, const HessianExtremesOptions& options = {});

/// Takes f as `hessian` does: a function of the inputs, or one without an argument that reads them where they are, as
/// in `hessian_extremes([&] { return loss_of(model); }, model.parameters())`.
template <class F, engine::TensorForm Inputs>
HessianExtremes hessian_extremes(const F& f, const Inputs& inputs, const HessianExtremesOptions& options = {}) {
  using In = engine::FormOf<Inputs>;
  return hessian_extremes(
      engine::hessian_operator("hessian_extremes", engine::callable<In>(f), engine::as_list(inputs), {}), options);
}
template <class F, std::size_t N>
HessianExtremes hessian_extremes(const F& f, const Tensor (&inputs)[N], const HessianExtremesOptions& options = {}) {
  return hessian_extremes(f, std::to_array(inputs), options);
}

}  // namespace sigmagrad
