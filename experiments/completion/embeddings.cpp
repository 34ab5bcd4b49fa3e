// SPDX-License-Identifier: BSD-3-Clause
// Do deeper networks have embeddings and layers of lower rank?
#include <algorithm>
#include <cmath>
#include <string>

#include <sigmagrad/experiments/completion/flow_runs.hpp>
#include <sigmagrad/sigmagrad.hpp>

namespace sigmagrad::experiments::completion {
namespace {

const Text activation{.name = "activation", .help = "between the layers", .quick = {"linear", "relu"}};
const Int layers{.name = "depth", .help = "hidden layers", .quick = {1, 2, 4}, .paper = {1, 2, 4, 8}, .minimum = 1};
const Int width{.name = "width", .help = "units of a layer, and inputs", .quick = {32}, .paper = {48}, .minimum = 2};
const Int rank{.name = "rank", .help = "of the linear teacher", .quick = {4, 32}, .paper = {4, 48}, .minimum = 1};
const Int points{.name = "points", .help = "examples", .quick = {64}, .paper = {96}, .minimum = 2};
const Real weight_decay{
    .name = "weight_decay", .help = "times the weights, beside the gradient", .quick = {0.0, 1e-3}, .minimum = 0};
const Int steps{.name = "steps", .help = "of Adam at 1e-3", .quick = {600}, .paper = {1000}, .minimum = 1};

const Quantity start_rank{.name = "start_rank", .label = "embeddings' effective rank at the start"};
const Quantity end_rank{.name = "end_rank", .label = "embeddings' effective rank after training"};
const Quantity layer_rank{.name = "layer_rank", .label = "stable rank of a hidden layer after training"};
const Quantity last_loss{.name = "loss", .label = "mean squared error"};

class Network : public nn::Module {
 public:
  Network(std::int64_t size, std::int64_t hidden, bool rectified, Generator& g) : rectified_(rectified) {
    const double std = std::sqrt((rectified ? 2.0 : 1.0) / static_cast<double>(size));
    for (std::int64_t l = 0; l <= hidden; ++l)
      weights_.push_back(register_parameter("w" + std::to_string(l + 1), std * randn({size, size}, g)));
  }

  // What the last layer sees.
  Tensor embed(Tensor x) const {
    for (std::size_t l = 0; l + 1 < weights_.size(); ++l) {
      x = matmul(x, weights_[l].t());
      if (rectified_) x = relu(x);
    }
    return x;
  }
  Tensor operator()(const Tensor& x) const { return matmul(embed(x), weights_.back().t()); }

  double stable_rank() const {
    double sum = 0.0;
    for (std::size_t l = 0; l + 1 < weights_.size(); ++l) sum += linalg::stable_rank(weights_[l].detach()).item();
    return sum / static_cast<double>(weights_.size() - 1);
  }

 private:
  std::vector<Tensor> weights_;
  bool rectified_;
};

// The effective rank of the kernel of the embeddings' inner products.
double rank_of_embeddings(const Network& network, const Tensor& x) {
  const NoGrad guard;
  const auto embedded = network.embed(x);
  return linalg::effective_rank(matmul(embedded, embedded.t())).item();
}

void trial(Trial& t) {
  const auto g = t.generator();
  const std::int64_t n = t[width];
  const auto x = randn({t[points], n}, *g);
  const auto U = randn({n, t[rank]}, *g), V = randn({n, t[rank]}, *g);
  const auto target = matmul(U, V.t()) / std::sqrt(static_cast<double>(n * t[rank]));
  const auto y = matmul(x, target.t());
  const Network network(n, t[layers], t[activation] == "relu", *g);
  t.record(start_rank, rank_of_embeddings(network, x));
  optim::Adam optimizer(network.parameters(), {.lr = 1e-3});
  auto step = capture([&] {
    auto loss = mse_loss(network(x), y);
    if (t[weight_decay] > 0.0)
      for (const auto& weight : network.parameters()) loss = loss + 0.5 * t[weight_decay] * square(weight).sum();
    optimizer.zero_grad();
    loss.backward();
    optimizer.step();
  });
  for (std::int64_t k = 0; k < t[steps]; ++k) step();
  t.record(end_rank, rank_of_embeddings(network, x));
  t.record(layer_rank, network.stable_rank());
  const NoGrad guard;
  t.record(last_loss, mse_loss(network(x), y).item());
}

const Selection plain = weight_decay == 0.0, decayed = weight_decay > 0.0;

const Register embeddings{
    {.id = "completion/embeddings",
     .title = "Embeddings by depth",
     .question = "Do deeper networks have embeddings and layers of lower rank?",
     .observe =
         "Embeddings of random networks lose rank with every layer, linear and ReLU alike, and those of trained ones "
         "mostly keep the order. Weight decay lowers the layers' rank if the teacher has rank four, not if its rank is "
         "full.",
     .source = "paper 002, appendix A.1, after Huh et al. 2021 and Timor et al. 2023",
     .parameters = {activation, layers, weight_decay, width, rank, points, steps},
     .trials = {.quick = 3, .paper = 10},
     .seconds = {.quick = 1, .paper = 24},
     .trial = trial,
     .figures =
         {figure("",
                 "Square networks on a linear teacher: effective rank of the kernel of what the last layer sees, "
                 "at the start and after training, and stable rank of the hidden layers.")
              .panel_each(
                  activation,
                  {plot(layers, start_rank).at(plain).called("start").y_label("effective rank of the embeddings"),
                   plot(layers, end_rank).by(weight_decay).log_x()})
              .panel_each(activation, {plot(layers, layer_rank).by(weight_decay).log_x()})
              .each(rank)},
     .claims = {
         {.claim = "Deeper random networks, linear and nonlinear, have embeddings of lower effective rank",
          .says = "lower effective-rank embeddings",
          .holds = decreases(median(start_rank).at(plain), layers),
          .why = "At the start, where nothing has been learned."},
         {.claim = "Deeper networks find solutions with embeddings of lower effective rank",
          .says = "tend to find",
          .holds = decreases(median(end_rank).at(plain), layers),
          .why = "After training without weight decay: both activations, teachers of rank four and of full rank."},
         {.claim = "ReLU networks of small norm have layers of low rank",
          .source = "paper 002, appendix A.1, after Timor et al. 2023",
          .says = "a bias toward low-rank solutions",
          .holds = below(median(layer_rank).at(activation == "relu" && decayed),
                         median(layer_rank).at(activation == "relu" && plain)) &&
                   decreases(median(layer_rank).at(activation == "relu" && decayed), layers),
          .in_shape = below(median(layer_rank).at(activation == "relu" && decayed),
                            median(layer_rank).at(activation == "relu" && plain)),
          .why = "With weight decay, which looks for a small norm: lower than without at each depth, and lower the "
                 "deeper; in shape, lower than without."}}}};

}  // namespace
}  // namespace sigmagrad::experiments::completion
