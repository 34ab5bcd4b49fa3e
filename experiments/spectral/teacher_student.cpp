// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/experiments/spectral/teacher_student.hpp>

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include <sigmagrad/experiments/spectral/deep_network.hpp>

namespace sigmagrad::experiments::spectral {

namespace {

constexpr std::uint64_t student_stream = 7;  // starts and batches come from a stream of their own
constexpr std::int64_t curve_points = 15;    // of the printed run; as many again of the longer one
constexpr double guard = 1e-10;              // that of every denominator, see `components`
constexpr double RelativeErrors::*error_parts[] = {
    &RelativeErrors::row_norm, &RelativeErrors::col_norm, &RelativeErrors::singular_value,
    &RelativeErrors::cond,     &RelativeErrors::rank,     &RelativeErrors::gap,
    &RelativeErrors::fro,      &RelativeErrors::overall};

// Trains `student` to imitate `teacher`, one SGD step a fresh batch.
class Training {
 public:
  Training(const Params& params, const DeepNetwork& student, const DeepNetwork& teacher, Generator& generator)
      : student_(student),
        teacher_(teacher),
        generator_(generator),
        noise_(params[noise]),
        optimizer_(student_.parameters(), {.lr = learning_rate(params)}) {}

  void run(std::int64_t updates) {
    train(optimizer_, updates, [this] {
      const auto [x, y] = draw_batch(teacher_.width(), generator_, teacher_, noise_);
      return regression_loss(student_(x), y);
    });
  }

  // The product's errors along the way from one step to another.
  void run(std::int64_t from, std::int64_t to, Trial& t) {
    const std::int64_t stride = std::max<std::int64_t>((to - from) / curve_points, 1);
    for (std::int64_t step = from; step < to;) {
      const std::int64_t updates = std::min(stride, to - step);
      run(updates);
      step += updates;
      const auto errors = relative_errors(student_.product(), teacher_.product());
      t.record(over_steps(cond_error), static_cast<double>(step), errors.cond);
      t.record(over_steps(overall_error), static_cast<double>(step), errors.overall);
    }
  }

 private:
  DeepNetwork student_, teacher_;
  Generator& generator_;
  double noise_;
  optim::SGD optimizer_;
};

// ||f_s - f_t||_F / ||f_t||_F on 1000 inputs that are the same in every trial.
double error_of_outputs(const DeepNetwork& student, const DeepNetwork& teacher) {
  NumpyGenerator generator(0);
  const NoGrad no_grad;
  const auto x = randn({1000, teacher.width()}, generator);
  const auto expected = teacher(x);
  return linalg::norm(student(x) - expected).item() / linalg::norm(expected).item();
}

// The product of their condition numbers comes back.
double record_layers(Trial& t, const DeepNetwork& student) {
  double product = 1.0;
  for (std::size_t l = 0; l < student.layers().size(); ++l) {
    const double cond = components(student.layers()[l]).cond;
    t.record(layer_cond(l + 1), cond);
    product *= cond;
  }
  return product;
}

DeepNetwork linear_student(std::int64_t width, std::int64_t count, Generator& generator) {
  const double scale = std::pow(0.1, 1.0 / static_cast<double>(count));
  std::vector<Tensor> layers;
  for (std::int64_t l = 0; l < count; ++l) layers.push_back(gaussian_layer(width, scale, generator));
  return {layers, Activation::Identity};
}

RelativeErrors mean_over_layers(const DeepNetwork& student, const DeepNetwork& teacher) {
  RelativeErrors mean{};
  const auto count = student.layers().size();
  for (std::size_t l = 0; l < count; ++l) {
    const auto errors = relative_errors(student.layers()[l], teacher.layers()[l]);
    for (const auto part : error_parts) mean.*part += errors.*part;
  }
  for (const auto part : error_parts) mean.*part /= static_cast<double>(count);
  return mean;
}

}  // namespace

Quantity layer_cond(std::size_t layer) {
  return {.name = fmt::format("layer_cond_{}", layer), .label = fmt::format("condition number of layer {}", layer)};
}

double learning_rate(const Params& params) { return params[depth] == 1 ? params[lr] : params[deep_lr]; }

void linear_trial(Trial& t) {
  const auto targets = t.generator(), generator = t.generator(student_stream);
  const DeepNetwork teacher({heterogeneous_target(t[d], *targets)}, Activation::Identity);
  const auto student = linear_student(t[d], t[depth], *generator);
  const auto start = components(student.product()), target = components(teacher.product());
  Training training(t.params(), student, teacher, *generator);
  if (is_fresh(t.params()))
    training.run(t[steps]);
  else
    training.run(0, t[steps], t);

  const auto product = components(student.product());
  record_errors(t, relative_errors(student.product(), teacher.product()));
  t.record(output_error, error_of_outputs(student, teacher));
  t.record(product_cond, product.cond);
  t.record(target_cond, target.cond);
  const double frozen = product.singular_values.front() / (start.singular_values.back() + guard);
  t.record(frozen_cond_error, std::abs(frozen - target.cond) / target.cond);
  t.record(over_bound, product.cond / record_layers(t, student));
  if (is_fresh(t.params())) return;

  training.run(t[steps], t[long_steps], t);
  t.record(final_cond_error, relative_errors(student.product(), teacher.product()).cond);
}

void relu_trial(Trial& t) {
  const auto targets = t.generator(), generator = t.generator(student_stream);
  const auto first = heterogeneous_target(t[d], *targets), second = heterogeneous_target(t[d], *targets);
  const DeepNetwork teacher({first, second}, Activation::ReLU);
  const auto lower = gaussian_layer(t[d], 0.1, *generator), upper = gaussian_layer(t[d], 0.1, *generator);
  const DeepNetwork student({lower, upper}, Activation::ReLU);
  Training training(t.params(), student, teacher, *generator);
  training.run(t[steps]);

  record_errors(t, mean_over_layers(student, teacher));
  t.record(output_error, error_of_outputs(student, teacher));
  t.record(target_cond, 0.5 * (components(first).cond + components(second).cond));
  record_layers(t, student);
  if (is_fresh(t.params())) return;

  training.run(std::max<std::int64_t>(t[long_steps] - t[steps], 0));
  const auto later = mean_over_layers(student, teacher);
  t.record(final_cond_error, later.cond);
  t.record(final_overall_error, later.overall);
  t.record(final_output_error, error_of_outputs(student, teacher));
}

}  // namespace sigmagrad::experiments::spectral
