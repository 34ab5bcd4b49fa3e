// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include <sigmagrad/autograd/capture/capture.hpp>

namespace sigmagrad::optim::detail {

using Vector = std::vector<double>;

/// The Euclidean norm, also where the squares overflow or underflow.
double norm(const double* x, std::size_t n);
bool all_finite(const double* x, std::size_t n);
double largest_size(const double* x, std::size_t n);

/// A body that is captured at its first call and replayed; one that cannot be captured runs at every call.
class Replayed {
 public:
  explicit Replayed(CapturedStep::Body body) : body_(body), step_(std::move(body)) {}
  /// What the body returns; the memory is used again at the next call.
  const std::vector<Tensor>& operator()();

 private:
  bool replay();

  CapturedStep::Body body_;
  CapturedStep step_;
  bool eager_ = false;
  std::vector<Tensor> outputs_;
};

/// The loss as a function of a flat state: trials() rows of size() entries, a row the parameters of one trial.
class FlowSystem {
 public:
  /// Runs the loss once. Throws Error for parameters and losses that do not fit.
  FlowSystem(std::function<Tensor()> loss, std::vector<Tensor> parameters, std::function<Tensor()> max_step);

  std::size_t trials() const { return trials_; }
  std::size_t size() const { return size_; }
  const Shape& shape() const { return shape_; }
  std::int64_t evaluations() const { return evaluations_; }

  Vector state() const;
  /// Into the parameters: every row, or one.
  void write(const Vector& state) const;
  void write_row(std::size_t trial, const double* row) const;

  /// -gradient and loss of every trial. A row of `state` that is not finite has NaN, and `accepted` stands in for it:
  /// operations that refuse such entries would end all trials.
  void evaluate(const Vector& state, const Vector& accepted, Vector& velocity, Vector& loss);
  /// [T, n, n], of each trial.
  void hessian(const Vector& state, Vector& result);
  /// The largest stable step of each trial, as max_step gives it, or estimated. `round` counts the calls: estimates
  /// from Hessian-vector products are refreshed at some of them.
  void largest_steps(std::int64_t round, const Vector& state, Vector& steps);

 private:
  struct Part {
    Tensor parameter;
    std::size_t offset, length;  // within a row
  };

  void check_parameters() const;
  void adopt_shape(const Shape& loss);
  Tensor checked_loss() const;
  std::vector<Tensor> gradients(const Tensor& loss, bool create_graph) const;
  std::vector<Tensor> hessian_columns() const;
  std::vector<Tensor> products() const;
  void start_power_steps();
  void power_step(Vector* steps);
  void gather(const Tensor& from, const Part& part, double factor, Vector& rows) const;

  std::function<Tensor()> loss_, max_step_;
  std::vector<Tensor> parameters_;
  std::vector<Part> parts_;
  Shape shape_;
  std::size_t trials_ = 1, size_ = 0;
  std::int64_t evaluations_ = 0;
  std::optional<Replayed> loss_and_gradients_, user_steps_, hessian_, products_;
  std::vector<Tensor> units_, directions_;
  Vector start_, product_, direction_;
};

}  // namespace sigmagrad::optim::detail
