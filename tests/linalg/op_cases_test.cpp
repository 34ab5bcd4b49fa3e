// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/tests/support/op_cases.hpp>

namespace sigmagrad::testing {
namespace {

[[maybe_unused]] const int registered = register_op_tests(linalg_cases()) + register_op_tests(factorization_cases()) +
                                        register_op_tests(induced_norm_cases()) + register_op_tests(error_cases()) +
                                        register_op_tests(solving_cases()) +
                                        register_op_tests(spectral_function_cases());

}  // namespace
}  // namespace sigmagrad::testing
