// SPDX-License-Identifier: BSD-3-Clause
// Who gains from axes that the loss is aligned with?
#include <cmath>

#include <sigmagrad/experiments/compare/candidates.hpp>

namespace sigmagrad::experiments::compare {
namespace {

const Real condition{.name = "condition",
                     .help = "condition number of the Hessian",
                     .label = "condition number",
                     .quick = {10, 1e4},
                     .paper = {10, 100, 1000, 1e4},
                     .minimum = 1};
const Flag rotated{.name = "rotated", .help = "its eigenvectors are rotated off the axes", .quick = {false, true}};

constexpr std::int64_t rows = 16, columns = 4;

struct Quadratic {
  Tensor hessian, start;  // [rows, rows], [rows, columns]
};

// tr(X'H X) / 2 with eigenvalues of H from 1 down to 1 / condition, evenly on a logarithmic scale, from a Gaussian
// start at the loss 1: the same in eigenvectors' coordinates whether these are rotated or not.
Quadratic draw(Trial& t) {
  const auto generator = t.generator();
  const auto eigenvalues = logspace(0.0, -std::log10(t[condition]), rows).unsqueeze(1);
  auto start = randn({rows, columns}, *generator);
  start = start / sqrt((eigenvalues * square(start)).sum() / 2.0);
  const auto Q = t[rotated] ? linalg::qr(randn({rows, rows}, *generator)).Q : eye(rows);
  return {matmul(Q, eigenvalues * Q.t()), matmul(Q, start)};
}

Tensor loss_of(const Tensor& H, const Tensor& X) { return (X * matmul(H, X)).sum({-2, -1}) / 2.0; }

Training make(Trial& t) {
  const auto [H, start] = draw(t);
  const auto X = start.clone().requires_grad_();
  return {.parameters = {X}, .loss = [=, H = H] { return loss_of(H, X); }, .captured = true};
}

Trainings make_many(std::span<Trial> trials) {
  std::vector<Tensor> hessians, starts;
  for (Trial& t : trials) {
    const auto [H, start] = draw(t);
    hessians.push_back(H);
    starts.push_back(start);
  }
  const auto H = stack(hessians), X = stack(starts).requires_grad_();
  return {.parameters = {X}, .losses = [=] { return loss_of(H, X); }};
}

const Problem quadratic{.name = "quadratic",
                        .parameters = {condition, rotated},
                        .make = make,
                        .batched = make_many,
                        .steps = {.quick = 300, .paper = 1000},
                        .target = 1e-2};

// In exact arithmetic the curve of a candidate that does not see the axes is the same at every step, at one rate: hence
// the library's, for tuning may choose another where two final losses differ by rounding. A polar factor enlarges
// rounding, by the inverse of the gradient's small singular values, and near the minimum it is one of rounding alone:
// the curve is compared where momentum and statistics have added up some gradients, and rounding has not.
constexpr std::int64_t few = 8;
Condition does_not_see_axes(const std::string& name) {
  return median_change(compared::loss.at(few), rotated == false).at(compared::candidate == name && rotated == true) <
         1e-8;
}

std::vector<std::string> quick_candidates() {
  auto names = quick_optimizers();
  names.insert(names.end(), {"muon (default)", "shampoo (default)"});
  return names;
}

const Register comparison{lab::compare(
    "compare/quadratic", {quadratic}, optimizers(),
    {.title = "Optimisers on an ill-conditioned quadratic",
     .question = "Whose steps depend on whether the axes are the Hessian's eigenvectors?",
     .observe = "With the condition number 1e4 Adam, AdamW and Adagrad end below 1e-13 on the aligned quadratic, SGD "
                "at 1e-3; on the rotated one Adam ends at 8e-5 and Adagrad at 7e-4. SGD, momentum and Shampoo end "
                "alike on both, and Muon starts so.",
     .trials = {.quick = 12, .paper = 20},
     .seconds = {.quick = 4, .paper = 300},
     .claims =
         {{.claim = "Adam's advantage over SGD on an aligned quadratic vanishes when it is rotated",
           .source = "a known property of rates by entry",
           .says = "not invariant to rotations",
           .holds = loss_ratio("adam", "sgd").at(condition == 1e4 && rotated == false) < 1.0 &&
                    loss_ratio("adam", "sgd").at(condition == 1e4 && rotated == true) >= 1.0,
           .in_shape = loss_ratio("adam", "sgd").at(condition == 1e4 && rotated == false) <
                       loss_ratio("adam", "sgd").at(condition == 1e4 && rotated == true),
           .why = "Final losses of the same seeds, each candidate at its own best rate; in shape it says that the "
                  "advantage becomes smaller. 1 is where neither has an advantage."},
          {.claim = "Muon is invariant to rotations",
           .source = "a known property of polar factors",
           .says = "the same curve in exact arithmetic",
           .holds = does_not_see_axes("muon (default)"),
           .why = "The polar factor of Q G is Q times that of G, and so is that of Newton and Schulz. At the "
                  "library's rate, in half of the digits after 8 steps, for both condition numbers; step and "
                  "digits are ours."},
          {.claim = "Shampoo is invariant to rotations",
           .source = "a known property of Kronecker factors",
           .says = "the same curve in exact arithmetic",
           .holds = does_not_see_axes("shampoo (default)"),
           .why = "Its left statistics of Q G are Q L Q'; at the library's rate, in as many digits as for Muon."}},
     .quick = quick_candidates()})};

}  // namespace
}  // namespace sigmagrad::experiments::compare
