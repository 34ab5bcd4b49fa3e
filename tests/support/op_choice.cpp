// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <cstring>
#include <limits>

#include <gtest/gtest.h>

#include <sigmagrad/autograd/graph/backward.hpp>
#include <sigmagrad/autograd/operations/elementwise.hpp>
#include <sigmagrad/autograd/operations/reductions.hpp>
#include <sigmagrad/tests/support/op_evaluation.hpp>

// The question about entries that an operation does not look at.
namespace sigmagrad::testing {
namespace {

bool same_bits(double a, double b) { return std::memcmp(&a, &b, sizeof a) == 0; }

// What entry `e` of an input does not move keeps its bits with a poison there.
void expect_untouched(const OpCase& row, const Tensors& inputs, const Influence& of, std::size_t e, double poison) {
  Tensors poisoned = inputs;
  poisoned[of.input] = with_entry(inputs[of.input], static_cast<std::int64_t>(e), poison);
  const std::string context = "with " + std::to_string(poison) + " at entry " + std::to_string(e) + " of input " +
                              std::to_string(of.input) + " of " + describe(row, inputs);
  if (error_of([&] { extreme_f(row)(poisoned); }) != "no error") return;  // the edges say which Error
  const auto clean = evaluate(row, inputs), dirty = evaluate(row, poisoned);
  for (std::size_t o = 0; o < clean.value.values.size(); ++o)
    EXPECT_TRUE(of.moves[e][o] || same_bits(clean.value.values[o], dirty.value.values[o]))
        << "value " << o << " is " << dirty.value.values[o] << " instead of " << clean.value.values[o] << ' '
        << context;
  if (of.any(e)) return;
  for (std::size_t k = 0; k < clean.first.size(); ++k) {
    expect_equal(dirty.first[k], clean.first[k], {0.0, inputs[0].dtype()}, "gradient " + context);
    if (clean.second.empty()) continue;
    expect_equal(dirty.second[k], clean.second[k], {0.0, inputs[0].dtype()}, "second gradient " + context);
  }
}

// The gradient 1 / (2 sqrt(0)) arrives at every entry of the result.
void expect_no_gradient(const OpCase& row, const Tensors& inputs, const std::vector<Influence>& influences) {
  if (!row.differentiable) return;
  Tensors all = inputs, leaves;
  for (const auto i : moving_inputs(row, inputs)) leaves.push_back(all[i] = inputs[i].clone().requires_grad_());
  const Tensor value = extreme_f(row)(all);
  Tensors gradients;
  if (error_of([&] { gradients = grad(sqrt(value - value.detach()).sum(), leaves, {.allow_unused = true}); }) !=
      "no error")
    return;  // solvers refuse infinities
  for (std::size_t k = 0; k < leaves.size(); ++k) {
    if (!gradients[k].defined()) continue;
    const Array gradient(gradients[k]);
    for (std::size_t e = 0; e < gradient.values.size(); ++e)
      EXPECT_TRUE(influences[k].any(e) || gradient.values[e] == 0.0)
          << gradient.values[e] << " where an infinite gradient arrives, entry " << e << " of input "
          << influences[k].input << " of " << describe(row, inputs);
  }
}

}  // namespace

namespace {

void expect_kind(const OpCase& row, const Tensors& inputs, const std::vector<Influence>& influences) {
  if (row.extremes.choice.kind == Choice::Kind::TakesAll &&
      inputs[0].numel() > 1) {  // a softmax of one entry is constant
    for (const auto& of : influences)
      for (std::size_t e = 0; e < of.moves.size(); ++e)
        ASSERT_TRUE(of.any(e)) << "entry " << e << " of input " << of.input
                               << " does not count, though all are said to: " << describe(row, inputs);
  }
  if (row.extremes.choice.kind == Choice::Kind::Constant) {
    for (const auto& gradient : evaluate(row, inputs).first)
      expect_equal(gradient, filled(gradient.shape, 0.0), {0.0, f64}, describe(row, inputs));
  }
  if (row.extremes.choice.kind == Choice::Kind::Chooses) expect_no_gradient(row, inputs, influences);
}

}  // namespace

void check_choice(const OpCase& row) {
  const Choice& choice = row.extremes.choice;
  bool left_out = false;
  for (const Dtype dtype : {f64, f32})
    for (const auto& shapes : shapes_with_entries(row)) {
      const Tensors inputs = ordinary_inputs(row, shapes, dtype);
      const auto influences = influence(row, inputs);
      expect_kind(row, inputs, influences);
      if (inputs[0].numel() == 1 && choice.kind == Choice::Kind::TakesAll) continue;
      for (const auto& of : influences)
        for (std::size_t e = 0; e < of.moves.size(); ++e) {
          left_out = left_out || (!of.any(e) && inputs[0].numel() > 1);
          for (const double poison : choice.poisons) expect_untouched(row, inputs, of, e, poison);
        }
    }
  EXPECT_TRUE(left_out || choice.kind != Choice::Kind::Chooses) << "every entry counts: " << row.name;
}

}  // namespace sigmagrad::testing
