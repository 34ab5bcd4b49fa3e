// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/nn/linear.hpp>

#include <utility>

#include <sigmagrad/autograd/operations/elementwise.hpp>
#include <sigmagrad/autograd/operations/matmul.hpp>
#include <sigmagrad/autograd/tensor/fail.hpp>
#include <sigmagrad/nn/detail/uniform.hpp>

namespace sigmagrad::nn {

Linear::Linear(std::int64_t in, std::int64_t out, Options options) {
  if (in < 0 || out < 0) engine::fail("Linear: sizes must be >= 0 (got {} and {})", in, out);
  weight = register_parameter("weight", detail::uniform_start({out, in}, in, options.dtype));
  if (options.bias) bias = register_parameter("bias", detail::uniform_start({out}, in, options.dtype));
}

Linear::Linear(const Tensor& given_weight, const Tensor& given_bias) {
  const Shape& shape = given_weight.shape();
  if (shape.rank() < 2) engine::fail("Linear: the weight must be [..., out, in], got {}", shape.str());
  if (given_bias.defined() && given_bias.shape() != shape.without(-1))
    engine::fail("Linear: the bias must be {}, got {}", shape.without(-1).str(), given_bias.shape().str());
  if (given_bias.defined() && given_bias.dtype() != given_weight.dtype())
    engine::fail("Linear: the weight is {}, the bias {}", name_of(given_weight.dtype()), name_of(given_bias.dtype()));
  weight = register_parameter("weight", given_weight);
  if (given_bias.defined()) bias = register_parameter("bias", given_bias);
}

Tensor Linear::operator()(const Tensor& x) const {
  const bool many = weight.dim() > 2;
  if (x.dim() == 0 || x.size(-1) != weight.size(-1))
    engine::fail("Linear: the last axis of the input must be {}, got {}", weight.size(-1), x.shape().str());
  if (many && x.dim() == 1)
    engine::fail("Linear: the input of many models must be [..., batch, {}], got {}", x.size(0), x.shape().str());
  Tensor y = matmul(x, weight.t());
  if (bias.defined()) y = many ? y + bias.unsqueeze(-2) : y + bias;
  return hooked(x, std::move(y));
}

}  // namespace sigmagrad::nn
