// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/tests/support/op_cases.hpp>

namespace sigmagrad::testing {
namespace {

[[maybe_unused]] const int registered =
    register_op_tests(elementwise_cases()) + register_op_tests(function_cases()) +
    register_op_tests(activation_cases()) + register_op_tests(comparison_cases()) + register_op_tests(sorting_cases()) +
    register_op_tests(reduction_cases()) + register_op_tests(shape_cases()) + register_op_tests(arranging_cases()) +
    register_op_tests(indexing_cases()) + register_op_tests(index_writing_cases()) + register_op_tests(matmul_cases()) +
    register_op_tests(product_cases()) + register_op_tests(convolution_cases()) + register_op_tests(pooling_cases()) +
    register_op_tests(normalization_cases());

}  // namespace
}  // namespace sigmagrad::testing
