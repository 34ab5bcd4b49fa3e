// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/optim/group.hpp>

#include <algorithm>

#include <sigmagrad/autograd/capture/capturing.hpp>
#include <sigmagrad/autograd/graph/grad_mode.hpp>
#include <sigmagrad/autograd/operations/elementwise.hpp>
#include <sigmagrad/autograd/tensor/fail.hpp>
#include <sigmagrad/optim/detail/model_rates.hpp>
#include <sigmagrad/optim/detail/models.hpp>

namespace sigmagrad::optim {
namespace {

double checked(double lr) {
  if (!(lr >= 0.0)) engine::fail("optimizer: lr must be >= 0 (got {})", lr);
  return lr;
}

void check_models(const Tensor& scale, const Tensor& parameter) {
  if (parameter.dim() == 0 || parameter.size(0) != scale.numel())
    engine::fail("optimizer: lr_scale has {} entries, expected one for each model of a parameter {}", scale.numel(),
                 parameter.shape().str());
}

Tensor checked(const Tensor& scale, const std::vector<Tensor>& params) {
  if (!scale.defined()) return {};
  if (scale.dim() != 1) engine::fail("optimizer: lr_scale must be a vector (got {})", scale.shape().str());
  const NoGrad guard;
  Tensor result = scale.to(f64).clone();
  for (const double entry : result.data<double>())
    if (!(entry >= 0.0)) engine::fail("optimizer: lr_scale must be >= 0 (got an entry of {})", entry);
  for (const auto& parameter : params) check_models(result, parameter);
  return result;
}

}  // namespace

Group::Group(GroupOptions options, std::size_t number)
    : params_(std::move(options.params)),
      lr_(std::make_unique<double>(checked(options.lr.value()))),
      lr_scale_(checked(options.lr_scale, params_)),
      number_(number) {}

void Group::set_lr(double lr) {
  engine::refuse_in_capture("set_lr", "set it between the calls");
  *lr_ = checked(lr);
}

LearningRate::operator Scalar() const {
  if (scaled() && updating_)
    engine::fail(
        "optimizer: lr_scale gives each model a rate of its own: multiply tensors by group.lr(), one at a time");
  return lr_;
}

Tensor operator*(const LearningRate& rate, const Tensor& x) {
  if (!rate.scaled()) return rate.lr_ * x;
  check_models(*rate.scale_, x);
  return along_models(rate.lr_ * *rate.scale_, x) * x;
}

void check_matrices_of_models(const char* optimizer, const Tensor& lr_scale, const std::vector<Tensor>& params) {
  for (const auto& parameter : params)
    if (lr_scale.defined() && parameter.dim() < 3)
      engine::fail("{}: lr_scale needs parameters of many models, [models, rows, columns] (got {})", optimizer,
                   parameter.shape().str());
}

}  // namespace sigmagrad::optim
