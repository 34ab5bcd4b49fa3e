// SPDX-License-Identifier: BSD-3-Clause
#include <iostream>

#include <sigmagrad/sigmagrad.hpp>

namespace sg = sigmagrad;

int main() {
  auto w = sg::tensor({1, 2, 3, 4}, {2, 2}).requires_grad_();
  sg::square(sg::matmul(w, w)).sum().backward();
  std::cout << "sigmagrad " << sg::version << " (" << sg::revision() << ")\n" << w.grad() << '\n';
  sg::save_npz({{"grad", w.grad()}}, "grad.npz");
  return sg::allclose(sg::load_npz("grad.npz")["grad"], sg::tensor({158, 274, 266, 482}, {2, 2})) ? 0 : 1;
}
