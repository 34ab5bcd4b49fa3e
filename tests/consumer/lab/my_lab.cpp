// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/lab.hpp>
#include <sigmagrad/sigmagrad.hpp>

namespace sg = sigmagrad;
namespace lab = sigmagrad::lab;

// What can be varied: typed objects, used to declare, to read and to select.
const lab::Int depth{.name = "depth", .help = "number of factors", .quick = {2, 3}, .paper = {2, 3, 4}, .minimum = 1};
const lab::Real scale{.name = "scale", .help = "standard deviation of the start", .quick = {0.1, 0.01}};
const lab::Text optimizer{.name = "optimizer", .help = "how it is trained", .quick = {"sgd", "adam"}};
// What is measured.
const lab::Quantity rank{.name = "effective_rank", .label = "effective rank of the product"};
const lab::Curve loss{.name = "loss", .label = "loss", .over = "step"};

void trial(lab::Trial& t) {
  auto generator = t.generator();
  std::vector<sg::Tensor> w;
  for (int l = 0; l < t[depth]; ++l) w.push_back((t[scale] * sg::randn({6, 6}, *generator)).requires_grad_());
  const auto target = sg::eye(6);
  auto product = [&] {
    auto p = w[0];
    for (std::size_t l = 1; l < w.size(); ++l) p = sg::matmul(w[l], p);
    return p;
  };
  auto train = [&](auto& o) {
    for (int step = 0; step <= 200; ++step) {
      const auto value = sg::square(product() - target).sum();
      if (step % 20 == 0) t.record(loss, step, value.item());
      o.zero_grad();
      value.backward();
      o.step();
    }
  };
  if (t[optimizer] == "sgd") {
    sg::optim::SGD o(w, {.lr = 0.05});
    train(o);
  } else {
    sg::optim::Adam o(w, {.lr = 0.01});
    train(o);
  }
  t.record(rank, sg::linalg::effective_rank(product()).item());
}

const lab::Register mine{
    {.id = "mine/depth",
     .title = "Depth and rank",
     .question = "Does depth lower the rank that training finds?",
     .parameters = {depth, scale, optimizer},
     .trials = {.quick = 8, .paper = 100},
     .trial = trial,
     .figures = {lab::figure("rank", "Effective rank at the end, by depth.")
                     .panel("Rank", lab::plot(depth, rank).medians().by(scale)),
                 lab::figure("loss", "Loss during training.")
                     .panel("Loss", lab::plot(loss).by(optimizer).log_y())
                     .each(depth)},
     .claims = {{.claim = "Deeper products have lower rank",
                 .source = "a conjecture",
                 .holds = lab::decreases(lab::median(rank).at(optimizer == "sgd" && scale == 0.01), depth),
                 .why = "Medians over the trials."}}}};

int main(int argc, char** argv) { return lab::main(argc, argv); }
