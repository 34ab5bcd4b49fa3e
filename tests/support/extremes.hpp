// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <string>
#include <vector>

#include <sigmagrad/tests/support/array.hpp>

// What a row of op_cases answers about extreme inputs. No answer has a default: a row without one does not compile.
namespace sigmagrad::testing {

/// The gradient of sum(weights * f(x)) for each input, in plain code. It states the convention at every kink and zero.
using Pullback = std::function<Arrays(const Arrays& x, const Array& weights)>;

/// What becomes of f where inputs are scaled by c: 2^+-498 in f64, 2^+-60 in f32; for results that scale as c or not at
/// all also by 2^+-700 and 2^+-90, whose squares leave the range.
struct Scaling {
  /// f(c x) = c^degree f(x), first derivatives scale by c^(degree - 1) and second ones by c^(degree - 2), where x are
  /// the inputs that are scaled: all if `inputs` is empty.
  struct Law {
    double degree;
    std::vector<std::size_t> inputs{};
  };
  enum class Kind { Laws, Reference, SmallReference, Refused, Meaningless };

  Scaling(Kind kind_, std::vector<Law> laws_, std::string large_ = {}, std::string small_ = {})
      : kind(kind_), laws(std::move(laws_)), large(std::move(large_)), small(std::move(small_)) {}

  Kind kind;
  std::vector<Law> laws;
  std::string large, small;  // the Errors of large and of small inputs, or the reason
};
Scaling homogeneous(double degree);
/// In each input alone, by its own degree, and in all together by the sum of the degrees.
Scaling homogeneous_in_each(const std::vector<double>& degrees);
Scaling laws(std::vector<Scaling::Law> each);
/// There is no law: the reference tells the value, the pullback the gradient; without one it is free of NaN.
Scaling by_reference();
/// By the reference at small inputs, and the reason why large ones have no result to compare.
Scaling by_reference_if_small(std::string reason);
/// "" where there is no Error: the reference tells the value.
Scaling refuses_scales(std::string large, std::string small);
Scaling no_scaling(std::string reason);

/// What the gradient is at an extreme input.
class Slope {
 public:
  enum Kind { Plain, Finite, Undefined, Unchanged, Number, Refused };
  constexpr Slope(Kind kind_) : kind(kind_) {}
  constexpr Slope(double number_) : kind(Number), number(number_) {}
  constexpr Slope(const char* message_) : kind(Refused), message(message_) {}

  Kind kind;
  double number = 0.0;       // all entries
  const char* message = "";  // the beginning of that of the Error that the gradient is
};
inline constexpr Slope plain = Slope::Plain;          // as the row's pullback has it
inline constexpr Slope finite = Slope::Finite;        // no NaN, no infinity
inline constexpr Slope undefined = Slope::Undefined;  // NaN somewhere: mathematics has none
inline constexpr Slope unchanged = Slope::Unchanged;  // as at ordinary inputs: f is linear

/// What becomes of one kind of input.
struct Outcome {
  enum class Kind { Reference, Number, Refused, RefusedSo, Meaningless };
  Outcome(Kind kind_, Slope slope_, double value_ = 0.0, std::string text_ = {})
      : kind(kind_), slope(slope_), value(value_), text(std::move(text_)) {}

  Kind kind;
  Slope slope;
  double value;      // all entries
  std::string text;  // the Error's message, or the reason
};
Outcome as_reference(Slope slope = plain);
Outcome gives(double value, Slope slope);
Outcome refuses(std::string message);
/// An Error whose message begins so, where its end names the shape.
Outcome refuses_any(std::string beginning);
Outcome meaningless(std::string reason);

/// All inputs zero; all entries equal (1.5); axes of size 1; one entry infinite or NaN, in each input by turns.
struct Edges {
  Outcome zeros, equal, single, plus_inf, minus_inf, nan;
};
Edges everywhere(const Outcome& outcome);
/// f is linear: the reference tells the value, and the gradient does not depend on the input.
Edges linear_edges();
/// An Error at the entries that are not finite: "<operation>: input has non-finite entries".
Edges finite_only(const std::string& operation, Outcome zeros, Outcome equal, Outcome single);

/// Inputs with a long axis, at which f32 must be as good as f64 up to a few units in the last place times log2 n; or
/// the reason why there are none.
struct LongAxis {
  explicit LongAxis(std::vector<std::vector<Shape>> shapes_, double factor_)
      : shapes(std::move(shapes_)), factor(factor_) {}
  std::vector<std::vector<Shape>> shapes;
  double factor;  // f32's relative error over eps * log2 n; none if 0
};
LongAxis folds(std::vector<std::vector<Shape>> shapes, double factor = 4.0);
/// Each entry of the result depends on one entry of each input at most, which is tested.
LongAxis folds_nothing();

/// Which entries f does not look at. An entry that does not move the result at ordinary inputs must not reach value or
/// gradient of the others if one of `poisons` stands there, and its own gradient is 0, even where an infinite gradient
/// arrives from above. What an entry does not move within the result keeps its bits too.
struct Choice {
  enum class Kind { Chooses, TakesAll, Constant };
  Choice(Kind kind_, std::vector<double> poisons_) : kind(kind_), poisons(std::move(poisons_)) {}
  Kind kind;
  std::vector<double> poisons;
};
/// Some entries do not count; those that are poisoned in the test are by these numbers.
Choice chooses(std::vector<double> poisons);
/// Every entry counts, which is tested.
Choice takes_all();
/// The result moves in jumps or not at all: no entry has a gradient.
Choice piecewise_constant();

/// All answers of one row.
struct Extremes {
  Scaling scaling;
  Edges edges;
  LongAxis long_axis;
  Choice choice;
};

/// Pullbacks of functions of each entry, of two broadcast tensors, and of folds along an axis or of everything.
using Derivative = double (*)(double);
using Derivatives2 = std::array<double (*)(double, double), 2>;
using FoldDerivative = std::function<std::vector<double>(const std::vector<double>&)>;
Pullback pullback_of(Derivative derivative);
Pullback pullback_of(Derivatives2 derivatives);
Pullback pullback_of_fold(int axis, bool keepdim, FoldDerivative derivative);
Pullback pullback_of_fold(FoldDerivative derivative);

}  // namespace sigmagrad::testing
