// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sigmagrad/autograd/tensor/tensor.hpp>

namespace sigmagrad::linalg {

/// The norm is `value` where `exact`, else between `value` and `upper`; [...] each.
struct InducedNorm {
  Tensor value, upper;
  bool exact;
};

/// max ||w x||_q over ||x||_p = 1 for p, q >= 1, infinity included: [..., m, n].
///
/// Exact are p = 1, the largest q-norm of a column; q = infinity, the largest norm of a row by p's conjugate exponent;
/// p = q = 2; matrices of one row or one column; and, by all signs, p = infinity up to 16 columns and q = 1 up to 16
/// rows. All else is hard (Hendrickx and Olshevsky 2010; Steinberg 2005): `value` is the largest ratio that a nonlinear
/// power iteration finds from several starts (Boyd 1974; Higham 1992), `upper` the least of some bounds: by the rows'
/// norms and by the columns', by ||w||_2 and the ratios of vector norms, and for p <= q by the convexity of the norm's
/// logarithm in 1/p and 1/q between ||w||_2 and one that is exact (Riesz and Thorin).
///
/// The gradient of `value` is that of ||w x||_q / ||x||_p at the x found, which counts as a constant where it is not
/// one of signs; `upper` has none. An infinite or NaN entry makes the result infinite or NaN where it is exact without
/// signs or search and p, q are not both 2; else it is an Error.
InducedNorm induced_norm(const Tensor& w, double p, double q);

}  // namespace sigmagrad::linalg
