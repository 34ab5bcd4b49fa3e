// SPDX-License-Identifier: BSD-3-Clause
// What is no inequality: where norms have kinks, averages over a sphere, and what does not hold.
#pragma once

#include <sigmagrad/experiments/norms/inequality_tables.hpp>

namespace sigmagrad::experiments::norms {

/// Slopes to both sides, added: 0 where a function is differentiable. Of one random direction of spectral norm 1.
namespace kinks {
void check(Trial& t);
inline const Quantity frobenius{.name = "kink_frobenius", .label = "kink of ||A||_F at a random matrix"};
inline const Quantity frobenius_zero{.name = "kink_frobenius_zero", .label = "kink of ||A||_F at 0"};
inline const Quantity nuclear_repeated{.name = "kink_nuclear_repeated",
                                       .label = "kink of ||A||_* where all values are equal"};
inline const Quantity nuclear_zero{.name = "kink_nuclear_zero", .label = "kink of ||A||_* where one value is 0"};
inline const Quantity spectral_simple{.name = "kink_spectral", .label = "kink of ||A||_2 where s1 is simple"};
inline const Quantity spectral_repeated{.name = "kink_spectral_repeated", .label = "kink of ||A||_2 where s1 = s2"};
inline const Quantity frobenius_gradient{.name = "gradient_frobenius", .label = "error of A / ||A||_F"};
inline const Quantity spectral_gradient{.name = "gradient_spectral", .label = "error of u1 v1'"};
inline const Quantity nuclear_gradient{.name = "gradient_nuclear", .label = "error of U V'"};
}  // namespace kinks

/// Averages and shares over many matrices.
namespace shares {
void check(Trial& t);
inline const Quantity sphere{.name = "sphere_energy", .label = "mean ||A x||^2 over ||A||_F^2 / n"};
inline const Quantity rotation_change{.name = "rotation_change",
                                      .label = "change of the 1-, inf- and max-norm by a rotation, the least"};
inline const Quantity crossed{.name = "crossed",
                              .label = "share of pairs whose Ky Fan norms 1 and r are ordered apart"};
inline const Quantity dominated{.name = "dominated", .label = "share of weakly majorised pairs with all norms ordered"};
inline const Quantity equal_sums{.name = "equal_sums", .label = "share of weakly majorised pairs that are majorised"};
inline const Quantity relaxed_least{.name = "relaxed_least", .label = "relaxation over ||A||_{2->1}, the least"};
inline const Quantity relaxed_most{.name = "relaxed_most", .label = "relaxation over ||A||_{2->1}, the largest"};
inline const Quantity singular{.name = "inverse_cond_singular", .label = "1 / cond of a singular matrix"};
}  // namespace shares

std::vector<Claim> kink_claims(const Selection& where);
std::vector<Claim> share_claims(const Selection& where);

}  // namespace sigmagrad::experiments::norms
