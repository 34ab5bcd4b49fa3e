// SPDX-License-Identifier: BSD-3-Clause
// Is an optimiser of one's own any good? Each candidate is tuned on some seeds and compared with the others on new
// ones; `compare_optimizers run mine/optimizers --out runs/mine` writes the report (docs/compare.md).
#include <sigmagrad/lab.hpp>
#include <sigmagrad/sigmagrad.hpp>

namespace sg = sigmagrad;
namespace lab = sigmagrad::lab;

struct SignSGD : sg::optim::Optimizer {
  SignSGD(std::vector<sg::Tensor> params, double lr) : Optimizer(std::move(params), lr) {}

 protected:
  void update(sg::Tensor& p, const sg::Tensor& grad, State&, const Group& group) override {
    p.sub_(group.lr() * sg::sign(grad));
  }
};

const lab::Problem mlp{
    .name = "mlp",
    .make =
        [](lab::Trial& t) {  // data, model and loss of one trial
          auto g = t.generator();
          auto x = sg::randn({256, 8}, *g), y = sg::sin(sg::matmul(x, sg::randn({8, 2}, *g)));
          auto net = sg::nn::Sequential{sg::nn::Linear(8, 16), sg::nn::Tanh(), sg::nn::Linear(16, 2)};
          auto error = [=](std::int64_t first) {
            return sg::mse_loss(net(x.narrow(0, first, 128)), y.narrow(0, first, 128));
          };
          return lab::Training{.parameters = net.parameters(),
                               .loss = [=] { return error(0); },
                               .evaluate = [=] { return error(128).item(); },
                               .captured = true};
        },
    .steps = {.quick = 200, .paper = 2000},
    .target = 0.4};

std::unique_ptr<sg::optim::Optimizer> sign(const std::vector<sg::Tensor>& params, double lr) {
  return std::make_unique<SignSGD>(params, lr);
}

const lab::Register comparison{
    lab::compare("mine/optimizers", {mlp},
                 {lab::sgd(), lab::sgd({.momentum = 0.9}), lab::adam(), lab::muon(), lab::adam().at_default(),
                  lab::optimizer("sign", sign, {1e-4, 1e-3, 1e-2})})};

int main(int argc, char** argv) { return lab::main(argc, argv); }
