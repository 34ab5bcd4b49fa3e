// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/experiments/spectral/teacher_student.hpp>

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include <sigmagrad/experiments/spectral/deep_network.hpp>
#include <sigmagrad/experiments/spectral/regression.hpp>

namespace sigmagrad::experiments::spectral {
namespace {

constexpr std::uint64_t student_stream = 7;  // starts and batches come from a stream of their own
constexpr std::int64_t curve_points = 15;    // of the printed run; as many again of the longer one
constexpr double guard = 1e-10;              // that of every denominator, see `components`

// Trains `student` to imitate `teacher`, one SGD step a fresh batch.
class Training {
 public:
  Training(const Params& params, const DeepNetwork& student, const DeepNetwork& teacher, Generator& generator)
      : student_(student),
        teacher_(teacher),
        generator_(generator),
        noise_(params.real("noise")),
        optimizer_(student_.parameters(), {.lr = learning_rate(params)}) {}

  void run(std::int64_t steps) {
    train(optimizer_, steps, [this] {
      const auto [x, y] = draw_batch(teacher_.width(), generator_, teacher_, noise_);
      return regression_loss(student_(x), y);
    });
  }

  // The product's errors along the way from one step to another.
  void run(std::int64_t from, std::int64_t to, Metrics& curve) {
    const std::int64_t stride = std::max<std::int64_t>((to - from) / curve_points, 1);
    for (std::int64_t step = from; step < to;) {
      const std::int64_t steps = std::min(stride, to - step);
      run(steps);
      step += steps;
      const auto errors = relative_errors(student_.product(), teacher_.product());
      curve.add_at("cond_error", static_cast<double>(step), errors.cond);
      curve.add_at("overall_error", static_cast<double>(step), errors.overall);
    }
  }

 private:
  DeepNetwork student_, teacher_;
  Generator& generator_;
  double noise_;
  optim::SGD optimizer_;
};

// ||f_s - f_t||_F / ||f_t||_F on 1000 inputs that are the same in every trial.
double output_error(const DeepNetwork& student, const DeepNetwork& teacher) {
  NumpyGenerator generator(0);
  const NoGrad no_grad;
  const auto x = randn({1000, teacher.width()}, generator);
  const auto expected = teacher(x);
  return linalg::norm(student(x) - expected).item() / linalg::norm(expected).item();
}

void add_layers(Metrics& metrics, const DeepNetwork& student) {
  for (std::size_t l = 0; l < student.layers().size(); ++l)
    metrics.add(fmt::format("layer_cond_{}", l + 1), components(student.layers()[l]).cond);
}

DeepNetwork linear_student(std::int64_t d, std::int64_t depth, Generator& generator) {
  const double scale = std::pow(0.1, 1.0 / static_cast<double>(depth));
  std::vector<Tensor> layers;
  for (std::int64_t l = 0; l < depth; ++l) layers.push_back(gaussian_layer(d, scale, generator));
  return {layers, Activation::Identity};
}

Metrics mean_over_layers(const DeepNetwork& student, const DeepNetwork& teacher) {
  const auto layers = static_cast<double>(student.layers().size());
  std::vector<Metrics::Item> sums;
  for (std::size_t l = 0; l < student.layers().size(); ++l) {
    const auto errors = error_metrics(relative_errors(student.layers()[l], teacher.layers()[l])).items();
    if (sums.empty())
      sums = errors;
    else
      for (std::size_t i = 0; i < sums.size(); ++i) sums[i].second += errors[i].second;
  }
  Metrics means;
  for (const auto& [name, sum] : sums) means.add(name, sum / layers);
  return means;
}

}  // namespace

double learning_rate(const Params& params) { return params.real(params.integer("depth") == 1 ? "lr" : "deep_lr"); }

Metrics linear_trial(const Trial& t) {
  const Params& p = t.params;
  const std::int64_t d = p.integer("d"), steps = p.integer("steps");
  const auto targets = sampled(t).generator(), generator = sampled(t).generator(student_stream);
  const DeepNetwork teacher({heterogeneous_target(d, *targets)}, Activation::Identity);
  const auto student = linear_student(d, p.integer("depth"), *generator);
  const auto start = components(student.product()), target = components(teacher.product());
  Training training(p, student, teacher, *generator);

  Metrics curve;
  if (is_other_sample(p))
    training.run(steps);
  else
    training.run(0, steps, curve);
  const auto product = components(student.product());
  auto metrics = error_metrics(relative_errors(student.product(), teacher.product()));
  metrics.add("output_error", output_error(student, teacher))
      .add("product_cond", product.cond)
      .add("target_cond", target.cond);
  // What the error would be, had training moved the largest singular value alone.
  const double frozen = product.singular_values.front() / (start.singular_values.back() + guard);
  metrics.add("frozen_cond_error", std::abs(frozen - target.cond) / target.cond);
  add_layers(metrics, student);
  if (is_other_sample(p)) return metrics;

  training.run(steps, p.integer("long_steps"), curve);
  metrics.add("final_cond_error", relative_errors(student.product(), teacher.product()).cond);
  for (const auto& [name, value] : curve.items()) metrics.add(name, value);
  return metrics;
}

Metrics relu_trial(const Trial& t) {
  const Params& p = t.params;
  const std::int64_t d = p.integer("d"), steps = p.integer("steps");
  const auto targets = sampled(t).generator(), generator = sampled(t).generator(student_stream);
  const auto first = heterogeneous_target(d, *targets), second = heterogeneous_target(d, *targets);
  const DeepNetwork teacher({first, second}, Activation::ReLU);
  const auto lower = gaussian_layer(d, 0.1, *generator), upper = gaussian_layer(d, 0.1, *generator);
  const DeepNetwork student({lower, upper}, Activation::ReLU);
  Training training(p, student, teacher, *generator);
  training.run(steps);

  auto metrics = mean_over_layers(student, teacher);
  metrics.add("output_error", output_error(student, teacher));
  metrics.add("target_cond", 0.5 * (components(first).cond + components(second).cond));
  add_layers(metrics, student);
  if (is_other_sample(p)) return metrics;

  training.run(std::max<std::int64_t>(p.integer("long_steps") - steps, 0));
  const auto later = mean_over_layers(student, teacher);
  for (const auto& [name, value] : later.items())
    if (name == "cond_error" || name == "overall_error") metrics.add("final_" + name, value);
  return metrics.add("final_output_error", output_error(student, teacher));
}

}  // namespace sigmagrad::experiments::spectral
