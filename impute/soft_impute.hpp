// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <functional>

#include <sigmagrad/impute/prediction.hpp>

namespace sigmagrad::impute {

/// The X of rank at most `rank` that minimises sum over the entries of (x_ij - value)^2 / 2, plus lambda ||X||_nuclear:
/// what soft-impute (Mazumder, Hastie and Tibshirani 2010) finds by repeated singular value thresholding. Here it is
/// found as X = A B' with lambda (||A||^2 + ||B||^2) / 2 in place of the nuclear norm, which has the same minimum
/// (Srebro, Rennie and Jaakkola 2005, lemma 1), by alternating ridge regressions of the rows of A and of B: each needs
/// the observed entries alone. Starts from `factors.B`, leaves the result in `factors`, and ends early with a sweep
/// that changes B by at most `tolerance`, relatively, or after which `go_on` is false.
struct Factors {
  Tensor A, B;  // [rows, rank], [columns, rank]
};
void soft_impute(
    Factors& factors, const Observations& entries, double lambda, int sweeps, double tolerance = 0.0,
    const std::function<bool()>& go_on = [] { return true; });

/// The largest singular value of the matrix that has the entries, and zeros elsewhere: from this lambda on X is zero.
double largest_lambda(const Observations& entries, Generator& generator);

struct SoftImpute {
  Prediction prediction = {};
  double lambda = 0.0, validation_rmse = 0.0;
};

/// Down a path of lambdas, each starting from the last, to the one with the least validation RMSE. With `bias` the
/// residuals of row_and_column_means are completed, without it the values. `go_on` may end it with false.
SoftImpute soft_impute_path(const Observations& training, const Observations& validation, std::int64_t rank, bool bias,
                            Generator& generator, const std::function<bool()>& go_on);

}  // namespace sigmagrad::impute
