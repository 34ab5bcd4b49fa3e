// SPDX-License-Identifier: BSD-3-Clause
// What do inputs that are not white, and layers that normalise them, change of what is learned?
#include <cmath>

#include <sigmagrad/experiments/spectral/regression.hpp>
#include <sigmagrad/nn/normalization.hpp>

namespace sigmagrad::experiments::spectral {
namespace {

const Text basis{.name = "basis",
                 .help = "of the inputs' covariance: coordinate axes, or drawn at random",
                 .quick = {"axes", "rotated"}};
const Real input_condition{.name = "kappa",
                           .help =
                               "condition number of the covariance, whose eigenvalues are a geometric series with "
                               "mean 1",
                           .label = "condition number of the inputs' covariance",
                           .quick = {1.0, 10.0, 100.0},
                           .minimum = 1};
const Text normalization{
    .name = "normalization", .help = "of the inputs, before the matrix", .quick = {"none", "batch", "layer"}};
constexpr std::int64_t probes = 8;  // inputs a coordinate that the student is compared on

// Eigenvalues of the covariance, largest first.
std::vector<double> eigenvalues(const Params& p) {
  const std::int64_t n = p[d];
  std::vector<double> values;
  double sum = 0.0;
  for (std::int64_t i = 0; i < n; ++i) {
    values.push_back(std::pow(p[input_condition], -static_cast<double>(i) / static_cast<double>(n - 1)));
    sum += values.back();
  }
  for (double& value : values) value *= static_cast<double>(n) / sum;
  return values;
}

// What a white input is multiplied by.
Tensor root_of_covariance(const Params& p, Generator& generator) {
  const auto roots = sqrt(tensor(eigenvalues(p)));
  if (p[basis] == "axes") return diag(roots);
  return roots.unsqueeze(-1) * linalg::qr(randn({p[d], p[d]}, generator)).Q.t();
}

// A matrix behind a normalisation without parameters.
class Student {
 public:
  Student(const std::string& kind, const nn::Linear& layer)
      : kind_(kind),
        layer_(layer),
        by_batch_(layer.weight.size(1), {.affine = false}),
        by_layer_(layer.weight.size(1), {.elementwise_affine = false}) {}

  const nn::Linear& layer() const { return layer_; }
  void eval() { by_batch_.eval(); }
  Tensor operator()(const Tensor& x) const {
    if (kind_ == "batch") return layer_(by_batch_(x));
    return layer_(kind_ == "layer" ? by_layer_(x) : x);
  }

 private:
  std::string kind_;
  nn::Linear layer_;
  nn::BatchNorm1d by_batch_;
  nn::LayerNorm by_layer_;
};

void trial(Trial& t) {
  const auto generator = t.generator();
  const auto target = heterogeneous_target(t[d], *generator);
  const auto root = root_of_covariance(t.params(), *generator);
  Student student(t[normalization], small_start(t[d], *generator));
  optim::SGD optimizer(student.layer().parameters(), {.lr = t[lr]});
  train(optimizer, t[steps], [&] {
    const auto x = matmul(randn({batch, t[d]}, *generator), root);
    return regression_loss(student(x), matmul(x, target.t()) + t[noise] * randn({batch, t[d]}, *generator));
  });
  // The matrix that the student is: that of the least squares through its outputs.
  const NoGrad guard;
  student.eval();
  const auto x = matmul(randn({probes * t[d], t[d]}, *generator), root);
  record_errors(t, relative_errors(linalg::lstsq(x, student(x)).t(), target));
}

// Where only the mean gradient counts, (1 - lr l)^T is left along an eigenvector with eigenvalue l; all are equally
// long in a target with independent entries. The start is a hundredth of the target's square.
double overall_in_theory(const Params& p) {
  if (p[normalization] != "none") return std::nan("");
  double square = 0.0;
  for (const double value : eigenvalues(p))
    square += std::pow(1.0 - p[lr] * value, 2.0 * static_cast<double>(p[steps]));
  return std::sqrt(square / static_cast<double>(p[d]) * (1.0 + 0.01 / std::exp(0.5)));
}

const Selection plain = normalization == "none", by_batch = normalization == "batch", skewed = input_condition == 100.0;
const Statistic overall = mean(overall_error);
const Statistic white = overall.at(plain && basis == "axes" && input_condition == 1.0);

const Register inputs{
    {.id = "spectral/inputs",
     .title = "Inputs that are not white, and normalisation",
     .question = "What do inputs that are not white, and layers that normalise them, change of what is learned?",
     .observe = "Where inputs have a covariance of condition number 100, more than half of the matrix is left after "
                "the steps that "
                "leave 0.14 with white ones: along small eigenvalues nothing is learned. Normalising coordinates over "
                "a batch mends "
                "that if the coordinates are the eigenvectors, and not otherwise.",
     .source = "paper 001, section 5.4",
     .parameters = {basis, input_condition, normalization, d.with({32}, {64}), lr, steps, noise},
     .trials = {.quick = 6, .paper = 30},
     .seconds = {.quick = 1, .paper = 7},
     .trial = trial,
     .figures = {figure(
                     "",
                     "A matrix learned from inputs whose covariance has a spectrum, behind a normalisation: errors of "
                     "the matrix that the student as a whole is. Dashed: (1 - lr l)^T along each eigenvector. "
                     "Normalising each input takes its mean away, so that the matrix is singular: it has no condition "
                     "number.")
                     .panel_each(basis, {plot(input_condition, overall_error)
                                             .by(normalization)
                                             .theory("no normalisation, theory", overall_in_theory)
                                             .log_x()})
                     .panel_each(
                         basis,
                         {plot(input_condition, cond_error).at(normalization != "layer").by(normalization).log_log()})},
     .claims = {
         {.claim = "The condition number is learned worse than the norms with structured inputs as well",
          .says = "left to future work",
          .holds = above(median(cond_error).at(plain && input_condition > 1.0),
                         mean(row_norm_error).at(plain&& input_condition > 1.0)),
          .why = "Without normalisation: median condition number error against the row norms' mean."},
         {.claim = "Inputs that are not white leave more to learn, as their eigenvalues say",
          .source = "closed form",
          .says = "(1 - lr l)^T",
          .holds = near(overall.at(plain), expected("closed form", overall_in_theory).at(plain), 0.05),
          .why = "The mean gradient alone, without the batches' noise; 5% is our measure."},
         {.claim = "Normalisation over a batch mends it where the inputs' coordinates are uncorrelated",
          .source = "paper 001, section 5.4",
          .says = "left to future work",
          .holds = near(overall.at(by_batch && basis == "axes" && skewed), white, 0.1),
          .in_shape =
              overall.at(by_batch && basis == "axes" && skewed) < overall.at(plain && basis == "axes" && skewed),
          .why =
              "As little would be left as with white inputs, to a tenth, which is ours; in shape, less than without. "
              "A batch of 64 knows a standard deviation to a tenth."},
         {.claim = "It mends it whatever the coordinates are",
          .source = "paper 001, section 5.4",
          .says = "left to future work",
          .holds = overall.at(by_batch && basis == "rotated" && skewed) < 1.1 * white,
          .why = "In coordinates that are correlated it changes their sizes alone, not the spectrum that training "
                 "meets."},
         {.claim = "Normalisation of each input mends it",
          .source = "paper 001, section 5.4",
          .says = "left to future work",
          .holds = overall.at(normalization == "layer" && skewed) < 1.1 * white,
          .why = "It divides an input by its own length and leaves the proportions of its coordinates."}}}};

}  // namespace
}  // namespace sigmagrad::experiments::spectral
