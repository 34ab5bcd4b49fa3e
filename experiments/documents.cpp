// SPDX-License-Identifier: BSD-3-Clause
// The documents that the experiments are about, as docs/DESIGN.md lists them.
#include <sigmagrad/lab/model/experiment.hpp>

namespace sigmagrad::experiments {
namespace {

const lab::RegisterTitle titles[] = {
    {"paper 000", "Identifying Non-Learned Matrix Components in Neural Network Training"},
    {"paper 001", "Condition Number as a Non-Learned Matrix Property"},
    {"paper 002", "Matrix completion by deep factorisation"},
    {"paper 003", "Matrix Norms and Condition Numbers"},
    {"paper 004", "Balanced deep linear networks"},
};

}  // namespace
}  // namespace sigmagrad::experiments
