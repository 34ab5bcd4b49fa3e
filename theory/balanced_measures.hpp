// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>

#include <sigmagrad/autograd/tensor/tensor.hpp>

// What paper 004 measures of a two-layer linear network x -> W2 W1 x. All take batch axes, [...], and no gradients
// flow. Inputs X [P, n_i] and outputs Y [P, n_o] have a sample a row, as everywhere in the library.
namespace sigmagrad::theory {

/// The lambda for which W2' W2 - W1 W1' is nearest to lambda I, tr / n_h, and the Frobenius distance that is left.
/// [...]
struct Balancedness {
  Tensor lambda, distance;
};
Balancedness balancedness(const Tensor& W1, const Tensor& W2);

/// W1' W1 [..., n_i, n_i] and W2 W2' [..., n_o, n_o]: how the network represents inputs and outputs.
struct Representations {
  Tensor input, output;
};
Representations representations(const Tensor& W1, const Tensor& W2);
/// What they converge to for a target of full rank (section 4.1): per mode (h - lambda)/2 and (h + lambda)/2, h =
/// sqrt(lambda^2 + 4 s^2), of the n_h strongest, and |lambda| in the directions that the target leaves free on the side
/// that is strong. Error where these depend on the start: n_h lies between min(n_i, n_o) and that side's size, lambda
/// is not 0; and where no such weights exist (`lambda_balanced`).
Representations converged_representations(const Tensor& Sigma, double lambda, std::int64_t n_h);

/// The neural tangent kernel I (x) X W1' W1 X' + W2 W2' (x) X X' of those representations for inputs X [P, n_i]; output
/// o of sample p has the index o * P + p, as in `sigmagrad::ntk`: [..., n_o P, n_o P].
Tensor tangent_kernel(const Tensor& input, const Tensor& output, const Tensor& X);
/// Representational similarity X W1' W1 X' and Y (W2 W2')^+ Y': [..., P, P]. Equal at convergence where W2 has full
/// column rank.
Tensor input_similarity(const Tensor& input, const Tensor& X);
Tensor output_similarity(const Tensor& output, const Tensor& Y);

/// <A, B> / (||A||_F ||B||_F) of matrices, [...], and the distance 1 - that, by which kernels are compared.
Tensor cosine_similarity(const Tensor& A, const Tensor& B);
Tensor kernel_distance(const Tensor& A, const Tensor& B);

/// How specific the representations are to the task Sigma = U diag(s) V' (section 4.4): the larger of the cosines of
/// W1' W1 with V diag(s) V' and with V diag(s^2) V', and of W2 W2' with U diag(s) U' and U diag(s^2) U'. [...]
struct TaskSpecificScore {
  Tensor input, output;
};
TaskSpecificScore task_specific_score(const Representations& representations, const Tensor& Sigma);

/// 1/2 ||product - Sigma||_F^2, a task's loss but for a constant: [...].
Tensor task_loss(const Tensor& product, const Tensor& Sigma);
/// By how much the loss of task i grows while the flow goes from the minimum of task j to that of k (section 4.5):
/// [...].
Tensor forgetting(const Tensor& Sigma_i, const Tensor& Sigma_j, const Tensor& Sigma_k);
/// tau times the rate of change of task i's loss while the network with Q Q' [..., N, N] is trained on `trained`
/// [..., n_o, n_i] (equation 4.42): [...].
Tensor forgetting_rate(const Tensor& qqt, const Tensor& trained, const Tensor& Sigma_i);

}  // namespace sigmagrad::theory
