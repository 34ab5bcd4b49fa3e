// SPDX-License-Identifier: BSD-3-Clause
// How far is the product of spectral norms from what a network does, what does spectral normalisation make of it, and
// do bounds made of norms tell how a network generalises?
#include <sigmagrad/experiments/norms/lipschitz.hpp>

#include <limits>

namespace sigmagrad::experiments::norms {
namespace {

const Text part{.name = "part", .help = "what is checked", .quick = {"stretch", "power", "learned"}};

void trial(Trial& t) {
  if (t[part] == "stretch") return stretch::check(t);
  t[part] == "power" ? power::check(t) : learned::check(t);
}

bool makes_sense(const Params& p) {
  return p[part] == "learned" || (p[learned::layers] == "plain" && p[learned::label_noise] == 0.0);
}

const Selection random_networks = part == "stretch", power_method = part == "power", trained = part == "learned";
const Selection plain = trained && learned::layers == "plain", normalised = trained && learned::layers == "normalised";

const Condition never_above = largest(violations).at(random_networks) <= 0.0;
Statistic typical(const stretch::Activation& activation, double depth) {
  return median(activation.typical.at(depth)).at(random_networks);
}

std::vector<Claim> claims_of_stretch() {
  return {
      {.claim = "The Lipschitz constant of a linear layer is ||W||_2",
       .source = "paper 003, sections 1.1 and 4.2",
       .says = "exactly",
       .holds = never_above && typical(stretch::linear, 1) > 0.999,
       .in_shape = never_above,
       .why = "The stretch that gradient ascent on the input finds, over ||W||_2: median over matrices of all "
              "conditionings."},
      {.claim = "The Lipschitz constant of a network is at most the product of its layers' spectral norms",
       .source = "paper 003, sections 1.1, 4.2 and 9.2",
       .says = "a bound",
       .holds = never_above && largest(stretch::extremal_network).at(random_networks) > 0.99,
       .in_shape = never_above,
       .why = {"Of {:.0f} networks a trial, linear, ReLU and tanh, with 1 to 8 layers; random inputs reach {:.3g} of "
               "the product at most. Ascent on the weights as well finds a ReLU network that reaches it.",
               {mean(stretch::networks).at(random_networks), largest(stretch::random_inputs).at(random_networks)}}},
      {.claim = "The product of spectral norms is far above the Lipschitz constant of most deep networks",
       .source = "control",
       .says = "-",
       .holds = typical(stretch::relu, 4) < typical(stretch::relu, 2) && typical(stretch::relu, 8) < 0.01,
       .why = {"Median of ReLU networks with 8 layers: {:.2g} of the product. Layers would have to pass their "
               "longest axes on to each other.",
               {typical(stretch::relu, 8)}}},
      {.claim = "Where linear layers follow each other, the norm of their product is the constant itself",
       .source = "control",
       .says = "-",
       .holds = median(stretch::composed.at(8)).at(random_networks) > 0.999,
       .why = "Eight linear layers, found over the norm of the product of their weights."}};
}

std::vector<Claim> claims_of_power() {
  const auto most = [](const Curve& curve, double steps) { return median(curve.at(steps)).at(power_method); };
  return {
      {.claim = "Spectral normalisation makes the longest axis exactly 1",
       .source = "paper 003, sections 1.3 and 9.2",
       .says = "exactly 1",
       .holds = largest(power::longest_axis).at(power_method) < 1e-12,
       .why = "By the exact singular vectors, of which the library's layer starts; 252 matrices of all "
              "conditionings a trial."},
      {.claim = "A single power step per training step suffices",
       .source = "paper 003, section 9.2",
       .says = "suffices",
       .holds = most(power::overshoot, 1) < 0.1 && most(power::accuracy, 1) > 0.99 * most(power::accuracy, 5),
       .why = {"How far the longest axis of any layer is above 1 after the first ten steps, the largest of 90. From "
               "random vectors it is {:.2g} above after ten steps with one power step and {:.2g} with five. At ten "
               "times the rate, the weights run ahead of one power step by {:.2g}, of five by {:.2g}.",
               {most(power::first_steps, 1), most(power::first_steps, 5), most(power::overshoot_fast, 1),
                most(power::overshoot_fast, 5)}}},
      {.claim = "More power steps follow the weights more closely",
       .source = "control",
       .says = "-",
       .holds = most(power::overshoot, 5) < 0.5 * most(power::overshoot, 1),
       .why = {"They are not needed for accuracy: {:.3g} with one, {:.3g} with five.",
               {most(power::accuracy, 1), most(power::accuracy, 5)}}}};
}

std::vector<Claim> claims_of_learned() {
  using namespace learned;
  const auto along_noise = [](const Statistic& statistic) { return increases(statistic.at(plain), label_noise); };
  const auto of_layers = [](const Quantity& quantity, const Selection& of) {
    return median(quantity).at(of && label_noise == 0.0);
  };
  const auto with_noise = [](const Quantity& quantity) {
    return median(quantity).at(plain && label_noise == 1.0) > median(quantity).at(plain && label_noise == 0.0);
  };
  const auto half_wrong = [](const Quantity& quantity, const Selection& of) {
    return median(quantity).at(of && label_noise == 0.5);
  };
  return {
      {.claim = "Spectral norms bound the radius in which no input changes its class",
       .source = "paper 003, section 1.3",
       .says = "certified",
       .holds = largest(closest_attack).at(trained) < 1.0,
       .why = {"Margin over sqrt(2) times the product, against the nearest change of class that Newton's steps on the "
               "margin find; 100 points a network, at most {:.0f} of them without one.",
               {largest(largest(failed_attacks).at(trained))}}},
      {.claim = "Spectral normalisation makes the certificate useful",
       .source = "paper 003, sections 1.3 and 9.2",
       .says = "enforces the bound",
       .holds = of_layers(product, normalised) < 1.15 &&
                of_layers(certified, normalised) > 1.3 * of_layers(certified, plain),
       .why = {"Product {:.3g} with it, {:.3g} without; certified radius {:.2g} against {:.2g}, where the attack needs "
               "{:.2g} and {:.2g}.",
               {of_layers(product, normalised), of_layers(product, plain), of_layers(certified, normalised),
                of_layers(certified, plain), of_layers(attacked, normalised), of_layers(attacked, plain)}}},
      {.claim = "The spectrally normalised margin bound follows the generalisation gap",
       .source = "paper 003, section 9.5",
       .says = "a bound",
       .holds = along_noise(median(gap)) && along_noise(median_bound(margin_bound)),
       .why =
           {"Both grow with the part of the labels drawn anew. The bound is {:.2g} where the gap is {:.2g}, so that "
            "it orders networks and promises nothing. Without a positive median margin it is infinite: {:.2g} of the "
            "trials at most.",
            {of_layers(margin_bound, plain), of_layers(gap, plain), largest(mean(no_margin).at(plain))}}},
      {.claim = "So does the PAC-Bayes bound with the sum of stable ranks",
       .source = "paper 003, section 9.5",
       .says = "a bound",
       .holds = along_noise(median(gap)) && along_noise(median_bound(pac_bayes_bound)),
       .why = {"Both grow with the part of the labels drawn anew; where all are right and the gap is 0 the bound is "
               "{:.2g}.",
               {of_layers(pac_bayes_bound, plain)}}},
      {.claim = "Matrices with low stable rank generalise better",
       .source = "paper 003, section 9.5",
       .says = "better",
       .holds = with_noise(gap) && with_noise(stable_rank) &&
                (half_wrong(stable_rank, normalised) - half_wrong(stable_rank, plain)) *
                        (half_wrong(gap, normalised) - half_wrong(gap, plain)) >
                    0.0,
       .in_shape = with_noise(gap) && with_noise(stable_rank),
       .why = {"With more wrong labels both are larger. Between two kinds of layers it is no rule: with half of the "
               "labels drawn anew normalised layers have stable ranks of {:.3g} in sum and the gap {:.2g}, plain ones "
               "{:.3g} and {:.2g}.",
               {half_wrong(stable_rank, normalised), half_wrong(gap, normalised), half_wrong(stable_rank, plain),
                half_wrong(gap, plain)}}}};
}

std::vector<Claim> claims() {
  auto all = claims_of_stretch();
  for (const auto& more : {claims_of_power(), claims_of_learned()}) all.insert(all.end(), more.begin(), more.end());
  return all;
}

Plot along_noise(const Quantity& quantity) {
  return plot(learned::label_noise, quantity).at(trained).by(learned::layers).lines();
}

const Register lipschitz{
    {.id = "norms/lipschitz",
     .title = "Lipschitz bounds of networks",
     .question =
         "How far is the product of spectral norms from what a network does, and what do bounds made of it say?",
     .observe =
         "The product is never exceeded, and far from reached by deep ReLU networks. One power step a training step "
         "keeps normalised layers within a few percent of 1. Bounds of generalisation order networks by their "
         "labels' noise and are far above 1.",
     .source = "paper 003, sections 4.2, 9.2 and 9.5",
     .parameters = {part, learned::layers, learned::label_noise},
     .trials = {.quick = 6, .paper = 60},
     .seconds = {.quick = 4, .paper = 45},
     .valid = makes_sense,
     .valid_rule = "layers and label_noise are those of trained networks: part = learned",
     .trial = trial,
     .figures =
         {figure("stretch",
                 "What gradient ascent on pairs of inputs finds, over the product of the layers' spectral norms, by "
                 "depth: random networks with matrices of all conditionings, the largest and the median one.")
              .at(random_networks)
              .panel("The largest", plot({stretch::linear.best, stretch::relu.best, stretch::tanh.best})
                                        .log_log()
                                        .y_label("part of the product"))
              .panel("The median",
                     plot({stretch::linear.typical, stretch::relu.typical, stretch::tanh.typical, stretch::composed})
                         .log_log()
                         .y_label("part of the product")),
          figure("power",
                 "How far the longest axis of a layer with spectral normalisation is above 1 during training, by power "
                 "steps a training step.")
              .at(power_method)
              .panel("Longest axis", plot({power::overshoot, power::overshoot_fast, power::first_steps})
                                         .log_log()
                                         .y_label("longest axis, less 1")),
          figure(
              "learned",
              "Classifiers of clusters with plain layers and normalised ones, by the part of the labels that is drawn "
              "anew.")
              .panel("Generalisation gap", along_noise(learned::gap))
              .panel("Margin bound", along_noise(learned::margin_bound).log_y())
              .panel("Sum of stable ranks", along_noise(learned::stable_rank))
              .panel("Product of norms", along_noise(learned::looseness).y_label("over the largest stretch found"))
              .panel("Correct labels", plot(learned::layers, {learned::certified, learned::attacked})
                                           .at(trained&& learned::label_noise == 0.0)
                                           .bars()
                                           .y_label("distance to another class"))
              .whole()},
     .claims = claims()}};

}  // namespace

Statistic learned::median_bound(const Quantity& bound) {
  return of_trials("median " + bound.text(), [bound](const Sample& trials) {
    auto bounds = trials.has(bound) ? trials.values(bound) : std::vector<double>();
    bounds.resize(trials.values(no_margin).size(), std::numeric_limits<double>::infinity());
    return quantile(bounds, 0.5);
  });
}

}  // namespace sigmagrad::experiments::norms
