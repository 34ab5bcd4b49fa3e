// SPDX-License-Identifier: BSD-3-Clause
// What paper 002 proves, one row a statement, in families of random cases that are checked together. Each check draws
// one case, follows its flow and records how the statements fare: of a bound the largest ratio of what it bounds to it,
// over all times looked at, so that 1 is tight and more a violation; of an equality the largest relative error. A
// statement that the case does not test is not recorded.
#pragma once

#include <string>

#include <sigmagrad/lab/model/trial.hpp>

namespace sigmagrad::experiments::completion {

using namespace lab;

struct Statement : Quantity {
  std::string claim = {}, source = {};
  double limit = 0;  // the quantity is at most this where the statement holds

  bool is_bound() const { return limit >= 1.0; }
};

/// The common upper limit for ratios: interpolated states are that exact.
inline constexpr double not_above = 1.0 + 1e-6;

/// Depth 2, one observed column, and starts from zero.
namespace column {
void check(Trial& t);
inline const Statement alignment{
    {"alignment"}, "Rows align with the column, up to the start's size", "Theorem 3.1", not_above};
inline const Statement half_zero{
    {"half_zero"}, "From A = 0 the product has rank one at all times", "section 3.1", 1e-6};
}  // namespace column

/// Depth 2, at most one observed entry in a row or column.
namespace disconnected {
void check(Trial& t);
inline const Statement closed_form{
    {"closed_form"}, "Disconnected entries: both factors end at the closed form", "Proposition E.1", 1e-6};
}  // namespace disconnected

/// Depth 2, complete rectangles on the diagonal, from starts of three scales.
namespace rectangles {
void check(Trial& t);
inline const Quantity nuclear_1{"nuclear_1e-1", "excess of the nuclear norm from scale 1e-1"};
inline const Quantity nuclear_3{"nuclear_1e-3", "excess of the nuclear norm from scale 1e-3"};
inline const Statement nuclear_6{{"nuclear_1e-6", "excess of the nuclear norm from scale 1e-6"},
                                 "Complete rectangles end at least nuclear norm as the start vanishes (scale 1e-6)",
                                 "section 1, after Bai et al. 2024",
                                 1e-6};
}  // namespace rectangles

/// Starts from sqrt(w) I in 2 x 2 when w12 joins the diagonal.
namespace warm {
void check(Trial& t);
inline const std::string theorem = "Theorem 4.2";
inline const Statement loss{{"loss"}, "The loss of a warm start decays at rate 2 w", theorem, not_above};
inline const Statement rank{{"rank"}, "Its stable rank stays above 1 + exp(-8 w12/w)", theorem, not_above};
inline const Statement sigma_1{
    {"sigma_1"}, "The product's largest singular value stays below w exp(2 w12/w)", "Lemma E.8", not_above};
inline const Statement sigma_2{
    {"sigma_2"}, "The product's smallest singular value stays above w exp(-2 w12/w)", "Lemma E.8", not_above};
inline const Statement symmetry{{"symmetry"}, "A and B stay each other's mirror image", "Lemma E.2", 1e-8};
inline const Statement positive{
    {"positive"}, "a11, a22, a12 and a11 a21 + a12 a22 stay at least 0", "Lemmas E.3 and E.4", 1e-12};
inline const Statement diagonal{{"diagonal"}, "w11 and w22 stay at least w", "Lemma E.5", not_above};
inline const Statement shown_entry{{"shown_entry"}, "w12 stays at most its target", "Lemma E.5", not_above};
inline const Statement hidden_entry{{"hidden_entry"}, "w21 stays at most 0", "Lemma E.5", 1e-12};
inline const Statement determinant{{"determinant"}, "det W stays at least w^2", "Lemma E.6", not_above};
inline const Statement gram{
    {"gram"}, "a11^2 + a12^2 and det(B)^2 / (a21^2 + a22^2) stay at least w", "Lemma E.7", not_above};
}  // namespace warm

/// Starts close to fitting.
namespace lazy {
void check(Trial& t);
inline const std::string theorem = "Theorem 4.3 (E.2)", corollary = "Corollary E.3";
inline const Statement loss{{"loss"}, "The loss decays at rate s_min^2 / 2", theorem, not_above};
inline const Statement distance{
    {"distance"}, "Factors move by at most 6 sqrt(2) s_max / s_min^2 sqrt(loss)", theorem, not_above};
inline const Statement shift{
    {"shift"}, "Singular values of A move by at most s_min / (4 sqrt(2 d))", corollary, not_above};
inline const Statement rank{{"rank"}, "The stable rank of A stays above its bound", corollary, not_above};
inline const Statement lipschitz{{"lipschitz"}, "The Jacobian is sqrt(d)-Lipschitz", "Lemma E.9", not_above};
inline const Statement smallest_value{
    {"smallest"}, "The Jacobian's smallest singular value stays above s_min / 2 in the ball", "Lemma E.10", not_above};
inline const Statement largest_value{
    {"largest"}, "The Jacobian's largest singular value stays below 3/2 s_max", "Lemma E.10", not_above};
}  // namespace lazy

/// The example after Theorem 4.3, within its condition and beyond.
namespace example {
void check(Trial& t);
inline const Statement spectrum{
    {"spectrum"}, "In the example all singular values of the Jacobian are sqrt(2 w)", "section 4.3", 1e-10};
inline const Statement sufficient{{"sufficient"}, "c = 1 / (12 d) is close enough", "section 4.3", not_above};
inline const Statement rank_inside{
    {"rank_inside"}, "Within the condition its stable rank stays above the bound", "section 4.3", not_above};
inline const Quantity rank_outside{"rank_outside", "bound of the stable rank over it beyond the condition"};
}  // namespace example

/// Block-diagonal observations, at any depth.
namespace block_diagonal {
void check(Trial& t);
inline const Statement family{{"family"}, "All factors stay one matrix M(a, b, c)", "Lemmas D.2 to D.4", 1e-9};
inline const Statement eigenvalues{
    {"eigenvalues"}, "The eigenvalues of M(a, b, c) follow three equations", "Lemmas D.5 and D.6", 1e-5};
inline const Statement conserved{
    {"conserved"}, "l2^(2-L) - l1^(2-L) is conserved, l1 / l2 at depth 2", "Lemma D.7", 1e-5};
inline const Statement sign{{"sign"}, "The residual keeps its sign", "Proposition D.1", 1e-6};
inline const Statement decay{{"decay"}, "The residual decays at least at rate K", "Proposition D.1", not_above};
inline const Statement monotone{{"monotone"}, "f1 falls and f2 rises: the limits are unique", "Proposition D.2", 0.0};
inline const Statement rank_growth{
    {"rank_growth"}, "From depth 3 on the stable rank falls with alpha", "Corollary 3.4", 1.0};
inline const Statement corollary{{"corollary"}, "From depth 3 on it is 1 at alpha = exp(-40)", "Corollary 3.4", 1e-6};
}  // namespace block_diagonal

/// Gradients of observed entries.
namespace gradients {
void check(Trial& t);
inline const Statement gram{{"gram"}, "The Gram matrix of gradients is the sum over layers", "Lemma B.1", 1e-12};
inline const Statement shallow{
    {"shallow"}, "At depth 2 coupled entries are the connected ones", "sections 3.1 and 3.2", 0.0};
inline const Statement deep{{"deep"}, "From depth 3 on generic factors couple all entries", "Proposition B.1", 0.0};
inline const Statement coupling{
    {"coupling"},
    "Start (7) is coupled from depth 3 on for finite m alone, from the start to the end of the flow",
    "Proposition 3.2",
    0.0};
}  // namespace gradients

/// Which entries are observed, at any depth.
namespace patterns {
void check(Trial& t);
inline const Statement isometry{
    {"isometry"},
    "Where an entry is hidden, a rank-one matrix of norm 1 has nothing observed: no restricted isometry",
    "section 1",
    1e-12};
inline const Statement all_observed{
    {"all_observed"}, "Where all are observed, none has less than its norm", "section 1", 1e-12};
inline const Statement definition{
    {"definition"}, "Connected means a walk between any two rows and columns with entries", "Definition 1", 0.0};
inline const Statement block_starts{{"block_starts"},
                                    "From alpha I entries outside the diagonal blocks stay zero in every factor",
                                    "appendix B.2.2",
                                    0.0};
inline const Statement all_zero{
    {"all_zero"}, "Factors of zeros stay zero, at any depth and pattern", "appendix B.2.2", 0.0};
}  // namespace patterns

/// Balanced factors.
namespace balanced {
void check(Trial& t);
inline const Statement speeds{{"speeds"}, "Singular values move at -L s^(2-2/L) u' grad v", "Lemma F.1", 1e-9};
inline const Statement determinant{{"determinant"}, "The determinant keeps its sign", "Lemma F.3", 0.0};
inline const Statement balancedness{
    {"balancedness"}, "Balanced factors stay balanced", "appendix E, equation (52)", 1e-6};
inline const Statement falling_loss{{"falling_loss"}, "The loss does not rise", "appendix E, equation (53)", not_above};
inline const Statement determinants{
    {"determinants"}, "The product's determinant is that of a factor to the power of the depth", "Lemma F.4", 1e-6};
inline const Statement powers{
    {"powers"}, "Singular values of each factor are roots of the product's", "Lemma F.4", 1e-6};
}  // namespace balanced

}  // namespace sigmagrad::experiments::completion
