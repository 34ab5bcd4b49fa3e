// SPDX-License-Identifier: BSD-3-Clause
// What LBFGS saves and loads.
#include <sigmagrad/autograd/capture/capturing.hpp>
#include <sigmagrad/autograd/operations/shape_ops.hpp>
#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/autograd/tensor/fail.hpp>
#include <sigmagrad/optim/detail/flat.hpp>
#include <sigmagrad/optim/detail/shadows.hpp>
#include <sigmagrad/optim/lbfgs.hpp>

namespace sigmagrad::optim {
namespace {

Tensor number(double value) { return full({}, value); }

std::vector<Tensor> rows(const Tensor& matrix) {
  std::vector<Tensor> result;
  for (std::int64_t i = 0; i < matrix.size(0); ++i) result.push_back(matrix.select(0, i).clone());
  return result;
}

Tensor matrix(const std::vector<Tensor>& rows, const Tensor& like) {
  return rows.empty() ? zeros({0, like.numel()}, like.dtype()) : stack(rows, 0);
}

}  // namespace

NamedTensors LBFGS::state_dict() const {
  engine::refuse_in_capture("state_dict", "take it between the calls");
  const NoGrad guard;
  const Memory& m = memory_;
  NamedTensors result{{"iterations", number(static_cast<double>(m.iterations))},
                      {"evaluations", number(static_cast<double>(m.evaluations))},
                      {"t", number(m.t)},
                      {"diagonal", number(m.diagonal)}};
  if (m.iterations > 0) {
    const auto pairs = static_cast<std::int64_t>(m.curvatures.size());
    result.emplace_back("direction", m.direction.clone());
    result.emplace_back("gradient", m.gradient.clone());
    result.emplace_back("curvatures", tensor(m.curvatures, {pairs}));
    result.emplace_back("changes", matrix(m.changes, m.gradient));
    result.emplace_back("steps", matrix(m.steps, m.gradient));
  }
  result.emplace_back("group.0.lr", number(groups()[0].lr()));
  return result;
}

// Zeros of the names and shapes that a state with so many iterations and pairs has.
NamedTensors LBFGS::expected_state(const NamedTensors& saved) const {
  NamedTensors result;
  for (const char* name : {"iterations", "evaluations", "t", "diagonal", "group.0.lr"})
    result.emplace_back(name, number(0.0));
  if (!saved.contains("iterations") || saved["iterations"].numel() != 1 || whole_number(saved, "iterations") == 0)
    return result;
  std::int64_t pairs = 0;
  if (saved.contains("curvatures")) pairs = saved["curvatures"].numel();
  if (pairs > options_.history_size)
    engine::fail("load_state_dict: \"curvatures\" has {} entries, expected at most history_size = {}", pairs,
                 options_.history_size);
  const Tensor like = flat_values(groups()[0].params());
  for (const char* name : {"direction", "gradient"}) result.emplace_back(name, zeros_like(like));
  result.emplace_back("curvatures", zeros({pairs}));
  for (const char* name : {"changes", "steps"}) result.emplace_back(name, zeros({pairs, like.numel()}, like.dtype()));
  return result;
}

void LBFGS::load_state_dict(const NamedTensors& saved) {
  engine::refuse_in_capture("load_state_dict", "load between the calls");
  const NoGrad guard;
  const NamedTensors own = expected_state(saved);
  copy_values("load_state_dict", own, saved);
  Memory m{.iterations = whole_number(own, "iterations"),
           .evaluations = whole_number(own, "evaluations"),
           .t = own["t"].item(),
           .diagonal = own["diagonal"].item(),
           .direction = {},
           .gradient = {}};
  if (m.iterations > 0) {
    m.direction = own["direction"];
    m.gradient = own["gradient"];
    m.changes = rows(own["changes"]);
    m.steps = rows(own["steps"]);
    m.curvatures = own["curvatures"].to_vector();
  }
  const double lr = own["group.0.lr"].item();
  if (!(lr >= 0.0)) engine::fail("load_state_dict: \"group.0.lr\" must be >= 0 (got {})", lr);
  groups()[0].set_lr(lr);
  memory_ = std::move(m);
}

}  // namespace sigmagrad::optim
