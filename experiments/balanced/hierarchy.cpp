// SPDX-License-Identifier: BSD-3-Clause
// Do networks with and without nonlinear units learn a hierarchy from broad to fine, and represent what is alike alike?
#include <algorithm>
#include <cmath>

#include <sigmagrad/experiments/balanced/nonlinear_network.hpp>
#include <sigmagrad/experiments/balanced/semantic_course.hpp>
#include <sigmagrad/experiments/balanced/semantic_task.hpp>

namespace sigmagrad::experiments::balanced {
namespace {

constexpr int looks = 150;

const Text activation{.name = "activation", .help = "of the hidden layer", .quick = {"linear", "relu", "tanh"}};
const Int n_h{.name = "n_h", .help = "hidden units", .quick = {32}, .minimum = 8};
const Real scale{
    .name = "scale", .help = "standard deviation of the Gaussian weights", .quick = {0.01}, .minimum = 1e-9};
const Real lr{.name = "lr", .help = "step of full-batch gradient descent", .quick = {0.01}, .minimum = 1e-6};
const Real t_end{.name = "t_end", .help = "end of the training, in units of tau", .quick = {30.0}, .minimum = 1};

const Curve similarity{.name = "similarity", .label = "similarity of items, row by row"};
// Entries of the items' similarity, X W1'W1 X' of the present weights or that of the task, relative to the diagonal.
const Quantity within_pair{.name = "within_pair", .label = "similarity of two birds, two fish, ..."};
const Quantity within_branch{.name = "within_branch", .label = "similarity of birds and fish, trees and flowers"};
const Quantity across{.name = "across", .label = "similarity of animals and plants"};
const Quantity task_pair{.name = "task_pair", .label = within_pair.label + ", in the task"};
const Quantity task_branch{.name = "task_branch", .label = within_branch.label + ", in the task"};
const Quantity task_across{.name = "task_across", .label = across.label + ", in the task"};
const Quantity similar_ends{.name = "similar_ends", .label = "cosine of RSM_I and RSM_O at the end"};

// Means over entries, whose items lie on one branch of the tree up to `size` of them: 2 pairs, 4 branches, 8 all.
double mean_between(const Tensor& similar, std::int64_t size) {
  const auto n = similar.size(0);
  const auto values = similar.to_vector();
  double sum = 0.0, diagonal = 0.0;
  std::int64_t count = 0;
  for (std::int64_t i = 0; i < n; ++i) {
    diagonal += values[static_cast<std::size_t>(i * n + i)] / static_cast<double>(n);
    for (std::int64_t j = 0; j < n; ++j)
      if (i / size == j / size && i / (size / 2) != j / (size / 2))
        sum += values[static_cast<std::size_t>(i * n + j)], ++count;
  }
  return sum / (static_cast<double>(count) * diagonal);
}

// U f(s) U' of the left, V f(s) V' of the right singular vectors, with f(s) = s.
Tensor of_inputs(const Tensor& Sigma) {
  const auto [U, S, Vt] = linalg::svd(Sigma);
  return matmul(Vt.t() * S, Vt);
}
Tensor of_outputs(const Tensor& Sigma) { return of_inputs(Sigma.t()); }

void trial(Trial& t) {
  const auto generator = t.generator();
  const auto task = semantic_task(signed_hierarchy());
  const TwoLayerNonlinear model({t[scale] * randn({t[n_h], 8}, *generator), t[scale] * randn({8, t[n_h]}, *generator)},
                                t[activation]);
  const Modes modes(task.Sigma);
  std::vector<Crossing> half(modes.values().size(), Crossing(0.5));
  Descent descent(model, task, t[lr]);
  const auto stride = std::max<std::int64_t>(std::llround(t[t_end] / t[lr] / looks), 1);
  for (int i = 1; i <= looks; ++i) {
    descent.run(stride);
    const double time = static_cast<double>(i * stride) * t[lr];
    const NoGrad guard;
    // What the network has learned of the correlation of outputs and inputs: its product, where it is linear.
    const auto learned = modes.learned(matmul(model(task.X).t(), task.X) / static_cast<double>(task.X.size(0)));
    for (std::size_t k = 0; k < learned.size(); ++k) {
      t.record(mode_share(k + 1), time, learned[k]);
      half[k].look(time, learned[k]);
    }
  }
  for (std::size_t k = 0; k < half.size(); ++k)
    if (half[k].time()) t.record(half_time(k + 1), *half[k].time());
  const auto [input, output] = theory::representations(model.W1.detach(), model.W2.detach());
  const auto similar = theory::input_similarity(input, task.X), wanted = of_inputs(task.Sigma);
  t.record(within_pair, mean_between(similar, 2));
  t.record(within_branch, mean_between(similar, 4));
  t.record(across, mean_between(similar, 8));
  t.record(task_pair, mean_between(wanted, 2));
  t.record(task_branch, mean_between(wanted, 4));
  t.record(task_across, mean_between(wanted, 8));
  t.record(similar_ends, theory::cosine_similarity(similar, theory::output_similarity(output, task.Y)).item());
  if (t.index() == 0) record_entries(t, similarity, similar);
}

const std::vector<std::string> items = {"canary", "robin", "salmon", "sunfish", "oak", "pine", "rose", "daisy"};
const std::vector<std::string> properties = {"all",  "animal or plant", "bird or fish", "tree or flower", "birds",
                                             "fish", "trees",           "flowers"};

Panel matrix_panel(const std::string& title, const Tensor& values, const std::vector<std::string>& rows,
                   const std::vector<std::string>& columns) {
  Panel panel{.title = title};
  panel.matrix = {.columns = values.size(1), .values = values.to_vector(), .row_names = rows, .column_names = columns};
  for (double& value : panel.matrix.values) value = rounded<1>(value);
  return panel;
}

std::vector<Panel> the_task(const Results&) {
  const auto H = signed_hierarchy();
  return {matrix_panel("H", H, properties, items), matrix_panel("V S V', items", of_inputs(H), items, items),
          matrix_panel("U S U', properties", of_outputs(H), properties, properties)};
}

std::vector<Panel> similarities(const Results& results) {
  std::vector<Panel> panels;
  for (const Group* group : results.where()) {
    std::vector<double> values;
    for (const auto& point : group->curve(similarity)) values.push_back(point.statistics.median);
    panels.push_back(matrix_panel((*group)[activation], tensor(values, {8, 8}), items, items));
  }
  return panels;
}

const Selection linear = activation == "linear";

Condition in_order(const Selection& at) {
  return median(half_time(1)).at(at) < median(half_time(2)).at(at) &&
         median(half_time(2)).at(at) < median(half_time(3)).at(at) &&
         ratio(median(half_time(3)), median(half_time(1))).at(at) > 1.5;
}

const std::string source = "paper 004, section 4.3";

const Register hierarchy{
    {.id = "balanced/hierarchy",
     .title = "The hierarchy, and networks with nonlinear units that learn it",
     .question = "Do networks with and without nonlinear units learn a hierarchy from broad to fine, and represent "
                 "alike what is alike?",
     .observe = "Linear, ReLU and tanh networks from small weights learn animals and plants apart before birds and "
                "fish, and those before the two birds. In the end two birds are most alike, birds and fish less, "
                "animals and plants least.",
     .source = source + ", figure 4.1",
     .parameters = {activation, n_h, scale, lr, t_end},
     .trials = {.quick = 10, .paper = 50},
     .seconds = {.quick = 1, .paper = 1},
     .trial = trial,
     .figures = {figure("task",
                        "The task: properties of eight items, and the similarities of items and of properties that lie "
                        "in it, H = U S V'.")
                     .whole()
                     .panels(the_task),
                 figure(
                     "",
                     "Share of each level of the hierarchy that is learned (mode 1: all, and animals from plants; 2: "
                     "birds from fish, trees from flowers; 3: one of a pair from the other), from small Gaussian "
                     "weights. Medians with quartiles.")
                     .panel_each(
                         activation,
                         {plot({mode_share(1), mode_share(2), mode_share(3)}).log_x().y_label("share learned")}),
                 figure("similarity",
                        "Similarity X W1'W1 X' of the items' hidden representations (before the nonlinearity) at the "
                        "end of one training.")
                     .whole()
                     .panels(similarities)},
     .claims = {
         {.claim = "Two fish are most alike, fish and birds less so, fish and plants least",
          .source = source,
          .says = "most, somewhat, least",
          .holds = median(task_pair).at(linear) > median(task_branch).at(linear) &&
                   median(task_branch).at(linear) > median(task_across).at(linear) &&
                   median(within_pair).at(linear) > median(within_branch).at(linear) &&
                   median(within_branch).at(linear) > median(across).at(linear),
          .why = "Mean entries, over the diagonal, of V S V' and of RSM_I = X W1'W1 X' of the trained linear network."},
         {.claim = "Linear networks differentiate the hierarchy from broad to fine",
          .source = source,
          .says = "hierarchical differentiation",
          .holds = in_order(linear),
          .why = "Half of a level is learned after half of the one above it, the last after 1.5 times the first's time "
                 "at least, the limit of the claim in balanced/semantic."},
         {.claim = "More complex networks do, too",
          .source = source,
          .says = "more complex networks",
          .holds = in_order(activation == "relu") && in_order(activation == "tanh"),
          .in_shape = in_order(activation == "relu") || in_order(activation == "tanh"),
          .why = "ReLU and tanh units in the hidden layer, small Gaussian weights."},
         {.claim = "At convergence RSM_I and RSM_O are the same",
          .source = "beyond the thesis",
          .says = "both defined in section 2.3.2",
          .holds = median(similar_ends).at(linear) > 0.999,
          .why = "X W1'W1 X' and Y (W2W2')^+ Y' of the linear network: they are equal where W2W1 is the target and W2 "
                 "has full column rank; from small weights the spare hidden units count for nothing."}}}};

}  // namespace
}  // namespace sigmagrad::experiments::balanced
