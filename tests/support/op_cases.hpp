// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <functional>
#include <string>
#include <vector>

#include <sigmagrad/tests/support/extremes.hpp>

namespace sigmagrad::testing {

using Tensors = std::vector<Tensor>;

/// Where an input's entries lie. They are evenly spaced, in random order, and meet neither 0 nor each other, so that
/// finite differences cross no kink and no tie.
struct Entries {
  double low = -2.0, high = 2.0;
  bool whole = false;  // low, ..., high - 1 instead; nothing differentiates with respect to such an input
};

/// A call that must throw Error with exactly this message.
struct Misuse {
  std::function<void()> call;
  std::string message;
};

/// One operation, and all that its tests need to know.
struct OpCase {
  std::string name;
  std::function<Tensor(const Tensors&)> f;
  std::function<Array(const Arrays&)> reference{};  // the same in plain scalar code
  std::vector<std::vector<Shape>> shapes{};         // of the inputs, in several sets
  std::vector<Entries> entries{};                   // of the inputs; those missing are Entries{}
  Extremes extremes;                                // what it answers about extreme inputs; a row must say
  Pullback pullback{};                              // its gradient in plain code, where the answers name it
  std::vector<double> points{};                     // where functions of each entry are asked, in all combinations
  bool differentiable = true;                       // otherwise the result must not require grad
  bool twice = true;
  bool batched = true;      // takes a leading batch axis, on all inputs alike
  bool captured = true;     // a captured step may contain it
  std::string operation{};  // the name its errors give, if not `name`
  bool mixes_dtypes = false;
  std::function<Tensors(const Tensors&)> prepare{};  // if f is bare(prepare(x)): the questions about extreme inputs
  std::function<Tensor(const Tensors&)> bare{};      // go to `bare`
  std::vector<Misuse> misuses{};
};

/// Inputs number `variant` of one of the row's sets of shapes.
Tensors make_inputs(const OpCase& row, const std::vector<Shape>& shapes, std::uint64_t variant = 0);

using Unary = Tensor (*)(const Tensor&);
using Binary = Tensor (*)(const Tensor&, const Tensor&);

/// A row of a function of each entry, or of the broadcast entries of two tensors, with its derivatives, which state the
/// convention at every kink, zero and infinity. It folds nothing and looks at every entry, unless the row says
/// otherwise.
OpCase entrywise(const std::string& name, Unary f, double (*reference)(double), Derivative derivative, Scaling scaling,
                 Entries entries = {});
OpCase entrywise(const std::string& name, Binary f, double (*reference)(double, double), Derivatives2 derivatives,
                 Scaling scaling, Entries second = {});
/// The row, whose entries do not all count.
OpCase choosing(OpCase row, Choice choice);

using Sets = std::vector<std::vector<Shape>>;

/// A row of a function that moves entries, all of them or some, or sets zeros: `from` tells which entry of x stands at
/// an index of the result. Entries left out may be infinite or NaN.
OpCase moving(const std::string& name, const std::function<Tensor(const Tensor&)>& f,
              const std::function<Shape(const Shape&)>& shape, const std::function<Index(Index)>& from,
              const Sets& shapes, const std::vector<Misuse>& misuses = {}, const Choice& choice = takes_all());
/// The answer of functions that move some entries only: the others may be infinite or NaN.
Choice left_out();
/// Rows that name sizes or positions which inputs of one entry do not have.
std::vector<OpCase> of_given_sizes(std::vector<OpCase> rows);

/// A row of products of one entry of each input, summed as an equation in einsum's letters says, without dots: axes in
/// front of those named are batch axes of all.
OpCase product_row(const std::string& name, const std::string& equation, const std::function<Tensor(const Tensors&)>& f,
                   const Sets& shapes, const LongAxis& long_axis, const Choice& choice = takes_all());

std::vector<OpCase> elementwise_cases();
std::vector<OpCase> function_cases();
std::vector<OpCase> activation_cases();
std::vector<OpCase> comparison_cases();
std::vector<OpCase> reduction_cases();
std::vector<OpCase> sorting_cases();
std::vector<OpCase> shape_cases();
std::vector<OpCase> arranging_cases();
std::vector<OpCase> indexing_cases();
std::vector<OpCase> index_writing_cases();
std::vector<OpCase> matmul_cases();
std::vector<OpCase> product_cases();
std::vector<OpCase> convolution_cases();
std::vector<OpCase> pooling_cases();
std::vector<OpCase> normalization_cases();
std::vector<OpCase> linalg_cases();
std::vector<OpCase> induced_norm_cases();
std::vector<OpCase> error_cases();
std::vector<OpCase> factorization_cases();
std::vector<OpCase> solving_cases();
std::vector<OpCase> spectral_function_cases();
std::vector<OpCase> loss_cases();
std::vector<OpCase> likelihood_cases();
std::vector<OpCase> term_loss_cases();
std::vector<OpCase> penalty_cases();
/// All of them.
std::vector<OpCase> all_cases();

// What a row answers about extreme inputs (extremes.hpp). Are they scaled: by which law does the result scale? Are they
// zero, equal, single, infinite or NaN: what are value and gradient? Is an axis long: is f32 as good as f64? Does an
// entry not count: may it be NaN? Every answer is tested, and a row without them does not compile.
void check_scaling(const OpCase& row);
void check_edges(const OpCase& row);
void check_long_axis(const OpCase& row);
void check_choice(const OpCase& row);

/// Registers the tests of every row: OpValue.<name>, OpSinglePrecision.<name>, OpGradient.<name>,
/// OpSecondGradient.<name>, OpBatch.<name>, OpCapture.<name>, OpErrors.<name>, OpScaling.<name>, OpEdges.<name>,
/// OpLongAxis.<name>, OpChoice.<name>, OpHistory.<name>, OpThreads.<name>. Returns their number.
int register_op_tests(const std::vector<OpCase>& rows);

}  // namespace sigmagrad::testing
