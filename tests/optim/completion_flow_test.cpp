// SPDX-License-Identifier: BSD-3-Clause
// Deep matrix completion from block-diagonal observations: where the flow of the factors ends against the limits that
// theory gives for it, down to initial products of 1e-10.
#include <cmath>
#include <map>

#include <sigmagrad/autograd/operations/elementwise.hpp>
#include <sigmagrad/autograd/operations/matmul.hpp>
#include <sigmagrad/autograd/operations/reductions.hpp>
#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/linalg/svd.hpp>
#include <sigmagrad/optim/gradient_flow.hpp>
#include <sigmagrad/tests/support/expect.hpp>
#include <sigmagrad/tests/support/golden.hpp>
#include <sigmagrad/theory/completion_limits.hpp>

namespace sigmagrad::optim {
namespace {

// n blocks of size s, all of whose entries are w, and nothing else is seen; depth L.
struct Setting {
  double w;
  int n, s, L;
  auto operator<=>(const Setting&) const = default;
};
// Every factor starts with alpha on the diagonal and alpha / m beside it; `product` is alpha^L.
struct Start {
  double m, product, sigma_1, sigma_rest;
};

Start with_limits(const Setting& c, double m, double product) {
  const auto limits = theory::completion_limits(
      {.w = c.w, .n = c.n, .s = c.s, .depth = c.L, .m = m, .log_alpha = std::log(product) / c.L});
  return {m, product, limits.sigma_1, limits.sigma_rest};
}

// The trials of a setting, one for each start.
class Completion {
 public:
  Completion(const Setting& c, const std::vector<Start>& starts) : c_(c) {
    const std::int64_t d = c.n * c.s;
    const auto block = floor_of(arange(static_cast<double>(d)), c.s);
    seen_ = block == block.unsqueeze(-1);
    std::vector<double> diagonal, beside;
    for (const auto& start : starts) {
      diagonal.push_back(std::pow(start.product, 1.0 / c.L));
      beside.push_back(diagonal.back() / start.m);
    }
    const Shape each{static_cast<std::int64_t>(starts.size()), 1, 1};
    const auto factor = eye(d) * tensor(diagonal, each) + (1.0 - eye(d)) * tensor(beside, each);
    for (int l = 0; l < c.L; ++l) factors_.push_back(factor.clone().requires_grad_());
  }

  GradientFlow run(GradientFlowOptions options) {
    options.max_step = [this] { return factorization_max_step(factors_); };
    return gradient_flow([this] { return 0.5 * (seen_ * square(product() - c_.w)).sum(-1).sum(-1); }, factors_,
                         options);
  }
  Tensor singular_values() const { return linalg::svdvals(product().detach()); }

 private:
  static Tensor floor_of(const Tensor& index, int s) {
    std::vector<double> result;
    for (const double i : index.data<double>()) result.push_back(std::floor(i / s));
    return tensor(result, index.shape());
  }
  Tensor product() const {
    Tensor product = factors_.front();
    for (std::size_t l = 1; l < factors_.size(); ++l) product = matmul(factors_[l], product);
    return product;
  }

  Setting c_;
  Tensor seen_;
  std::vector<Tensor> factors_;
};

void expect_limits(const Setting& c, const Completion& model, const std::vector<Start>& starts, double tolerance) {
  const auto all = model.singular_values();
  const std::int64_t d = c.n * c.s;
  for (std::size_t i = 0; i < starts.size(); ++i) {
    const double* values = all.data<double>().data() + static_cast<std::int64_t>(i) * d;
    EXPECT_NEAR(values[0] / starts[i].sigma_1, 1.0, tolerance)
        << "m " << starts[i].m << " alpha^L " << starts[i].product;
    EXPECT_NEAR(values[c.n - 1], starts[i].sigma_rest, tolerance * starts[i].sigma_rest + 1e-9)
        << "m " << starts[i].m << " alpha^L " << starts[i].product;
  }
}

// With s = 1 the loss falls exponentially in the end. Trials take at most `most_steps`.
void expect_flow_ends_at(const Setting& c, const std::vector<Start>& starts, double most_steps) {
  Completion model(c, starts);
  const auto flow = model.run({.rtol = 1e-8, .loss_below = 1e-14 * c.w * c.w, .max_steps = 1000});
  for (std::size_t i = 0; i < starts.size(); ++i) {
    EXPECT_EQ(flow.reason[i], FlowStop::Loss);
    EXPECT_LT(flow.steps.data<double>()[i], most_steps);
  }
  expect_limits(c, model, starts, 1e-5);
}

const std::map<Setting, std::vector<Start>>& golden() {
  static const auto groups = [] {
    std::map<Setting, std::vector<Start>> result;
    const auto file = testing::golden("completion_limits.json");
    for (const auto& c : file["cases"]) {
      const double m = c["m"].is_string() ? std::numeric_limits<double>::infinity() : c["m"].get<double>();
      result[{c["w"], c["n"], c["s"], c["L"]}].push_back({m, c["alphaL"], c["sigma1"], c["sigma_rest"]});
    }
    return result;
  }();
  return groups;
}

class CompletionFlow : public ::testing::TestWithParam<int> {};  // by depth
INSTANTIATE_TEST_SUITE_P(Depth, CompletionFlow, ::testing::Range(2, 6));

TEST_P(CompletionFlow, EndsAtTheLimitsOfTheory) {
  int settings = 0;
  for (const auto& [c, starts] : golden()) {
    if (c.s != 1 || c.L != GetParam()) continue;
    ++settings;
    expect_flow_ends_at(c, starts, 400);
  }
  EXPECT_EQ(settings, 4);
}

// Within blocks the singular values go to 0 by a power law. The others converge at the time at which the largest
// eigenvalue of the factors, l' <= s w l^(L-1), has grown.
TEST_P(CompletionFlow, EndsAtTheLimitsOfTheoryForBlocks) {
  int runs = 0;
  for (const auto& [c, starts] : golden())
    for (const auto& start : starts) {
      if (c.s == 1 || c.L != GetParam() || (start.m != 2.0 && start.m != 100.0)) continue;
      ++runs;
      const double alpha = std::pow(start.product, 1.0 / c.L), d = c.n * c.s, k = c.L - 2;
      const double largest = std::isinf(start.m) ? alpha : alpha * (1.0 + (d - 1.0) / start.m);
      const double grown = k == 0 ? -std::log(largest) : std::pow(largest, -k) / k;
      Completion model(c, {start});
      const auto flow = model.run({.t_end = grown / (c.s * c.w) + 10.0, .rtol = 1e-8, .method = FlowMethod::Explicit});
      expect_limits(c, model, {start}, 1e-5);
      EXPECT_LT(flow.steps.item(), 3000) << c.L << ' ' << start.m << ' ' << start.product;
    }
  EXPECT_EQ(runs, 6);
}

TEST(CompletionFlowFrom1e10, EndsAtTheLimits) {
  for (const int n : {3, 10})
    for (const int L : {3, 4, 5}) {
      const Setting c{1.0, n, 1, L};
      std::vector<Start> starts;
      for (const double m : {1.5, 2.0, 10.0, 100.0, 1e4, 1e10}) starts.push_back(with_limits(c, m, 1e-10));
      expect_flow_ends_at(c, starts, 400);
    }
}

}  // namespace
}  // namespace sigmagrad::optim
