// SPDX-License-Identifier: BSD-3-Clause
// What can a network that has learned a hierarchy say of a new item or a new property?
#include <algorithm>
#include <cmath>

#include <sigmagrad/experiments/balanced/semantic_task.hpp>

namespace sigmagrad::experiments::balanced {
namespace {

// Rows of the binary task: all, animal, plant, bird, fish, tree, flower, and eight that one item alone has.
constexpr std::int64_t animal = 1, plant = 2, bird = 3, fish = 4, kinds = 4, items = 8;

const Real lambda{.name = "lambda",
                  .help = "of the balanced weights that learn the binary task",
                  .label = "\u03bb",
                  .quick = {-100.0, -10.0, -1.0, 0.0, 1.0, 10.0, 100.0}};
const Real scale{
    .name = "scale", .help = "standard deviation behind the initial product", .quick = {0.1}, .minimum = 1e-9};

const Quantity new_item{.name = "new_item", .label = "new item of a known kind"};
const Quantity new_property{.name = "new_property", .label = "new property of a known item"};
const Quantity fish_is_animal{.name = "fish_is_animal", .label = "a fish is an animal, predicted"};
const Quantity fish_is_plant{.name = "fish_is_plant", .label = "a fish is a plant, predicted"};
const Quantity plant_is_bird{.name = "plant_is_bird", .label = "a plant is a bird, predicted"};

// A new item of which one property is known: gradient descent from 0 on its hidden representation alone gives W2' e_p /
// (W2W2')_pp, and so for each other property what its row of the output representation says. A new property that one
// item is known to have likewise, by the input representation.
double implied(const Tensor& representation, std::int64_t known, std::int64_t asked) {
  const auto row = representation.select(0, known);
  return row.select(0, asked).item() / row.select(0, known).item();
}

// That a bird is an animal, less that it is a plant, a fish, a tree or a flower; and so on.
double of_new_item(const Tensor& output) {
  double sum = 0.0;
  for (std::int64_t kind = 0; kind < kinds; ++kind) {
    const bool is_plant = kind >= kinds / 2;
    double wrong = implied(output, bird + kind, is_plant ? animal : plant);
    for (std::int64_t other = 0; other < kinds; ++other)
      if (other != kind) wrong += implied(output, bird + kind, bird + other);
    sum += implied(output, bird + kind, is_plant ? plant : animal) - wrong / kinds;
  }
  return sum / kinds;
}

// That the other one of a pair has it, less that the items on the other side of the tree do.
double of_new_property(const Tensor& input) {
  double sum = 0.0;
  for (std::int64_t item = 0; item < items; ++item) {
    double wrong = 0.0;
    for (std::int64_t other = 0; other < items; ++other)
      if (other / 4 != item / 4) wrong += implied(input, item, other) / 4;
    sum += implied(input, item, item % 2 == 0 ? item + 1 : item - 1) - wrong;
  }
  return sum / items;
}

void trial(Trial& t) {
  const auto generator = t.generator();
  const auto Sigma = binary_hierarchy();
  const std::int64_t n_h = t[lambda] > 0 ? Sigma.size(0) : Sigma.size(1);
  const auto start =
      theory::lambda_balanced(t[lambda], {Sigma.size(1), n_h, Sigma.size(0)}, {.sigma = t[scale]}, *generator);
  const auto end = theory::BalancedDynamics(start.W1, start.W2, Sigma).weights({200.0});
  const auto [input, output] = theory::representations(end.W1.select(0, 0), end.W2.select(0, 0));
  t.record(new_item, of_new_item(output));
  t.record(new_property, of_new_property(input));
  t.record(fish_is_animal, implied(output, fish, animal));
  t.record(fish_is_plant, implied(output, fish, plant));
  t.record(plant_is_bird, implied(output, plant, bird));
}

const Selection rich = lambda == 0, lazy = among(lambda, {-100, 100});
const Statistic both = of_trials("lower of the two margins", [](const Sample& trials) {
  return std::min(trials.median(new_item), trials.median(new_property));
});

const std::string source = "paper 004, section 4.3";

const Register generalization{
    {.id = "balanced/generalization",
     .title = "What rich and lazy networks say of what is new",
     .question = "What can a network that has learned a hierarchy say of a new item or a new property?",
     .observe = "At \u03bb = 0 it says of a new bird that it is an animal and no plant, and extends a new property to "
                "what is alike. At large \u03bb it does only the latter, at large negative \u03bb only the former.",
     .source = source,
     .parameters = {lambda, scale},
     .trials = {.quick = 20, .paper = 200},
     .seconds = {.quick = 1, .paper = 1},
     .trial = trial,
     .figures =
         {figure("",
                 "Predictions of a network that has learned the 15 properties of eight items, in the exact "
                 "solution. New item: one of four kinds is known of it; prediction of its class less that of "
                 "what it is not. New property: one item is known to have it; prediction for its like less that "
                 "for the other class. 1 is right, 0 says nothing.")
              .panel("What is implied less what is not",
                     plot(lambda, {new_item, new_property}).categories().y_label("margin"))
              .panel("Single predictions",
                     plot(lambda, {fish_is_animal, fish_is_plant, plant_is_bird}).categories().y_label("prediction"))},
     .claims = {
         {.claim = "One can deduce that a fish is an animal, and a plant not a bird",
          .source = source,
          .says = "one can deduce",
          .holds = median(fish_is_animal).at(rich) > 0.5 && median(fish_is_plant).at(rich) < 0.5 &&
                   median(plant_is_bird).at(rich) < 0.5,
          .why =
              Why("At \u03bb = 0 a new item that is known as a fish is predicted to be an animal by {:.2f} and a "
                  "plant by {:.2f}, one that is known as a plant a bird by {:.2f}; nearer to 1 than to 0, or to 0 "
                  "than to 1.",
                  {median(fish_is_animal).at(rich), median(fish_is_plant).at(rich), median(plant_is_bird).at(rich)})},
         {.claim = "Rich solutions generalise in ways that lazy ones cannot",
          .source = source,
          .says = "cannot",
          .holds = median(new_item).at(rich) > median(new_item).at(lazy) &&
                   median(new_property).at(rich) > median(new_property).at(lazy),
          .in_shape = both.at(rich) > both.at(lazy),
          .why = Why("Of a new item the lazy network says nothing at \u03bb = 100 ({:.2f}) and everything at -100 "
                     "({:.2f}), where W2W2' is the specific side; of a new property it is the other way round. Only "
                     "\u03bb = 0 does both.",
                     {median(new_item).at(lambda == 100), median(new_item).at(lambda == -100)})}}}};

}  // namespace
}  // namespace sigmagrad::experiments::balanced
