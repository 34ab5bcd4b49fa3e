// SPDX-License-Identifier: BSD-3-Clause
// The expected strings are those of NumPy 2.4: str(array).
#include <limits>
#include <sstream>

#include <gtest/gtest.h>

#include <sigmagrad/autograd/operations/elementwise.hpp>
#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/tests/support/expect.hpp>

namespace sigmagrad {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

struct Printed {
  const char* name;
  Tensor (*make)();
  const char* expected;
};

class Print : public ::testing::TestWithParam<Printed> {};

TEST_P(Print, LooksLikeNumPys) {
  std::ostringstream text;
  text << GetParam().make();
  EXPECT_EQ(text.str(), GetParam().expected);
}

const Printed cases[] = {
    {"Scalars", [] { return full({}, 3.5); }, "3.5"},
    {"WholeScalars", [] { return full({}, 2.0); }, "2.0"},
    {"LongScalars", [] { return full({}, 0.1) + 0.2; }, "0.30000000000000004"},
    {"LargeScalars", [] { return full({}, 1e16); }, "1e+16"},
    {"SmallScalars", [] { return full({}, 1.5e-5); }, "1.5e-05"},
    {"FloatScalars", [] { return full({}, 0.1, f32); }, "0.1"},
    {"LargeFloatScalars", [] { return full({}, 1e6, f32); }, "1e+06"},
    {"Matrix",
     [] {
       return tensor({1, 2, 3, 4}, {2, 2});
     },
     "[[1. 2.]\n"
     " [3. 4.]]"},
    {"AlignedColumns",
     [] {
       return tensor({1, -2.5, 10, 0.125}, {2, 2});
     },
     "[[ 1.    -2.5  ]\n"
     " [10.     0.125]]"},
    {"Vector", [] { return arange(4.0); }, "[0. 1. 2. 3.]"},
    {"EightDigits",
     [] {
       return 1.0 / tensor({3, 7, 1, 2}, {4});
     },
     "[0.33333333 0.14285714 1.         0.5       ]"},
    {"ScientificForSmall",
     [] {
       return tensor({1e-5, 1, 2}, {3});
     },
     "[1.e-05 1.e+00 2.e+00]"},
    {"ScientificForLarge",
     [] {
       return tensor({1e8, 2.5e8}, {2});
     },
     "[1.0e+08 2.5e+08]"},
    {"ScientificForWideRanges",
     [] {
       return tensor({0.001, 1.5, 2}, {3});
     },
     "[1.0e-03 1.5e+00 2.0e+00]"},
    {"ThreeDigitExponents",
     [] {
       return tensor({1e-100, 1}, {2});
     },
     "[1.e-100 1.e+000]"},
    {"NotFinite",
     [] {
       return tensor({1, not_a_number, infinity, -infinity}, {4});
     },
     "[  1.  nan  inf -inf]"},
    {"OnlyNotFinite",
     [] {
       return tensor({not_a_number, infinity}, {2});
     },
     "[nan inf]"},
    {"NegativeZero",
     [] {
       return tensor({-0.0, 1}, {2});
     },
     "[-0.  1.]"},
    {"Empty", [] { return zeros({0}); }, "[]"},
    {"EmptyRows",
     [] {
       return zeros({2, 0});
     },
     "[]"},
    {"ThreeAxes",
     [] {
       return arange(8.0).reshape({2, 2, 2});
     },
     "[[[0. 1.]\n"
     "  [2. 3.]]\n"
     "\n"
     " [[4. 5.]\n"
     "  [6. 7.]]]"},
    {"FourAxes",
     [] {
       return arange(4.0).reshape({2, 1, 2, 1});
     },
     "[[[[0.]\n"
     "   [1.]]]\n"
     "\n"
     "\n"
     " [[[2.]\n"
     "   [3.]]]]"},
    {"Wrapped", [] { return arange(30.0) / 8.0; },
     "[0.    0.125 0.25  0.375 0.5   0.625 0.75  0.875 1.    1.125 1.25  1.375\n"
     " 1.5   1.625 1.75  1.875 2.    2.125 2.25  2.375 2.5   2.625 2.75  2.875\n"
     " 3.    3.125 3.25  3.375 3.5   3.625]"},
    {"Transposed",
     [] {
       return tensor({1, 2, 3, 4}, {2, 2}).t();
     },
     "[[1. 3.]\n"
     " [2. 4.]]"},
    {"SummarisedVector", [] { return arange(1001.0); }, "[   0.    1.    2. ...  998.  999. 1000.]"},
    {"SummarisedMatrix",
     [] {
       return arange(1200.0).reshape({400, 3});
     },
     "[[0.000e+00 1.000e+00 2.000e+00]\n"
     " [3.000e+00 4.000e+00 5.000e+00]\n"
     " [6.000e+00 7.000e+00 8.000e+00]\n"
     " ...\n"
     " [1.191e+03 1.192e+03 1.193e+03]\n"
     " [1.194e+03 1.195e+03 1.196e+03]\n"
     " [1.197e+03 1.198e+03 1.199e+03]]"},
    {"SummarisedAxes",
     [] {
       return arange(2000.0).reshape({2, 10, 100});
     },
     "[[[0.000e+00 1.000e+00 2.000e+00 ... 9.700e+01 9.800e+01 9.900e+01]\n"
     "  [1.000e+02 1.010e+02 1.020e+02 ... 1.970e+02 1.980e+02 1.990e+02]\n"
     "  [2.000e+02 2.010e+02 2.020e+02 ... 2.970e+02 2.980e+02 2.990e+02]\n"
     "  ...\n"
     "  [7.000e+02 7.010e+02 7.020e+02 ... 7.970e+02 7.980e+02 7.990e+02]\n"
     "  [8.000e+02 8.010e+02 8.020e+02 ... 8.970e+02 8.980e+02 8.990e+02]\n"
     "  [9.000e+02 9.010e+02 9.020e+02 ... 9.970e+02 9.980e+02 9.990e+02]]\n"
     "\n"
     " [[1.000e+03 1.001e+03 1.002e+03 ... 1.097e+03 1.098e+03 1.099e+03]\n"
     "  [1.100e+03 1.101e+03 1.102e+03 ... 1.197e+03 1.198e+03 1.199e+03]\n"
     "  [1.200e+03 1.201e+03 1.202e+03 ... 1.297e+03 1.298e+03 1.299e+03]\n"
     "  ...\n"
     "  [1.700e+03 1.701e+03 1.702e+03 ... 1.797e+03 1.798e+03 1.799e+03]\n"
     "  [1.800e+03 1.801e+03 1.802e+03 ... 1.897e+03 1.898e+03 1.899e+03]\n"
     "  [1.900e+03 1.901e+03 1.902e+03 ... 1.997e+03 1.998e+03 1.999e+03]]]"},
    {"Floats",
     [] {
       return tensor({0.1, 0.25}, {2}, f32);
     },
     "[0.1  0.25]"},
    {"FloatsWithTheirExactDigits",
     [] {
       return tensor({-1e-11, 4.6818339e-12}, {2}, f32);
     },
     "[-1.000000e-11  4.681834e-12]"},
    {"LargeFloats",
     [] {
       return tensor({1e6, 2e6}, {2}, f32);
     },
     "[1.e+06 2.e+06]"},
};

INSTANTIATE_TEST_SUITE_P(, Print, ::testing::ValuesIn(cases), [](const auto& test) { return test.param.name; });

TEST(PrintTensor, SaysThatATensorIsUndefined) {
  std::ostringstream text;
  text << Tensor();
  EXPECT_EQ(text.str(), "undefined");
}

}  // namespace
}  // namespace sigmagrad
