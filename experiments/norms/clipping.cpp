// SPDX-License-Identifier: BSD-3-Clause
// Which singular values of a gradient does each way of clipping keep, and what becomes of a training?
#include <sigmagrad/experiments/norms/clipping.hpp>

namespace sigmagrad::experiments::norms {
namespace {

using clipped_training::rule;
using clipped_training::threshold;

const Text part{.name = "part", .help = "what is checked", .quick = {"gradients", "training"}};

void trial(Trial& t) { t[part] == "gradients" ? gradients::check(t) : clipped_training::check(t); }

bool makes_sense(const Params& p) { return p[part] == "training" || (p[rule] == "none" && p[threshold] == 1.0); }

const Selection of_gradients = part == "gradients", trained = part == "training";

constexpr double rounding = 1e-12;

std::vector<Quantity> of_rules(Quantity ClippingRule::*quantity) {
  std::vector<Quantity> all;
  for (const ClippingRule& one : clipping_rules()) all.push_back(one.*quantity);
  return all;
}

Statistic largest_of(const std::string& name, Quantity ClippingRule::*quantity) {
  return largest(clipping_rule(name).*quantity).at(of_gradients);
}

std::vector<Claim> claims_of_gradients() {
  const auto shape = [](const char* name) {
    return largest_of(name, &ClippingRule::shape).called("change of s_i / s_1");
  };
  const auto cap = [](const char* name) { return largest_of(name, &ClippingRule::cap); };
  const auto balance = [](const char* name) { return median(clipping_rule(name).balance).at(of_gradients); };
  return {{.claim = "Clipping by the spectral norm keeps the largest singular value at the threshold",
           .source = "paper 003, section 9.3",
           .says = "does not exceed it",
           .holds = cap("spectral") <= 1.0 + rounding,
           .why = {"So does every other rule, for the Frobenius norm is the larger one: s_1 is left at {:.4g} of the "
                   "threshold at most by one factor for all, {:.4g} by Frobenius norms. {:.0f} pairs a trial, of all "
                   "conditionings.",
                   {cap("global"), cap("frobenius"), mean(gradients::pairs).at(of_gradients)}}},
          {.claim = "Clipping by the Frobenius norm preserves the relative structure of all singular values",
           .source = "paper 003, section 9.3",
           .says = "scales uniformly",
           .holds = shape("frobenius") <= rounding,
           .why = "The largest change of s_i / s_1."},
          {.claim = "Clipping by the spectral norm does not: it affects which components are preserved",
           .source = "paper 003, section 9.3",
           .says = "affects",
           .holds = shape("spectral") > rounding,
           .why = "It rescales as well, by another factor: both leave every ratio of singular values as it is."},
          {.claim = "Truncating singular values changes their ratios: only the directions above the threshold are cut",
           .source = "control",
           .says = "-",
           .holds = shape("truncated") > 0.1 && cap("truncated") <= 1.0 + rounding &&
                    largest(gradients::smallest_change).at(of_gradients) <= 1.0 + rounding,
           .why = "It is the smallest change that leaves no singular value above the threshold: never larger than that "
                  "of the rescaled gradient."},
          {.claim = "One factor for all tensors keeps the direction of the whole step, a norm for each does not",
           .source = "paper 003, section 9.3",
           .says = "global, per tensor",
           .holds = balance("global") < rounding && balance("frobenius") > 0.1 && balance("spectral") > 0.1,
           .why = "Change of the logarithm of the ratio of two tensors' norms, medians."}};
}

std::vector<Claim> claims_of_training() {
  using namespace clipped_training;
  const auto clipped = trained && rule != "none";
  const auto at = [&](const Quantity& quantity, const char* name, double c) {
    return median(quantity).at(trained && rule == name && threshold == c);
  };
  return {
      {.claim = "Clipping prevents the explosion of gradients",
       .source = "paper 003, section 9.3",
       .says = "prevents",
       .holds =
           mean(exploded).at(trained && rule == "none" && threshold == 1.0) > 0.9 && mean(exploded).at(clipped) < 0.01,
       .why = "Three layers from a large start, at a rate that is too high for it."},
      {.claim = "Clipping bounds the spectral norm of a step",
       .source = "paper 003, section 9.7",
       .says = "regularises",
       .holds = largest(longest_step).at(clipped) < 1.0 + 1e-9,
       .why = {"By the rate times the threshold, whatever the rule, for gradient descent without momentum; without "
               "clipping the first steps are {:.0f} times as long.",
               {median(longest_step).at(trained && rule == "none" && threshold == 1.0)}}},
      {.claim = "Truncating leaves a smaller loss than rescaling",
       .source = "beyond section 9.3",
       .says = "-",
       .holds = share_smaller(end, rule == "spectral").at(trained && rule == "truncated" && threshold == 0.3) > 0.75,
       .why = {
           "While the large directions are clipped, rescaling slows the small ones down with them. At the lower "
           "threshold the loss ends at {:.2g} truncated, {:.2g} by spectral norms, {:.2g} by one factor; the lower "
           "half of the singular values is then {:.2g}, {:.2g} and {:.2g} off.",
           {at(end, "truncated", 0.3), at(end, "spectral", 0.3), at(end, "global", 0.3),
            at(small_values, "truncated", 0.3), at(small_values, "spectral", 0.3), at(small_values, "global", 0.3)}}}};
}

std::vector<Claim> claims() {
  auto all = claims_of_gradients();
  const auto more = claims_of_training();
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

const Register clipping{
    {.id = "norms/clipping",
     .title = "Ways to clip a gradient",
     .question = "Which singular values of a gradient does each way of clipping keep, and what becomes of a training?",
     .observe =
         "Global, Frobenius and spectral clipping rescale: they differ in the factor alone. Truncating changes the "
         "spectrum, and lets small directions go on while large ones are held.",
     .source = "paper 003, sections 9.3 and 9.7",
     .parameters = {part, rule, threshold},
     .trials = {.quick = 12, .paper = 100},
     .seconds = {.quick = 3, .paper = 20},
     .valid = makes_sense,
     .valid_rule = "rule and threshold are those of part = training",
     .trial = trial,
     .figures =
         {figure("gradients",
                 "Left, the singular values of a gradient of condition number 1000 before and after it is clipped to 1 "
                 "by its spectral norm, and truncated. Right, what each rule changes of random gradients: the largest "
                 "change of s_i / s_1.")
              .at(of_gradients)
              .panel("One gradient", plot({gradients::before, gradients::rescaled, gradients::truncated})
                                         .log_y()
                                         .y_label("singular value"))
              .panel("Change of the spectrum's shape",
                     components(of_rules(&ClippingRule::shape)).bars().y_label("largest change of s_i / s_1")),
          figure("training",
                 "Loss of three linear layers from a large start, by the rule and the threshold that gradients are "
                 "clipped to; without clipping training explodes.")
              .at(trained)
              .panel_each(threshold, {plot(clipped_training::loss).by(rule).log_log()})},
     .claims = claims()}};

}  // namespace
}  // namespace sigmagrad::experiments::norms
