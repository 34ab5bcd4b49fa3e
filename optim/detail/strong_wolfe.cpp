// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/optim/detail/strong_wolfe.hpp>

#include <algorithm>
#include <array>
#include <cmath>

namespace sigmagrad::optim {
namespace {

constexpr double decrease = 1e-4, flatness = 0.9;
constexpr double margin = 0.1;  // of a bracket, at its ends

// The minimum of the cubic through both points, kept within the bounds; their middle where it has none.
double cubic_minimum(const LinePoint& a, const LinePoint& b, double lowest, double highest) {
  const auto& [left, right] = std::minmax(a, b, [](const LinePoint& p, const LinePoint& q) { return p.t < q.t; });
  const double mean = left.slope + right.slope - 3.0 * (left.loss - right.loss) / (left.t - right.t);
  const double square = mean * mean - left.slope * right.slope;
  const double root = std::sqrt(square);
  const double t =
      right.t - (right.t - left.t) * ((right.slope + root - mean) / (right.slope - left.slope + 2.0 * root));
  return square >= 0.0 && std::isfinite(t) ? std::clamp(t, lowest, highest) : (lowest + highest) / 2.0;
}

class Search {
 public:
  explicit Search(const LineSearch& given) : given_(given), start_(given.start) {}

  // Goes on from the start until the last two points have a minimum between them.
  LinePoint run() {
    LinePoint previous = start_, now = given_.evaluate(given_.first_t);
    for (; iteration_ < given_.iterations; ++iteration_) {
      const bool rises = too_high(now) || (iteration_ > 1 && now.loss >= previous.loss);
      if (!rises && flat(now)) return now;
      if (rises || now.slope >= 0.0) return cut({previous, now});
      const double t = cubic_minimum(previous, now, now.t + 0.01 * (now.t - previous.t), 10.0 * now.t);
      previous = std::move(now);
      now = given_.evaluate(t);
    }
    return start_.loss <= now.loss ? start_ : now;
  }

 private:
  bool too_high(const LinePoint& p) const { return p.loss > start_.loss + decrease * p.t * start_.slope; }
  bool flat(const LinePoint& p) const { return std::abs(p.slope) <= -flatness * start_.slope; }

  // Makes the bracket smaller, whose lower end stays below the start.
  LinePoint cut(std::array<LinePoint, 2> ends) {
    const auto lower = [&] { return ends[0].loss <= ends[1].loss ? std::size_t{0} : std::size_t{1}; };
    std::size_t low = lower();
    for (; iteration_ < given_.iterations; ++iteration_) {
      if (std::abs(ends[1].t - ends[0].t) * given_.longest < given_.tolerance) break;
      LinePoint now = given_.evaluate(next_between(ends[0], ends[1]));
      LinePoint& high_end = ends[1 - low];
      if (too_high(now) || now.loss >= ends[low].loss) {
        high_end = std::move(now);
        low = lower();
        continue;
      }
      if (flat(now)) return now;
      if (now.slope * (high_end.t - ends[low].t) >= 0.0) high_end = ends[low];
      ends[low] = std::move(now);
    }
    return ends[low];
  }

  // Twice in a row near an end, or once at it, is too little progress.
  double next_between(const LinePoint& a, const LinePoint& b) {
    const double left = std::min(a.t, b.t), right = std::max(a.t, b.t), away = margin * (right - left);
    const double t = cubic_minimum(a, b, left, right);
    const bool near_end = std::min(right - t, t - left) < away;
    const bool stuck = near_end && (was_near_end_ || t >= right || t <= left);
    was_near_end_ = near_end && !stuck;
    if (!stuck) return t;
    return std::abs(t - right) < std::abs(t - left) ? right - away : left + away;
  }

  const LineSearch& given_;
  const LinePoint& start_;
  int iteration_ = 0;
  bool was_near_end_ = false;
};

}  // namespace

LinePoint strong_wolfe(const LineSearch& search) { return Search(search).run(); }

}  // namespace sigmagrad::optim
