// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <vector>

#include <sigmagrad/linalg/detail/jets.hpp>

namespace sigmagrad::linalg::detail {

/// What the zeros of a matrix A say of exp(t A). Entry i, j of a power of A sums over paths from i to j through entries
/// that are not zero, so without a path exp(t A) is zero there; where i is on no cycle, the entry i, i is exp(t a_ii);
/// and where the only path is one entry, a divided difference of exp. In a triangular matrix that is the diagonal and
/// the one beside it (Al-Mohy and Higham 2009, code fragment 2.1).
class ZeroPattern {
 public:
  /// False where every entry has a path to every other: there is nothing to know.
  bool find(const double* a, std::int64_t n);

  /// From the matrix's own order to one in which A is lower triangular, but for blocks on its diagonal, and back; back
  /// writes the zeros of exp(t A) if `zeros`.
  void sort(double* x, Matrix& scratch) const;
  void restore(double* x, bool zeros, Matrix& scratch) const;

  /// Keeps what `correct` needs of the sorted matrix.
  void keep(const double* sorted);

  /// Those entries of exp(2^-halvings A) that are known.
  void correct(double* x, int halvings) const;

 private:
  struct Diagonal {
    std::int64_t at;
    double value;
  };
  struct Beside {
    std::int64_t at;
    double value;
    Diagonal from, to;
  };

  bool reaches_all(const double* a, std::int64_t row, std::int64_t col);
  void connect(const double* a);
  bool connected(std::int64_t i, std::int64_t j) const { return connected_[static_cast<std::size_t>(i * n_ + j)]; }
  bool on_cycle(std::int64_t i) const;
  bool is_only_path(std::int64_t i, std::int64_t j) const;

  std::int64_t n_ = 0;
  std::vector<unsigned char> open_, connected_;  // a path from i to j, or i = j
  std::vector<std::int64_t> order_, count_, first_;
  std::vector<Diagonal> diagonal_;
  std::vector<Beside> beside_;
};

}  // namespace sigmagrad::linalg::detail
