// SPDX-License-Identifier: BSD-3-Clause
// What do norms and ranks say of attention: collapse with depth, saturation, coordinates, caches of low rank?
#include <sigmagrad/experiments/norms/attention.hpp>

#include <algorithm>

namespace sigmagrad::experiments::norms {
namespace {

const std::vector<Inequality>& rows() {
  static const auto all = saturation::rows();
  return all;
}

const Text part{.name = "part",
                .help = "what is checked",
                .quick = {"collapse", "saturation", "logits", "weights", "jacobian", "coordinates", "cache", "rank"}};

void trial(Trial& t) {
  const auto row = std::ranges::find(rows(), t[part], &Inequality::name);
  if (row != rows().end()) return check(t, *row);
  if (t[part] == "collapse") return collapse::check(t);
  if (t[part] == "saturation") return saturation::check(t);
  if (t[part] == "coordinates") return coordinates::check(t);
  t[part] == "cache" ? cache::check(t) : attention_rank::check(t);
}

const Selection collapsing = part == "collapse", saturating = part == "saturation", rotated = part == "coordinates",
                cached = part == "cache", ranked = part == "rank";

std::vector<Claim> claims_of_collapse() {
  using namespace collapse;
  const auto rest = [](const Curve& curve, double depth) { return median(curve.at(depth)).at(collapsing); };
  const std::string source = "paper 003, section 9.6, after Dong et al. 2021";
  return {
      {.claim = "Attention without skip connections and MLPs collapses to rank one",
       .source = source,
       .says = "rank 1",
       .holds = rest(bare, 32) < 1e-8 && rest(bare, 8) < 0.1 * rest(bare, 1),
       .in_shape = rest(bare, 32) < 0.1,
       .why =
           "What tokens have apart from their mean, after 32 random layers, relative; all tokens are one where it is "
           "0."},
      {.claim = "The collapse is doubly exponential: near equal tokens a layer cubes what is left",
       .source = "Dong et al. 2021, theorem 2.2",
       .says = "cubic",
       .holds = near(median(power).at(collapsing), 3.0, 0.05),
       .why = "The exponent of a layer's rest in that of its input, between 0.02 and 0.002."},
      {.claim = "Skip connections prevent it",
       .source = source,
       .says = "skip connections",
       .holds = rest(with_skip, 32) > 0.1 && rest(with_both, 32) > 0.1,
       .in_shape = rest(with_skip, 32) > 1e6 * rest(bare, 32) && rest(scaled, 32) > 0.1,
       .why = {"Differences of tokens stay, but what tokens share grows by about sqrt(2) a layer where W_V is as large "
               "as here, so that the share of differences falls exponentially: no longer doubly so. Where attention "
               "is scaled by the root of the depth, {:.2g} of it is left after 32 layers.",
               {rest(scaled, 32)}}},
      {.claim = "MLPs alone slow it down",
       .source = source,
       .says = "MLP layers",
       .holds = rest(with_mlp, 4) > 2.0 * rest(bare, 4),
       .why = {"Random ReLU layers draw tokens together themselves: {:.2g} is left after 2 layers and {:.2g} after 4, "
               "without them {:.2g} and {:.2g}. What a trained MLP does is not tested here.",
               {rest(with_mlp, 2), rest(with_mlp, 4), rest(bare, 2), rest(bare, 4)}}}};
}

std::vector<Claim> claims_of_saturation() {
  using namespace saturation;
  const auto of = [](const Curve& curve, double size) { return median(curve.at(size)).at(saturating); };
  return {
      {.claim = "Small ||W_Q W_K'|| prevents saturation, large norms saturate the softmax",
       .source = "paper 003, section 1.3",
       .says = "prevents",
       .holds = of(entropy, 0.1) > 0.99 && of(entropy, 100.0) < 0.1 && of(slope, 100.0) < 0.2 * of(slope, 3.0),
       .in_shape = of(entropy, 0.1) > 0.99 && of(entropy, 100.0) < 0.1,
       .why = {"Entropy of a row over log n, and the norm of the Jacobian that gradients pass through: {:.2g} at the "
               "norm 3, {:.2g} at 100.",
               {of(slope, 3.0), of(slope, 100.0)}}},
      {.claim = "A large norm alone does not saturate",
       .source = "control",
       .says = "-",
       .holds = smallest(apart).at(saturating) > 0.999,
       .why = "Norm 100, but tokens in directions that W_Q does not see."}};
}

std::vector<Claim> claims_of_coordinates() {
  using namespace coordinates;
  const auto most = [](const Quantity& quantity) { return largest(quantity).at(rotated); };
  return {
      {.claim = "W_Q R and W_K R give the same logits, and invariant norms do not see R",
       .source = "paper 003, section 6.4",
       .says = "invariant",
       .holds = most(coordinates::logits) < 1e-13 && most(invariant) < 1e-12 && median(entrywise).at(rotated) > 0.01,
       .why = {"Weights of all conditionings. The largest entry changes by {:.2g}, median.",
               {median(entrywise).at(rotated)}}},
      {.claim = "Any W_Q M, W_K M'^-1 gives the same logits, and invariant norms do see M",
       .source = "control",
       .says = "-",
       .holds = most(sheared) < 1e-12 && median(norms_sheared).at(rotated) > 0.01,
       .why = "M of condition number 10: norms of W_Q and W_K alone say little of the logits."}};
}

std::vector<Claim> claims_of_ranks() {
  using namespace attention_rank;
  const auto of = [](const Quantity& quantity) { return median(quantity).at(ranked); };
  const auto at_16 = [](const Curve& curve) { return median(curve.at(16)).at(cached); };
  const auto at_8 = [](const Curve& curve) { return median(curve.at(8)).at(cached); };
  return {
      {.claim = "Compressed keys and values are a truncated decomposition of the cache",
       .source = "paper 003, section 9.6, on DeepSeek's latent attention",
       .says = "exactly",
       .holds = ratio(at_8(cache::learned), at_8(cache::least)) < 1.02,
       .in_shape = ratio(at_8(cache::learned), at_8(cache::least)) < 1.2,
       .why = {"Maps down to rank 8 and up again, trained to keep 64 tokens' keys and values, against the "
               "decomposition of these. That of the weights is another one: its error is {:.2f} times as large.",
               {ratio(at_8(cache::by_weights), at_8(cache::least))}}},
      {.claim = "16 numbers a token in place of 64 keep what attention gives",
       .source = "paper 003, section 9.6",
       .says = "reduces memory",
       .holds = at_16(cache::of_cache) < 0.2,
       .in_shape = at_16(cache::of_cache) < 0.4,
       .why = {"Relative error of the output; tokens whose spread falls 30-fold over 32 directions. By truncated "
               "weights it is {:.2g}.",
               {at_16(cache::of_weights)}}},
      {.claim = "Logits have at most the rank d_k of a head",
       .source = "paper 003, section 9.6",
       .says = "low rank",
       .holds = largest(beyond).at(ranked) < 1e-13 && of(logits_ratio) < 0.36,
       .why =
           {"32 tokens, d_k = 4. Their softmax is not of that rank: {:.2f} of its singular values are above 1e-10 s_1.",
            {of(softmax_rank)}}},
      {.claim = "Trained attention has a low nuclear norm relative to its Frobenius norm",
       .source = "paper 003, section 9.6",
       .says = "low-rank structure",
       .holds = of(averaging) < 0.5 && of(lookup) < 0.5,
       .in_shape = of(averaging) < 0.5,
       .why = {"It depends on the task. Over its largest possible value the ratio is {:.2f} where a head learns to "
               "average, and {:.2f} where it learns to look up one token each, which takes a permutation; {:.2f} "
               "untrained.",
               {of(averaging), of(lookup), of(untrained)}}}};
}

std::vector<Claim> claims() {
  auto all = claims_of_collapse();
  for (const auto& more : {claims_of_saturation(), claims_of_coordinates(), claims_of_ranks()})
    all.insert(all.end(), more.begin(), more.end());
  for (const Inequality& row : rows()) all.push_back(claim_of(row, part == row.name));
  return all;
}

const Register attention{
    {.id = "norms/attention",
     .title = "Norms and ranks of attention",
     .question = "What do norms and ranks say of attention: collapse with depth, saturation, caches of low rank?",
     .observe =
         "Attention alone makes all tokens equal within some layers, doubly exponentially; skip connections prevent "
         "it. Logits are of low rank, their softmax is not.",
     .source = "paper 003, sections 1.3, 6.4 and 9.6",
     .parameters = {part},
     .trials = {.quick = 12, .paper = 150},
     .seconds = {.quick = 2, .paper = 25},
     .trial = trial,
     .figures =
         {figure("collapse",
                 "What tokens have apart from their mean, relative, and their stable rank, by the number of random "
                 "layers. "
                 "Medians with quartiles.")
              .panel("Apart from the mean", plot({collapse::bare, collapse::with_mlp, collapse::with_skip,
                                                  collapse::scaled, collapse::with_both})
                                                .at(collapsing)
                                                .log_log()
                                                .y_label("||X - mean|| / ||X||"))
              .panel("Stable rank", plot({collapse::rank_bare, collapse::rank_with_mlp, collapse::rank_with_skip,
                                          collapse::rank_scaled, collapse::rank_with_both})
                                        .at(collapsing)
                                        .log_x()
                                        .y_label("stable rank"))
              .whole(),
          figure(
              "softmax",
              "Saturation: entropy of attention's rows and norm of the softmax's Jacobian by ||W_Q W_K'||_2. Keys and "
              "values: their error at low rank, and that of what attention makes of them. Nuclear norm: over the "
              "Frobenius norm of attention, as a part of its largest possible value.")
              .panel("Saturation", plot({saturation::entropy, saturation::slope}).at(saturating).log_x().y_label(""))
              .panel("Keys and values",
                     plot({cache::least, cache::learned, cache::by_weights, cache::of_cache, cache::of_weights})
                         .at(cached)
                         .log_log()
                         .y_label("relative error"))
              .panel("Nuclear norm of attention",
                     components({attention_rank::untrained, attention_rank::averaging, attention_rank::lookup})
                         .at(ranked)
                         .bars()
                         .y_label("part of the largest value"))
              .whole()},
     .claims = claims()}};

}  // namespace
}  // namespace sigmagrad::experiments::norms
