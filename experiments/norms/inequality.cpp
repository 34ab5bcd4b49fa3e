// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/experiments/norms/inequality.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

namespace sigmagrad::experiments::norms {
namespace {

constexpr std::int64_t cases_of_a_shape = 36, starts = 6, ascent_steps = 300;
// Claims of other files ask for them before the constants of this file are there.
const Sizes& shapes_of(const Inequality& row) {
  static const Sizes usual{{1, 1}, {2, 2}, {1, 6}, {6, 1}, {3, 5}, {5, 3}, {8, 8}, {16, 10}, {10, 16}};
  static const Sizes square{{1, 1}, {2, 2}, {3, 3}, {5, 5}, {8, 8}, {14, 14}};
  if (!row.shapes.empty()) return row.shapes;
  return row.square ? square : usual;
}

double constant_of(const Inequality& row, std::int64_t m, std::int64_t n) {
  return row.constant ? row.constant(static_cast<double>(m), static_cast<double>(n)) : 1.0;
}

Shape shape_beside(const Inequality& row, std::int64_t m, std::int64_t n) {
  if (row.beside == Beside::Factor) return {n, m};
  if (row.beside == Beside::Vector) return {n, 1};
  return {m, n};
}

// The largest over several norms, where the row speaks of them together.
Tensor largest_of_norms(const Tensor& all) { return all.dim() == 2 ? max(all, 0) : all; }
Tensor ratio(const Inequality& row, const Case& c) { return largest_of_norms(row.left(c) / row.right(c)); }

// Both sides of every case, and left / right, which is 0 where both are: the largest ratio if there are several norms.
struct Sides {
  std::vector<double> ratios, right;
  std::vector<double> empty;  // 1 where both sides are 0 in every norm
};

Sides sides_of(const Inequality& row, const Case& c) {
  const auto left = row.left(c), right = row.right(c);
  const auto empty = (left == 0.0) * (right == 0.0);
  const auto in_all = empty.dim() == 2 ? min(empty, 0) : empty;
  return {.ratios = largest_of_norms(where(empty, 0.0, left / right)).to_vector(),
          .right = largest_of_norms(right).to_vector(),
          .empty = in_all.to_vector()};
}

struct Tally {
  double largest = 0.0;
  std::int64_t violations = 0, matrices = 0, left_out = 0;

  // A matrix of one row or column is tight wherever the rank counts: it may violate a row, and is no tightest case.
  void see(const Inequality& row, const Case& c, double constant) {
    const bool thin = !row.equality && std::min(c.A.size(-2), c.A.size(-1)) < 2;
    const auto sides = sides_of(row, c);
    for (std::size_t i = 0; i < sides.ratios.size(); ++i) {
      if (sides.empty[i] != 0.0 || sides.right[i] > row.beyond) {
        ++left_out;
        continue;
      }
      const double ratio = sides.ratios[i] / constant, size = row.equality ? std::abs(ratio - 1.0) : ratio;
      if (!thin && !std::isnan(size)) largest = std::max(largest, size);
      violations += !(size <= (row.equality ? row.rounding : 1.0 + row.rounding));
      ++matrices;
    }
  }
};

Tally sample(const Inequality& row, Generator& generator) {
  const NoGrad guard;
  Tally tally;
  for (const auto& [m, n] : shapes_of(row)) {
    Case c{random_matrices(cases_of_a_shape, m, n, generator, row.deficient), {}};
    if (row.beside != Beside::Nothing) {
      const auto shape = shape_beside(row, m, n);
      const auto order = randperm(cases_of_a_shape, generator);  // any kind beside any other
      c.B = random_matrices(cases_of_a_shape, shape[0], shape[1], generator).index_select(0, order);
    }
    tally.see(row, c, constant_of(row, m, n));
  }
  return tally;
}

struct Ascent {
  double ratio = 0.0;
  Tensor A = {};
};

// Adam on left / right, from several Gaussian starts at once; its rate falls by a factor of 1000, for the largest
// ratios are at kinks.
Ascent ascend(const Inequality& row, Generator& generator) {
  Case c{randn({starts, row.rows, row.columns}, generator).requires_grad_(), {}};
  std::vector<Tensor> varied{c.A};
  if (row.beside != Beside::Nothing) {
    const auto shape = shape_beside(row, row.rows, row.columns);
    c.B = randn({starts, shape[0], shape[1]}, generator).requires_grad_();
    varied.push_back(c.B);
  }
  optim::Adam optimizer(varied, {.lr = 0.1, .betas = {0.8, 0.95}});
  optim::ExponentialLR schedule(optimizer, {.gamma = std::pow(1e-3, 1.0 / static_cast<double>(ascent_steps))});
  auto step = capture([&] {
    const auto now = ratio(row, c);
    const auto loss = -now.sum();
    optimizer.zero_grad();
    loss.backward();
    optimizer.step();
    return now;
  });
  double best = std::numeric_limits<double>::quiet_NaN();  // which stays if no step gives a number
  for (std::int64_t k = 0; k < ascent_steps; ++k) {
    step();
    schedule.step();
    best = std::fmax(best, max(step.output()).item());
  }
  const NoGrad guard;
  const auto last = ratio(row, c);
  return {std::fmax(best, max(last).item()), c.A.detach().select(0, static_cast<std::int64_t>(argmax(last).item()))};
}

Statistic total(const Quantity& quantity) {
  return of_trials(quantity.text(), [quantity](const Sample& trials) {
    double sum = 0.0;
    for (const double value : trials.values(quantity)) sum += value;
    return sum;
  });
}

// 1 if every matrix that was meant was compared or is out of range, and a fourth of them at least were compared.
Condition all_compared(const Inequality& row, const Selection& where) {
  const auto meant = static_cast<double>(cases_of_a_shape * static_cast<std::int64_t>(shapes_of(row).size()));
  return of_trials("part of the matrices within the row's range that was compared", [meant](const Sample& trials) {
           const auto compared = trials.values(matrices), out = trials.values(left_out);
           double least = std::numeric_limits<double>::infinity();
           for (std::size_t i = 0; i < compared.size(); ++i)
             least = std::min(least, compared[i] / std::max(meant - out[i], meant / 4.0));
           return least;
         }).at(where) >= 1.0;
}

Condition none_violated(const Inequality& row, const Selection& where) {
  return total(violations).at(where) <= 0.0 && all_compared(row, where);
}

Claim equality_claim(const Inequality& row, const Selection& where) {
  return {.claim = row.claim,
          .source = row.source,
          .says = "exact",
          .holds = largest(deviation).at(where) <= row.rounding && none_violated(row, where),
          .why = Why("Of {:.0f} random matrices the worst counts" + (row.tight.empty() ? "." : "; " + row.tight + "."),
                     {total(matrices).at(where)})};
}

Claim sampled_claim(const Inequality& row, const Selection& where) {
  return {.claim = row.claim,
          .source = row.source,
          .says = "a bound",
          .holds = none_violated(row, where),
          .why = {"Of {:.0f} random matrices the tightest has {:.5g} of the bound.",
                  {total(matrices).at(where), largest(sampled).at(where)}}};
}

}  // namespace

void check(Trial& t, const Inequality& row) {
  const auto generator = t.generator();
  auto tally = sample(row, *generator);
  t.record(matrices, static_cast<double>(tally.matrices));
  t.record(left_out, static_cast<double>(tally.left_out));
  if (row.equality) {
    t.record(deviation, tally.largest);
    t.record(violations, static_cast<double>(tally.violations));
    return;
  }
  if (!row.sought) {
    t.record(sampled, tally.largest);
    t.record(violations, static_cast<double>(tally.violations));
    return;
  }
  const double constant = constant_of(row, row.rows, row.columns);
  const auto ascent = ascend(row, *generator);
  const double reached = ascent.ratio / constant;
  tally.violations += reached > 1.0 + row.rounding;
  t.record(sampled, tally.largest);
  t.record(found, reached);
  t.record(constant_found, ascent.ratio);
  t.record(least_constant, constant);
  t.record(violations, static_cast<double>(tally.violations));
  if (t.index() != 0) return;
  const auto entries = (ascent.A / max(abs(ascent.A))).to_vector();
  for (std::size_t i = 0; i < entries.size(); ++i) t.record(extremal, static_cast<double>(i), entries[i]);
}

Claim claim_of(const Inequality& row, const Selection& where) {
  if (row.equality) return equality_claim(row, where);
  if (!row.sought) return sampled_claim(row, where);
  const auto none = none_violated(row, where);
  const auto reached = largest(found).called("part of the constant that ascent reaches").at(where);
  return {
      .claim = row.claim,
      .source = row.source,
      .says = row.reached > 0.0 ? "the least constant" : "a bound",
      .holds = row.reached > 0.0 ? none && reached > row.reached : none,
      .in_shape = none,
      .why = Why("Of {:.0f} random matrices the tightest has {:.5g} of the bound, the one that ascent finds ({} x " +
                     fmt::format("{}", row.columns) + ") {:.5g}" +
                     (row.tight.empty() ? "." : "; equal where " + row.tight + "."),
                 {total(matrices).at(where), largest(sampled).at(where), Statistic(static_cast<double>(row.rows)),
                  largest(found).at(where)})};
}

std::vector<Panel> reached_panels(const std::vector<Inequality>& rows,
                                  const std::function<const Group*(const Inequality&)>& group) {
  constexpr std::size_t side_by_side = 12;
  constexpr double rounding = 1e-16;
  std::vector<Panel> all;
  for (const Inequality& row : rows) {
    const Group* trials = row.equality || !row.sought ? nullptr : group(row);
    if (!trials) continue;
    if (all.empty() || all.back().categories.size() == side_by_side)
      all.push_back({.title = "How far the constant is",
                     .y_label = "1 - left / (constant right)",
                     .log_y = true,
                     .series = {{.label = "random matrices", .kind = Kind::Points},
                                {.label = "gradient ascent", .kind = Kind::Points}}});
    Panel& panel = all.back();
    const auto x = static_cast<double>(panel.categories.size());
    panel.categories.push_back(row.name);
    for (std::size_t i = 0; i < 2; ++i) {
      panel.series[i].x.push_back(x);
      panel.series[i].y.push_back(std::max(1.0 - trials->statistics(i == 0 ? sampled : found).max, rounding));
    }
  }
  if (all.size() > 1)
    for (Panel& panel : all)
      panel.title += fmt::format(", {} to {}", panel.categories.front(), panel.categories.back());
  return all;
}

}  // namespace sigmagrad::experiments::norms
