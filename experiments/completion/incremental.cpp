// SPDX-License-Identifier: BSD-3-Clause
// Are singular values learned one after the other where every entry is shown?
#include <algorithm>
#include <cmath>

#include <sigmagrad/experiments/completion/flow_runs.hpp>
#include <sigmagrad/sigmagrad.hpp>

namespace sigmagrad::experiments::completion {
namespace {

constexpr double learned = 0.9;  // of a singular value
const std::vector<double> values{1.0, 0.8, 0.6};

const Quantity overlap{.name = "overlap", .label = "share of \u03c3\u2082 that is there when \u03c3\u2081 is learned"};
const Quantity overlap_in_theory{.name = "overlap_in_theory", .label = "the same, modes apart"};
const Curve first{.name = "first", .label = "\u03c3\u2081", .over = "share of the time"};
const Curve second{.name = "second", .label = "\u03c3\u2082", .over = "share of the time"};
const Curve third{.name = "third", .label = "\u03c3\u2083", .over = "share of the time"};

// When s' = L s^(2-2/L) (goal - s) comes from `start` to `end`: Simpson's rule in log s.
double time_of_mode(double depth_of, double goal, double start, double end) {
  constexpr int intervals = 2000;
  const double low = std::log(start), step = (std::log(end) - low) / intervals;
  double sum = 0.0;
  for (int i = 0; i <= intervals; ++i) {
    const double s = std::exp(low + step * i);
    const double weight = i == 0 || i == intervals ? 1.0 : i % 2 == 1 ? 4.0 : 2.0;
    sum += weight * s / (depth_of * std::pow(s, 2.0 - 2.0 / depth_of) * (goal - s));
  }
  return sum * step / 3.0;
}

// Where the second mode is when the first is learned, by bisection.
double second_in_theory(double depth_of, double start) {
  const double time = time_of_mode(depth_of, values[0], start, learned * values[0]);
  double low = start, high = values[1] * (1.0 - 1e-12);
  for (int i = 0; i < 100; ++i) {
    const double middle = std::sqrt(low * high);
    (time_of_mode(depth_of, values[1], start, middle) < time ? low : high) = middle;
  }
  return low / values[1];
}

// From alpha I towards U diag(1, 0.8, 0.6) U', all of it shown.
void trial(Trial& t) {
  const auto U = linalg::qr(randn({3, 3}, *t.generator())).Q;
  const Completion task{matmul(U * tensor(values), U.t()), full({3, 3}, 1.0)};
  const StartSize size{3, t[depth], t[scale]};
  const Factorization model(std::vector<Tensor>(static_cast<std::size_t>(size.depth), size.alpha() * eye(3)));
  const auto L = static_cast<double>(size.depth);
  const double end = time_of_mode(L, values[2], t[scale], learned * values[2]);
  const double of_first = time_of_mode(L, values[0], t[scale], learned * values[0]);
  std::vector<double> times;
  for (int k = 1; k < 60; ++k) times.push_back(end * k / 60.0);
  times.push_back(of_first);
  std::ranges::sort(times);
  const auto look = [&](double time, std::int64_t) {
    const NoGrad guard;
    const auto sigma = linalg::svdvals(model.product());
    const auto s = sigma.data<double>();
    if (time == of_first) return t.record(overlap, s[1] / values[1]);
    t.record(first, time / end, s[0]);
    t.record(second, time / end, s[1]);
    t.record(third, time / end, s[2]);
  };
  follow_flow(model, task, {.t_end = end, .rtol = 1e-9, .at = times, .callback = look});
  t.record(overlap_in_theory, second_in_theory(L, t[scale]));
}

const Statistic share = median(overlap);

const Register incremental{
    {.id = "completion/incremental",
     .title = "One singular value after the other",
     .question = "Are singular values learned one after the other where every entry is shown?",
     .observe = "From small starts, and the deeper the less small they need be: of a second singular value of 0.8, "
                "0.04 is there when "
                "the first is learned at depth 4 from a scale of 1e-3, 0.65 at depth 2.",
     .source = "paper 002, appendix A.1, after Gissin et al. 2020 and Li et al. 2021",
     .parameters = {depth.with({2, 3, 4}, {2, 3, 4, 6}), scale.with({1e-1, 1e-2, 1e-3, 1e-4, 1e-6})},
     .trials = {.quick = 3, .paper = 10},
     .seconds = {.quick = 1, .paper = 2},
     .trial = trial,
     .figures = {figure(
                     "",
                     "A 3 x 3 matrix with singular values 1, 0.8 and 0.6, all entries shown, from a small multiple of "
                     "the identity: how much of the second singular value is there when the first is learned to "
                     "0.9.")
                     .panel("Overlap of the first two", plot(scale, overlap)
                                                            .by(depth)
                                                            .points()
                                                            .theory("each mode alone", median(overlap_in_theory))
                                                            .log_log()),
                 figure("modes", "Singular values on the way, by the share of the time until the third is learned.")
                     .at(scale == 1e-3)
                     .panel_each(depth, {plot({first, second, third}).y_label("singular value")})},
     .claims = {
         {.claim = "Incremental learning emerges with depth",
          .says = "emerges",
          .holds = decreases(share.at(scale == 1e-3), depth) && decreases(share.at(scale == 1e-2), depth),
          .why = "At scales of 1e-2 and 1e-3: the deeper, the less of the second singular value is there when the "
                 "first is "
                 "learned."},
         {.claim = "The dependence on the start's scale becomes weaker with depth",
          .says = "weaker",
          .holds = share.at(depth == 4 && scale == 1e-2) < 0.5 && share.at(depth == 2 && scale == 1e-2) > 0.5 &&
                   share.at(depth == 4 && scale == 1e-3) < share.at(depth == 2 && scale == 1e-6),
          .in_shape = share.at(depth == 4 && scale == 1e-3) < share.at(depth == 2 && scale == 1e-4),
          .why = "A start need not be as small: at depth 4 a scale of 1e-3 separates the modes more than 1e-6 does "
                 "at depth 2."},
         {.claim = "The modes follow one equation each",
          .source = "closed form",
          .says = "s' = L s^(2-2/L) (s* - s)",
          .holds = near(share, median(overlap_in_theory), 1e-3),
          .why = "From alpha I the product keeps the target's singular vectors."}}}};

}  // namespace
}  // namespace sigmagrad::experiments::completion
