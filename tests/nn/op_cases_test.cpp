// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/tests/support/op_cases.hpp>

namespace sigmagrad::testing {
namespace {

[[maybe_unused]] const int registered = register_op_tests(loss_cases()) + register_op_tests(likelihood_cases()) +
                                        register_op_tests(term_loss_cases()) + register_op_tests(penalty_cases());

}  // namespace
}  // namespace sigmagrad::testing
