// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include <sigmagrad/linalg/inspect.hpp>

namespace sigmagrad::inspection {

/// What the singular values of noise would be, of a matrix's shape and size, after Marchenko and Pastur.
class Noise {
 public:
  explicit Noise(const MatrixSummary& matrix);
  /// Not for a matrix of zeros or the spectrum of a convolution.
  bool exists() const { return edge_ > 0.0; }
  /// The first `count` values that are expected, descending: quantiles.
  std::vector<double> values(std::size_t count) const;
  /// The density of the squares, at points between its ends, none below `least`.
  std::pair<std::vector<double>, std::vector<double>> density_of_squares(double least) const;

 private:
  std::vector<double> points() const;  // between the ends, closer to each other there
  double density(double s) const;

  double sigma_, edge_, lower_;
  std::int64_t rows_, columns_;
};

}  // namespace sigmagrad::inspection
