// SPDX-License-Identifier: BSD-3-Clause
// Does what is said of matrix norms hold for every matrix, and which matrix comes closest?
#include <algorithm>
#include <cmath>
#include <numbers>

#include <fmt/format.h>

#include <sigmagrad/experiments/norms/inequality_tables.hpp>
#include <sigmagrad/experiments/norms/kinks.hpp>

namespace sigmagrad::experiments::norms {
namespace {

const std::vector<Inequality>& rows() {
  static const std::vector<Inequality> all = [] {
    std::vector<Inequality> table;
    for (auto part : {vector_rows, equivalence_rows, dual_rows, axiom_rows, product_rows, schatten_rows, ky_fan_rows,
                      cond_rows, identity_rows})
      for (auto& row : part()) table.push_back(row);
    return table;
  }();
  return all;
}

std::vector<std::string> names() {
  std::vector<std::string> all;
  for (const Inequality& row : rows()) all.push_back(row.name);
  all.insert(all.end(), {"kinks", "shares"});
  return all;
}

const Text statement{.name = "statement", .help = "what is checked: a row of a table", .quick = names()};

void trial(Trial& t) {
  const auto row = std::ranges::find(rows(), t[statement], &Inequality::name);
  if (row != rows().end()) return check(t, *row);
  t[statement] == "kinks" ? kinks::check(t) : shares::check(t);
}

std::vector<Claim> claims() {
  std::vector<Claim> all;
  for (const Inequality& row : rows()) all.push_back(claim_of(row, statement == row.name));
  for (const auto& more : {kink_claims(statement == "kinks"), share_claims(statement == "shares")})
    all.insert(all.end(), more.begin(), more.end());
  const auto ratio_found = [](const char* name) { return largest(constant_found).at(statement == name); };
  const auto formula_found = [](const char* name) { return largest(found).at(statement == name); };
  all.push_back({.claim = "The 1 -> 2 and the 2 -> 1 norm are NP-hard",
                 .source = "paper 003, section 4.4",
                 .says = "NP-hard",
                 .holds = formula_found("induced-1-2") <= 0.995,
                 .in_shape = formula_found("induced-2-1") > 0.995,
                 .why = "1 -> 2 is easy: it is the length of the longest column, which ascent over A and x reaches and "
                        "never exceeds. 2 -> 1 (and inf -> 2, its dual) is the hard one: all signs were tried."});
  all.push_back({.claim = "For p < 1 the triangle inequality fails",
                 .source = "paper 003, section 2.2",
                 .says = "not a norm",
                 .holds = ratio_found("triangle-0.5") > 1.5,
                 .why = "||x + y|| over ||x|| + ||y|| at p = 1/2, of the pair that ascent finds."});
  all.push_back(
      {.claim = "The largest entry is a norm that is not submultiplicative",
       .source = "paper 003, sections 2.1 and 4.5",
       .says = "a counterexample",
       .holds = ratio_found("product-max") > 2.9,
       .why = "||A B|| over ||A|| ||B||; ascent ends at entries of one size, which is the all-ones example."});
  all.push_back({.claim = "A symmetric norm of the singular values is an invariant norm",
                 .source = "paper 003, section 6.1",
                 .says = "symmetric gauge",
                 .holds = ratio_found("signed-gauge") <= 1.01,
                 .why =
                     "Symmetric under permutations alone, it is not; the lesson lists monotone beside it, and monotone "
                     "in every |x_i|, which makes it blind to signs, is enough. The symmetric norm tried here has "
                     "g(1, -1) > g(1, 1), and ascent finds ||A + B|| > ||A|| + ||B||."});
  return all;
}

// The unit ball of a p-norm, by the length of each direction.
Series unit_ball(double p, const std::string& label) {
  Series ball{.label = label};
  for (int i = 0; i <= 720; ++i) {
    const double angle = 2.0 * std::numbers::pi * i / 720.0, x = std::cos(angle), y = std::sin(angle);
    const double length = linalg::vector_norm(tensor(std::vector<double>{x, y}), p).item();
    ball.x.push_back(x / length), ball.y.push_back(y / length);
  }
  return ball;
}

Panel balls() {
  return {.title = "Unit balls",
          .x_label = "x1",
          .y_label = "x2",
          .series = {unit_ball(0.5, "p = 1/2, no norm"), unit_ball(1.0, "p = 1"), unit_ball(2.0, "p = 2"),
                     unit_ball(infinity, "p = inf")}};
}

Panel ellipsoid() {
  const auto A = tensor({{1.6, 1.0}, {-0.2, 0.9}});
  const auto svd = linalg::svd(A);
  Panel panel{.title = "Unit circle and its image", .x_label = "x1", .y_label = "x2"};
  panel.series = {unit_ball(2.0, "unit circle"), {.label = "its image under A"}};
  for (std::size_t i = 0; i < panel.series[0].x.size(); ++i) {
    const auto image = matmul(A, tensor(std::vector<double>{panel.series[0].x[i], panel.series[0].y[i]}));
    panel.series[1].x.push_back(image[0].item()), panel.series[1].y.push_back(image[1].item());
  }
  for (std::int64_t k = 0; k < 2; ++k) {
    const double s = svd.S[k].item(), x = svd.U.t()[k][0].item(), y = svd.U.t()[k][1].item();
    panel.series.push_back(theory_line({0.0, s * x}, {0.0, s * y}, fmt::format("s{} u{}", k + 1, k + 1)));
  }
  return panel;
}

const Group* group_of(const Results& results, const std::string& name) {
  const auto groups = results.where(statement == name);
  return groups.empty() ? nullptr : groups.front();
}

std::vector<Panel> reached(const Results& results) {
  return reached_panels(rows(), [&](const Inequality& row) { return group_of(results, row.name); });
}

// The matrices that ascent ended at, for inequalities whose extremal matrix one can see.
std::vector<Panel> extremal_matrices(const Results& results) {
  std::vector<Panel> panels;
  for (const char* name : {"F/max", "2/max", "inf/F", "F/inf", "max/2", "product-max"}) {
    const Group* group = group_of(results, name);
    if (!group) continue;
    const auto row = std::ranges::find(rows(), name, &Inequality::name);
    std::vector<double> values;
    for (std::int64_t i = 0; i < row->rows * row->columns; ++i) {
      const double entry = group->values(extremal.at(static_cast<double>(i))).front();
      values.push_back(std::abs(entry) < 1e-3 ? 0.0 : entry);
    }
    panels.push_back({.title = name, .matrix = {.columns = row->columns, .values = values, .label = "entry"}});
  }
  return panels;
}

const Register inequalities{
    {.id = "norms/inequalities",
     .title = "Inequalities between norms",
     .question = "Does what is said of matrix norms hold for every matrix, and are the constants the best ones?",
     .observe =
         "Some 3,900 random matrices a row violate none of 77 inequalities, and gradient ascent comes within 1e-4 "
         "of nearly each constant: they are the least. Five sentences of the lesson need a correction.",
     .source = "paper 003, sections 1 to 7",
     .parameters = {statement},
     .trials = {.quick = 6, .paper = 120},
     .seconds = {.quick = 5, .paper = 100},
     .trial = trial,
     .figures =
         {figure("balls",
                 "Unit balls of p-norms in the plane; the unit circle and its image under a matrix, "
                 "an ellipse with semi-axes s1 u1 and s2 u2.")
              .panels([](const Results&) {
                return std::vector<Panel>{balls(), ellipsoid()};
              })
              .whole(),
          figure(
              "constants",
              "What the largest left / (constant right) lacks of 1, of random matrices and by gradient ascent; F/2 is "
              "||A||_F over ||A||_2. 1e-16 is rounding: the constant is attained.")
              .panels(reached)
              .whole(),
          figure("extremal",
                 "Extremal matrices that gradient ascent finds (first trial), entries over the largest one.")
              .panels(extremal_matrices)
              .whole()},
     .claims = claims()}};

}  // namespace
}  // namespace sigmagrad::experiments::norms
