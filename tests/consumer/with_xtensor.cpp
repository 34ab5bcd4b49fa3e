// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/sigmagrad.hpp>
#include <sigmagrad/xtensor.hpp>

namespace sg = sigmagrad;

int main() {
  const xt::xarray<double> x = sg::to_xarray<double>(sg::tensor({1, 2, 3, 4}, {2, 2}));
  return sg::from_xarray(x + 1.0).sum().item() == 14.0 && sg::view<double>(sg::eye(2))(1, 1) == 1.0 ? 0 : 1;
}
