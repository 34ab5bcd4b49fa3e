// SPDX-License-Identifier: BSD-3-Clause
#include <bit>
#include <cmath>

#include <sigmagrad/autograd/kernels/access.hpp>
#include <sigmagrad/autograd/kernels/launch.hpp>
#include <sigmagrad/autograd/memory/scratch.hpp>
#include <sigmagrad/autograd/random/drawing.hpp>
#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/autograd/tensor/fail.hpp>

namespace sigmagrad {

using namespace engine;

namespace {

// The weights as the leaves of a binary tree whose nodes hold the sums below them. A sum is computed anew where a leaf
// becomes 0, so that it is 0 exactly if nothing is left.
class WeightTree {
 public:
  explicit WeightTree(std::int64_t count)
      : first_leaf_(static_cast<std::int64_t>(std::bit_ceil(static_cast<std::uint64_t>(count)))),
        sums_(2 * first_leaf_) {}

  template <class T>
  void fill(const T* weights, std::int64_t count, std::int64_t least) {
    std::int64_t positive = 0;
    for (std::int64_t i = 0; i < first_leaf_; ++i) {
      const double weight = i < count ? static_cast<double>(weights[i]) : 0.0;
      if (!(weight >= 0.0 && std::isfinite(weight)))
        fail("multinomial: weights must be finite and >= 0 (got {})", weight);
      positive += weight > 0.0 ? 1 : 0;
      sums_[first_leaf_ + i] = weight;
    }
    if (positive < least) fail("multinomial: needs {} positive weights in a row, got {}", least, positive);
    for (std::int64_t node = first_leaf_ - 1; node > 0; --node) add_up(node);
    if (!std::isfinite(total())) fail("multinomial: the sum of the weights must be finite");
  }

  // The leaf at which a running sum passes `share` of the total; never one of weight 0.
  std::int64_t at(double share) const {
    double rest = share * total();
    std::int64_t node = 1;
    while (node < first_leaf_) {
      const double left = sums_[2 * node];
      const bool right = sums_[2 * node + 1] > 0.0 && !(rest < left);
      if (right) rest -= left;
      node = 2 * node + (right ? 1 : 0);
    }
    return node - first_leaf_;
  }

  void remove(std::int64_t leaf) {
    std::int64_t node = first_leaf_ + leaf;
    sums_[node] = 0.0;
    while (node /= 2) add_up(node);
  }

 private:
  double total() const { return sums_[1]; }
  void add_up(std::int64_t node) { sums_[node] = sums_[2 * node] + sums_[2 * node + 1]; }

  std::int64_t first_leaf_;
  Scratch<double> sums_;
};

}  // namespace

Tensor multinomial(const Tensor& probabilities, std::int64_t n, bool replacement) {
  return multinomial(probabilities, n, replacement, default_generator());
}

Tensor multinomial(const Tensor& probabilities, std::int64_t n, bool replacement, Generator& generator) {
  if (probabilities.dim() == 0) fail("multinomial: needs weights along the last axis, got {}", Shape{}.str());
  if (n < 0) fail("multinomial: n must be >= 0 (got {})", n);
  const std::int64_t count = probabilities.size(-1);
  const std::int64_t least = n == 0 ? 0 : replacement ? 1 : n;
  if (least > count) fail("multinomial: needs {} positive weights in a row, got {}", least, count);
  const Shape rows = probabilities.shape().head(probabilities.dim() - 1);
  Tensor out = make_tensor(rows.inserted(-1, n), f64);
  if (out.numel() == 0) return out;
  replay_changes(generator);
  dispatch(probabilities.dtype(), [&]<class T>(T) {
    launch([to = fresh<double>(out), from = read<T>(probabilities), rows = rows.numel(), count, n, least, replacement,
            &generator] {
      WeightTree tree(count);
      for (std::int64_t row = 0; row < rows; ++row) tree.fill(from + row * count, count, least);  // draws nothing yet
      generator.uniform(std::span<double>(to, static_cast<std::size_t>(rows * n)));
      for (std::int64_t row = 0; row < rows; ++row) {
        tree.fill(from + row * count, count, least);
        for (std::int64_t i = row * n; i < (row + 1) * n; ++i) {
          const std::int64_t drawn = tree.at(to[i]);
          if (!replacement) tree.remove(drawn);
          to[i] = static_cast<double>(drawn);
        }
      }
    });
  });
  return out;
}

}  // namespace sigmagrad
