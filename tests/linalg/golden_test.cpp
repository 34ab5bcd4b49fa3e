// SPDX-License-Identifier: BSD-3-Clause
#include <functional>
#include <map>
#include <set>

#include <sigmagrad/autograd/graph/backward.hpp>
#include <sigmagrad/autograd/operations/elementwise.hpp>
#include <sigmagrad/autograd/operations/reductions.hpp>
#include <sigmagrad/linalg/norms.hpp>
#include <sigmagrad/linalg/solve.hpp>
#include <sigmagrad/linalg/spectral_functions.hpp>
#include <sigmagrad/linalg/spectrum.hpp>
#include <sigmagrad/linalg/svd.hpp>
#include <sigmagrad/tests/support/expect.hpp>
#include <sigmagrad/tests/support/golden.hpp>

namespace sigmagrad::linalg {
namespace {

using testing::close;
using testing::golden_tensor;

const std::map<std::string, std::function<Tensor(const Tensor&)>> functions{
    {"norm_fro", [](const Tensor& w) { return norm(w); }},
    {"norm_nuc", [](const Tensor& w) { return norm(w, Nuclear); }},
    {"norm_1", [](const Tensor& w) { return norm(w, 1); }},
    {"norm_2", [](const Tensor& w) { return norm(w, 2); }},
    {"norm_inf", [](const Tensor& w) { return norm(w, Inf); }},
    {"norm_max", [](const Tensor& w) { return norm(w, Max); }},
    {"cond_2", [](const Tensor& w) { return cond(w); }},
    {"cond_1", [](const Tensor& w) { return cond(w, 1); }},
    {"cond_inf", [](const Tensor& w) { return cond(w, Inf); }},
    {"cond_fro", [](const Tensor& w) { return cond(w, Fro); }},
    {"schatten_1.5", [](const Tensor& w) { return schatten_norm(w, 1.5); }},
    {"schatten_3", [](const Tensor& w) { return schatten_norm(w, 3); }},
    {"ky_fan_2", [](const Tensor& w) { return ky_fan_norm(w, 2); }},
    {"logabsdet", [](const Tensor& w) { return slogdet(w).logabsdet; }},
    {"log_cond", log_cond},
    {"spectral_gap", spectral_gap},
    {"stable_rank", stable_rank},
    {"effective_rank", [](const Tensor& w) { return effective_rank(w); }},
    {"row_norms_sum", [](const Tensor& w) { return sum(row_norms(w)); }},
    {"col_norms_sum", [](const Tensor& w) { return sum(col_norms(w)); }},
};

const nlohmann::json& cases() {
  static const auto cases = testing::golden("linalg.json")["cases"];
  return cases;
}

class LinalgGolden : public ::testing::TestWithParam<std::size_t> {
 protected:
  Tensor w() const { return golden_tensor(golden["W"]).requires_grad_(); }

  const nlohmann::json& golden = cases()[GetParam()];
};

TEST_P(LinalgGolden, Values) {
  for (const auto& [name, value] : golden["value"].items()) {
    EXPECT_TRUE(close(functions.at(name)(w()), tensor({value}, {}), 1e-9)) << name;
  }
}

TEST_P(LinalgGolden, Gradients) {
  for (const auto& [name, value] : golden["grad"].items()) {
    const auto x = w();
    EXPECT_TRUE(close(grad(functions.at(name)(x), {x})[0], golden_tensor(value), 1e-7)) << name;
  }
}

TEST_P(LinalgGolden, Spectrum) {
  EXPECT_TRUE(close(svdvals(w()), golden_tensor(golden["svdvals"]), 1e-9));
  EXPECT_EQ(rank_above(w(), 0.01), golden["rank_above_1pct"].get<int>());
}

TEST_P(LinalgGolden, Matrices) {
  const auto& prox = golden["prox_nuclear"];
  EXPECT_TRUE(close(prox_nuclear(w(), prox["tau"].get<double>()), golden_tensor(prox["W"]), 1e-9));
  EXPECT_TRUE(close(low_rank_approximation(w(), 2), golden_tensor(golden["low_rank_2"]), 1e-9));
  EXPECT_TRUE(close(pinv(w()), golden_tensor(golden["pinv"]), 1e-9));
}

TEST_P(LinalgGolden, SecondDerivativeOfTheNuclearNorm) {
  const auto& second = golden["hvp_norm_nuc"];
  const auto x = w();
  const auto [g] = grad(norm(x, Nuclear), {x}, {.create_graph = true});
  const auto [hv] = grad(sum(g * golden_tensor(second["direction"])), {x});
  EXPECT_TRUE(close(hv, golden_tensor(second["hv"]), 1e-6));
}

TEST_P(LinalgGolden, NothingIsLeftOut) {
  const std::set<std::string> known{"shape",        "W",          "svdvals", "value",           "grad",
                                    "prox_nuclear", "low_rank_2", "pinv",    "rank_above_1pct", "hvp_norm_nuc"};
  for (const auto& [name, value] : golden.items()) EXPECT_TRUE(known.contains(name)) << name;
  const bool square = golden["shape"][0] == golden["shape"][1];
  const std::set<std::string> of_square{"cond_1", "cond_inf", "cond_fro", "logabsdet"};
  for (const auto& [name, function] : functions)
    EXPECT_EQ(golden["value"].contains(name), square || !of_square.contains(name)) << name;
}

INSTANTIATE_TEST_SUITE_P(Cases, LinalgGolden, ::testing::Range<std::size_t>(0, cases().size()), [](const auto& test) {
  const auto& shape = cases()[test.param]["shape"];
  return shape[0].dump() + "x" + shape[1].dump();
});

}  // namespace
}  // namespace sigmagrad::linalg
