// SPDX-License-Identifier: BSD-3-Clause
// Which norms does training keep small by itself, by weight decay, and by penalties?
#include <sigmagrad/experiments/norms/implicit.hpp>

#include <algorithm>

namespace sigmagrad::experiments::norms {
namespace {

const std::vector<Inequality>& rows() {
  static const auto all = factors::rows();
  return all;
}

const Text part{.name = "part",
                .help = "what is checked",
                .quick = {"sensing", "products", "factors", "balanced", "decay", "penalties", "adamw"}};

void trial(Trial& t) {
  const auto row = std::ranges::find(rows(), t[part], &Inequality::name);
  if (row != rows().end()) return check(t, *row);
  if (t[part] == "sensing") return sensing::check(t);
  if (t[part] == "products") return products::check(t);
  if (t[part] == "decay") return factors::check(t);
  t[part] == "penalties" ? penalties::check(t) : adamw::check(t);
}

const Selection sensed = part == "sensing", multiplied = part == "products", decayed = part == "decay",
                penalised = part == "penalties", by_adamw = part == "adamw";

std::vector<Claim> claims_of_flows() {
  using namespace sensing;
  const auto excess = [](const Curve& curve, double start) { return median(curve.at(start)).at(sensed); };
  const auto of = [](const Curve& curve, double depth) { return median(curve.at(depth)).at(multiplied); };
  const auto vanishes = excess(commuting, smallest_start) < 0.01 &&
                        excess(commuting, smallest_start) < 0.2 * excess(commuting, largest_start);
  const auto lower_rank = of(products::effective_rank, 3) < median(products::rank_of_least).at(multiplied);
  const auto least_regression = of(products::regression, 2) < 1.01 && of(products::regression, 3) < 1.01;
  return {
      {.claim = "Gradient flow on W = U U' converges to the solution of least nuclear norm",
       .source = "paper 003, section 9.7",
       .says = "converges",
       .holds = vanishes && excess(general, smallest_start) < 0.01,
       .in_shape = vanishes,
       .why = {"It does where the measurements commute, as the start vanishes. In general it does not: from the "
               "smallest start Gaussian measurements leave the trace {:.2g} above the least one, at the effective "
               "rank {:.3g} in place of {:.3g}.",
               {excess(general, smallest_start), median(rank_of_flow).at(sensed), median(rank_of_least).at(sensed)}}},
      {.claim = "Three factors prefer a low rank to a small nuclear norm",
       .source = "control",
       .says = "-",
       .holds = lower_rank && of(products::nuclear, 3) > 1e-3,
       .why =
           {"Known entries of a 5 x 5 matrix of rank one: the effective rank is {:.3g} with two factors, {:.3g} with "
            "three, and {:.3g} at the least nuclear norm.",
            {of(products::effective_rank, 2), of(products::effective_rank, 3),
             median(products::rank_of_least).at(multiplied)}}},
      {.claim = "Deep linear networks find products of small spectral norm",
       .source = "paper 003, section 9.7",
       .says = "small",
       .holds = least_regression && of(products::spectral, 3) < 1.01,
       .in_shape = least_regression,
       .why = {"Regression from a small start ends at the least one of all solutions, as it does with one matrix; from "
               "a large start it ends {:.2f} times as high at depth 3. In completion the spectral norm is no small "
               "one: {:.2f} times that of depth 1, for few large directions take the place of many.",
               {of(products::regression_large, 3), of(products::spectral, 3)}}}};
}

std::vector<Claim> claims_of_factors() {
  const auto far = [](const Quantity& quantity) { return median(quantity).at(decayed); };
  return {
      {.claim = "Weight decay of the factors of A B is a nuclear penalty on the product",
       .source = "paper 003, sections 5.3 and 9.1",
       .says = "equal minima",
       .holds = far(factors::decayed) < 1e-4 && far(factors::completed) < 1e-2,
       .why = "Flow on decayed factors against the soft threshold of the target, and where entries are unknown "
              "against the completion that the proximal gradient method finds."},
      {.claim = "The least nuclear norm completes a matrix of low rank",
       .source = "paper 003, section 5.3",
       .says = "convex relaxation",
       .holds = far(factors::recovered) < 1e-3,
       .why = "A 20 x 20 matrix of rank one of which 60% of the entries are known, relative error."},
      {.claim = "An adapter A B keeps the nuclear norm small even without explicit regularisation",
       .source = "paper 003, section 9.1",
       .says = "implicitly regularizes",
       .holds = far(factors::undecayed) < 0.99,
       .in_shape = median(products::nuclear.at(2)).at(multiplied) < 0.1,
       .why = {"Where the loss determines the change there is nothing to choose: it ends at the truncation itself, "
               "whose nuclear norm is not reduced. Where entries are unknown and the start is small, two factors end "
               "{:.2g} above the least nuclear norm.",
               {median(products::nuclear.at(2)).at(multiplied)}}}};
}

std::vector<Claim> claims_of_penalties() {
  const auto of = [](const Quantity& quantity) { return median(quantity).at(penalised); };
  return {
      {.claim = "Weight decay shrinks all singular values alike and promotes no low rank",
       .source = "paper 003, sections 3.2 and 9.1",
       .says = "uniformly",
       .holds = of(penalties::unequal) < 1e-6,
       .in_shape = of(penalties::unequal) < 1e-2,
       .why =
           {"Of one matrix. Weight decay of its two factors does promote it: {:.2g} of the singular values are left.",
            {of(penalties::rank_factored)}}},
      {.claim = "The nuclear penalty makes singular values zero",
       .source = "paper 003, section 9.1",
       .says = "low rank",
       .holds = of(penalties::rank_nuclear) < 0.9,
       .why = "Proximal gradient descent; every singular value is reduced by the same amount."},
      {.claim = "The spectral penalty limits the largest singular value",
       .source = "paper 003, section 9.1",
       .says = "limits",
       .holds = of(penalties::cut) < 0.9 && of(penalties::untouched) < 1e-6,
       .why = "It leaves the lower half of the singular values as they are."}};
}

std::vector<Claim> claims_of_adamw() {
  const auto size = [](const Quantity& quantity) { return largest(quantity).at(by_adamw); };
  const auto at_the_worst = size(adamw::growing.at(adamw::worst_growth));
  const auto within = size(adamw::constant) < 1.0 + 1e-6 && size(adamw::noisy) < 1.05 && size(adamw::pulled) < 1.05;
  return {
      {.claim = "AdamW keeps every entry within 1 / weight_decay",
       .source = "paper 003, section 9.7",
       .says = "small entries",
       .holds = within && at_the_worst <= 1.0,
       .in_shape = within && size(adamw::constant) > 0.999,
       .why =
           {"The lesson says that Adam with decoupled decay leads to small entries; the bound 1 / weight_decay is how "
            "we make that precise. Constant gradients come to it, noisy ones exceed it by 5% at most. It is no law "
            "for all gradients: where they grow by 11% a step, entries reach {:.3g} times the bound.",
            {at_the_worst}}},
      {.claim = "No gradients lead AdamW beyond (1 - b1) / sqrt((1 - b2)(1 - b1^2 / b2)) times 1 / weight_decay",
       .source = "by the Cauchy-Schwarz inequality",
       .says = "a bound",
       .holds = at_the_worst <= adamw::largest_ratio() && at_the_worst > 0.95 * adamw::largest_ratio(),
       .why = {"The factor is {:.4g} for Adam's usual b1 and b2, and reached where gradients grow by b2 / b1 a step.",
               {adamw::largest_ratio()}}}};
}

std::vector<Claim> claims() {
  auto all = claims_of_flows();
  for (const Inequality& row : rows()) all.push_back(claim_of(row, part == row.name));
  for (const auto& more : {claims_of_factors(), claims_of_penalties(), claims_of_adamw()})
    all.insert(all.end(), more.begin(), more.end());
  return all;
}

const Register implicit{
    {.id = "norms/implicit",
     .title = "Norms that training keeps small",
     .question = "Which norms does training keep small by itself, by weight decay and by penalties?",
     .observe =
         "Flow on U U' ends at the least nuclear norm if measurements commute, and at a lower rank in general. Weight "
         "decay of factors is a nuclear penalty; of one matrix it shrinks all singular values alike.",
     .source = "paper 003, sections 9.1 and 9.7",
     .parameters = {part},
     .trials = {.quick = 12, .paper = 200},
     .seconds = {.quick = 2, .paper = 20},
     .trial = trial,
     .figures =
         {figure("flows",
                 "Where gradient flow ends. Sensing: the trace of U U' over the least one of its measurements, less 1, "
                 "by the "
                 "size of the start. Completion of a 5 x 5 matrix of rank one: its nuclear norm likewise, and its "
                 "rank, by "
                 "depth. Spectral norm: of completions over that of one matrix, of regressions over the least one. "
                 "Medians "
                 "with quartiles.")
              .panel("Sensing", plot({sensing::commuting, sensing::general}).at(sensed).log_log().y_label("excess"))
              .panel("Completion, nuclear norm", plot(products::nuclear).at(multiplied).y_label("excess"))
              .panel("Completion, rank", plot(products::effective_rank)
                                             .at(multiplied)
                                             .theory("least nuclear norm", median(products::rank_of_least))
                                             .y_label("effective rank"))
              .panel("Spectral norm", plot({products::spectral, products::regression, products::regression_large})
                                          .at(multiplied)
                                          .y_label("spectral norm, relative"))
              .whole(),
          figure("penalties",
                 "Left, singular values of the matrix closest to a target under each penalty. Right, the largest entry "
                 "under AdamW times its weight decay, for gradients that grow by a factor a step.")
              .panel("Penalties", plot({penalties::none, penalties::frobenius, penalties::nuclear, penalties::spectral,
                                        penalties::factored})
                                      .at(penalised)
                                      .y_label("singular value"))
              .panel("AdamW", plot(adamw::growing)
                                  .at(by_adamw)
                                  .line(1.0, "1 / weight decay")
                                  .line(adamw::largest_ratio(), "the bound")
                                  .y_label("largest entry times weight decay"))
              .whole()},
     .claims = claims()}};

}  // namespace
}  // namespace sigmagrad::experiments::norms
