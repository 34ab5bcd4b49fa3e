// SPDX-License-Identifier: BSD-3-Clause
// Who imitates a small ReLU network best?
#include <cmath>

#include <sigmagrad/experiments/compare/candidates.hpp>

namespace sigmagrad::experiments::compare {
namespace {

const Int width{.name = "width",
                .help = "hidden units of the student; the teacher has 8",
                .quick = {16},
                .paper = {16, 32},
                .minimum = 1};

constexpr std::int64_t in = 8, out = 2, teacher_width = 8, examples = 128;

struct Layers {
  Tensor w1, b1, w2, b2;  // [..., width, in], [..., width], [..., out, width], [..., out]
  std::vector<Tensor> all() const { return {w1, b1, w2, b2}; }
};

Layers drawn_layers(std::int64_t hidden, Generator& generator) {
  const auto scale = [](std::int64_t inputs) { return 1.0 / std::sqrt(static_cast<double>(inputs)); };
  return {1.4 * scale(in) * randn({hidden, in}, generator), 0.1 * randn({hidden}, generator),
          scale(hidden) * randn({out, hidden}, generator), zeros({out})};
}

Tensor outputs(const Layers& net, const Tensor& x) {
  const auto hidden = relu(matmul(x, net.w1.transpose(-2, -1)) + net.b1.unsqueeze(-2));
  return matmul(hidden, net.w2.transpose(-2, -1)) + net.b2.unsqueeze(-2);
}

struct Drawn {
  Tensor x, y, new_x, new_y;  // [examples, ...]; y has the mean square 1
  Layers student;
};

Drawn draw(Trial& t) {
  const auto generator = t.generator();
  const auto teacher = drawn_layers(teacher_width, *generator);
  const auto x = randn({2 * examples, in}, *generator);
  auto y = outputs(teacher, x);
  y = (y - y.mean(0, true)) / y.std();
  return {x.narrow(0, 0, examples).clone(), y.narrow(0, 0, examples).clone(), x.narrow(0, examples, examples).clone(),
          y.narrow(0, examples, examples).clone(), drawn_layers(t[width], *generator)};
}

Layers trained(const Layers& start) {
  auto copy = start;
  for (Tensor* tensor : {&copy.w1, &copy.b1, &copy.w2, &copy.b2}) *tensor = tensor->clone().requires_grad_();
  return copy;
}

Tensor mse(const Layers& net, const Tensor& x, const Tensor& y) { return square(outputs(net, x) - y).mean({-2, -1}); }

Training make(Trial& t) {
  const auto drawn = draw(t);
  const auto net = trained(drawn.student);
  return {.parameters = net.all(),
          .loss = [=] { return mse(net, drawn.x, drawn.y); },
          .evaluate = [=] { return mse(net, drawn.new_x, drawn.new_y).item(); },
          .captured = true};
}

Trainings make_many(std::span<Trial> trials) {
  std::vector<std::vector<Tensor>> columns(8);
  for (Trial& t : trials) {
    const auto drawn = draw(t);
    std::vector<Tensor> row{drawn.x, drawn.y, drawn.new_x, drawn.new_y};
    for (const Tensor& layer : drawn.student.all()) row.push_back(layer);
    for (std::size_t i = 0; i < row.size(); ++i) columns[i].push_back(row[i]);
  }
  std::vector<Tensor> all;
  for (const auto& column : columns) all.push_back(stack(column));
  const auto net = trained({all[4], all[5], all[6], all[7]});
  return {.parameters = net.all(),
          .losses = [=, x = all[0], y = all[1]] { return mse(net, x, y); },
          .evaluate = [=, x = all[2], y = all[3]] { return mse(net, x, y); }};
}

const Problem teacher_student{.name = "teacher_student",
                              .parameters = {width},
                              .make = make,
                              .batched = make_many,
                              .steps = {.quick = 500},
                              .target = 0.1};

const Register comparison{
    lab::compare("compare/teacher_student", {teacher_student}, optimizers(),
                 {.title = "Optimisers on a ReLU student of a ReLU teacher",
                  .question = "Who imitates a small ReLU network best?",
                  .observe = "The validation loss is relative to the variance of the outputs, on inputs that are not "
                             "trained on. Muon ends lowest (0.006), AdamW at 0.010, SGD at 0.033, each tuned; Adam at "
                             "its default rate is at 0.13 after the 500 steps.",
                  .trials = {.quick = 12, .paper = 20},
                  .seconds = {.quick = 3, .paper = 10},
                  .claims = {{.claim = "Adam at its default rate does as well as tuned SGD",
                              .source = "Schmidt, Schneider and Hennig 2021, for many problems",
                              .says = "optimisers at their defaults do about as well as a tuned one",
                              .holds = loss_ratio("adam (default)", "sgd") <= 1.0,
                              .why = "Final losses on the same seeds; the budget is short for a rate of 0.001."}},
                  .quick = quick_optimizers()})};

}  // namespace
}  // namespace sigmagrad::experiments::compare
