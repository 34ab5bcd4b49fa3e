// SPDX-License-Identifier: BSD-3-Clause
// Does the distortion of a deep product's spectrum go on to 32 layers?
#include <algorithm>
#include <cmath>

#include <sigmagrad/experiments/spectral/deep_network.hpp>
#include <sigmagrad/experiments/spectral/regression.hpp>

namespace sigmagrad::experiments::spectral {
namespace {

const Int depth{
    .name = "depth", .help = "layers", .quick = {1, 2, 4, 8, 16}, .paper = {1, 2, 4, 8, 16, 32}, .minimum = 1};
const Int width{.name = "d", .help = "width of every layer", .quick = {4}, .paper = {4, 16}, .minimum = 2};
const Real time{.name = "time",
                .help = "time / 0.1 steps of 0.1 / depth, or less where a start is so unbalanced that they diverge",
                .quick = {100.0},
                .minimum = 1};
constexpr double start_norm = 0.1;  // of the product, where the target has 1
constexpr double step_size = 0.1;   // times depth, which is how curved the loss of balanced layers is at the target

const Quantity log_product{.name = "log_product_cond", .label = "log of the product's condition number"};
const Quantity log_start{.name = "log_start_cond", .label = "log of the condition number at the start"};
const Quantity log_frozen{.name = "log_frozen_cond", .label = "log of s\u2081 learned over s\u2099 of the start"};
const Quantity log_target{.name = "log_target_cond", .label = "log of the target's condition number"};
const Quantity over_frozen{.name = "over_frozen", .label = "log of the condition number less that prediction"};

// ||(W_L ... W_1)^-1||, a product of inverses: of a product whose condition number is beyond the digits of a double,
// the smallest singular value itself is lost.
double inverse_norm(const DeepNetwork& network) {
  Tensor inverse = linalg::inv(network.layers().back().detach());
  for (auto layer = network.layers().rbegin() + 1; layer != network.layers().rend(); ++layer)
    inverse = matmul(linalg::inv(layer->detach()), inverse);
  return linalg::norm(inverse, 2).item();
}
double norm_of(const DeepNetwork& network) { return linalg::norm(network.product(), 2).item(); }
double log_cond_of(const DeepNetwork& network) { return std::log(norm_of(network)) + std::log(inverse_norm(network)); }

// Gaussian layers, all by one factor such that the product has the norm of the start.
DeepNetwork start(std::int64_t d, std::int64_t count, Generator& generator) {
  std::vector<Tensor> layers;
  for (std::int64_t l = 0; l < count; ++l) layers.push_back(gaussian_layer(d, 1.0, generator));
  const double norm = norm_of(DeepNetwork(layers, Activation::Identity));
  const double factor = std::pow(start_norm / norm, 1.0 / static_cast<double>(count));
  for (auto& layer : layers) layer = factor * layer;
  return {layers, Activation::Identity};
}

// How curved the loss is at the target, if all layers grow to it alike: a bound on the largest eigenvalue, the sum over
// layers of what stands on their two sides.
double curvature(const DeepNetwork& network) {
  const auto& layers = network.layers();
  const std::size_t count = layers.size();
  std::vector<double> above(count, 1.0);
  Tensor product = layers.back().detach();
  for (std::size_t l = count - 1; l-- > 0; product = matmul(product, layers[l].detach()))
    above[l] = linalg::norm(product, 2).item();
  double sum = above.front() * above.front();
  product = layers.front().detach();
  for (std::size_t l = 1; l < count; product = matmul(layers[l++].detach(), product)) {
    const double both = above[l] * linalg::norm(product, 2).item();
    sum += both * both;
  }
  return sum * std::pow(start_norm, 2.0 / static_cast<double>(count) - 2.0);
}

void trial(Trial& t) {
  const auto generator = t.generator();
  const auto drawn = heterogeneous_target(t[width], *generator);
  const auto target = drawn / linalg::norm(drawn, 2);
  const auto student = start(t[width], t[depth], *generator);
  const double smallest = inverse_norm(student);
  t.record(log_start, log_cond_of(student));

  const double rate = std::min(step_size / static_cast<double>(t[depth]), 1.0 / curvature(student));
  optim::SGD optimizer(student.parameters(), {.lr = rate});
  train(optimizer, static_cast<std::int64_t>(t[time] / step_size),
        [&] { return loss_on_batch(student, target, *generator); });
  const double log_cond = log_cond_of(student), frozen = std::log(norm_of(student) * smallest);
  t.record(log_product, log_cond);
  t.record(log_frozen, frozen);
  t.record(over_frozen, log_cond - frozen);
  t.record(log_target, linalg::log_cond(target).item());
  t.record(overall_error, relative_errors(student.product(), target).overall);
}

// The derivative of log Gamma, by its recurrence and its asymptotic series.
double digamma(double x) {
  double shift = 0.0;
  for (; x < 10.0; x += 1.0) shift -= 1.0 / x;
  const double square = 1.0 / (x * x);
  return shift + std::log(x) - 0.5 / x - square * (1.0 / 12.0 - square * (1.0 / 120.0 - square / 252.0));
}

// What the log of a Gaussian product's condition number grows by with a layer: the difference of its Lyapunov exponents
// (Newman 1986).
double growth_in_theory(const Params& p) { return 0.5 * (digamma(0.5 * static_cast<double>(p[width])) - digamma(0.5)); }

// What it grows by with a layer between two depths.
Statistic growth(std::int64_t from, std::int64_t to) {
  const auto log_cond = median(log_product);
  return ((log_cond.at(depth == to) - log_cond.at(depth == from)) / static_cast<double>(to - from))
      .called("growth of the median log condition number with a layer, depth " + std::to_string(from) + " to " +
              std::to_string(to));
}

const Selection deep = depth >= 4;

const Register layers{
    {.id = "spectral/layers",
     .title = "Up to 32 layers",
     .question = "Does the distortion of a deep product's spectrum go on to 32 layers?",
     .observe = "Yes: the product keeps the smallest singular value of its start, which shrinks by one factor a layer, "
                "that of the "
                "Lyapunov exponents of Gaussian products. At d = 4 the condition number is some 1e9 times the target's "
                "at depth 16.",
     .source = "paper 001, section 5.1",
     .parameters = {depth, width, time},
     .trials = {.quick = 60, .paper = 150},
     .seconds = {.quick = 1, .paper = 20},
     .trial = trial,
     .figures = {figure("",
                        "Deep linear networks that learned a matrix of norm 1 from products of norm 0.1: medians with "
                        "quartiles. Natural logarithms.")
                     .panel("Condition number",
                            {plot(depth, log_product)
                                 .theory("s\u2081 learned, s\u2099 of the start", median(log_frozen))
                                 .theory("target", median(log_target))})
                     .panel("Overall error", plot(depth, overall_error).log_y())},
     .claims = {
         {.claim = "With 32 layers the spectrum is severely distorted",
          .says = "32 and more layers: severely distorted",
          .holds = increases(median(log_product).at(depth >= 2), depth) &&
                   above(median(log_product).at(depth >= 16) - median(log_target).at(depth >= 16), std::log(1000.0)),
          .why = "Severely, by our measure: a condition number that is 1000 times the target's from 16 layers on."},
         {.claim = "From 4 to 16 layers the growth is exponential in depth",
          .source = "paper 001, sections 4.7 and 5.1",
          .says = "exponential",
          .holds = near(growth(8, 16), growth(4, 8), 0.2),
          .why = {"One factor a layer between 4 and 8 layers and between 8 and 16, to a fifth, which is ours. Theory "
                  "of Gaussian products has {:.2f}.",
                  {expected("", growth_in_theory).at(depth == 16)}}},
         {.claim = "Training leaves the smallest singular value where the start put it",
          .source = "closed form",
          .says = "s\u2081 learned, s\u2099 of the start",
          .holds = within(median(over_frozen).at(deep), -std::log(2.0), std::log(2.0)),
          .why = "To a factor of 2 in the median, from depth 4 on: our measure."},
         {.claim = "It is the start that is distorted: its condition number grows as Lyapunov exponents say",
          .source = "Newman 1986",
          .says = "(\u03c8(d/2) - \u03c8(1/2)) / 2 a layer",
          .holds = near((median(log_start).at(depth == 16) - median(log_start).at(depth == 8)) / 8.0,
                        expected("theory", growth_in_theory).at(depth == 16), 0.2),
          .why = "From 8 to 16 layers, to a fifth, which is ours: the exponents are those of infinitely many."}}}};

}  // namespace
}  // namespace sigmagrad::experiments::spectral
