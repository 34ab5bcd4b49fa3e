// SPDX-License-Identifier: BSD-3-Clause
// A comparison of a user's own optimiser with the library's, on a user's own model.
#include <sigmagrad/lab.hpp>
#include <sigmagrad/sigmagrad.hpp>

namespace sg = sigmagrad;
namespace lab = sigmagrad::lab;

struct SignSGD : sg::optim::Optimizer {
  struct Options {
    double lr = 1e-3;
  };
  SignSGD(std::vector<sg::Tensor> params, Options options) : Optimizer(std::move(params), options.lr) {}

 protected:
  void update(sg::Tensor& p, const sg::Tensor& grad, State&, const Group& group) override {
    p.sub_(group.lr() * sg::sign(grad));
  }
};

const lab::Problem digits{
    .name = "mine-mlp",
    .make =
        [](lab::Trial& t) {  // data, model and loss of one trial
          auto g = t.generator();
          auto x = sg::randn({512, 8}, *g), y = sg::matmul(x, sg::randn({8, 4}, *g));
          auto net = sg::nn::Sequential{sg::nn::Linear(8, 32), sg::nn::ReLU(), sg::nn::Linear(32, 4)};
          return lab::Training{.parameters = net.parameters(),
                               .loss = [=] { return sg::mse_loss(net(x), y); },
                               .evaluate = [=] { return sg::mse_loss(net(x), y).item(); }};
        },
    .steps = {.quick = 300, .paper = 2000},
    .target = 0.05};
const lab::Register comparison{lab::compare(
    "mine/optimizers", {digits},
    {lab::sgd(), lab::sgd({.momentum = 0.9}), lab::adam(), lab::muon(), lab::shampoo(),
     lab::optimizer(
         "sign", [](auto params, double lr) { return std::make_unique<SignSGD>(params, SignSGD::Options{.lr = lr}); },
         {1e-4, 1e-3, 1e-2})})};

int main(int argc, char** argv) { return lab::main(argc, argv); }
