// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/experiments/compare/candidates.hpp>

namespace sigmagrad::experiments::compare {

namespace {

Candidate momentum() { return sgd({.momentum = 0.9}).called("momentum"); }

}  // namespace

std::vector<Candidate> optimizers(const optim::ShampooOptions& of_shampoo) {
  const auto with_roots = shampoo(of_shampoo).called("shampoo");
  return {sgd(),
          momentum(),
          adam(),
          adamw(),
          rmsprop(),
          adagrad(),
          muon(),
          with_roots,
          adam().at_default(),
          sgd({.momentum = 0.9, .nesterov = true}).called("nesterov"),
          nadam(),
          radam(),
          adabelief(),
          group_rmsprop(),
          sam(),
          lookahead(),
          lbfgs(),
          sgd().at_default(),
          muon().at_default(),
          with_roots.at_default()};
}

std::vector<std::string> quick_optimizers() {
  return {"sgd", "momentum", "adam", "adamw", "rmsprop", "adagrad", "muon", "shampoo", "adam (default)"};
}

Statistic loss_ratio(const std::string& one, const std::string& other) {
  return median_ratio(compared::final_loss, compared::candidate == other).at(compared::candidate == one);
}

}  // namespace sigmagrad::experiments::compare
