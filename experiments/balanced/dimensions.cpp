// SPDX-License-Identifier: BSD-3-Clause
// Where does "large lambda is lazy and fast" hold: which widths, which depth?
#include <algorithm>
#include <cmath>
#include <limits>
#include <span>

#include <fmt/format.h>

#include <sigmagrad/experiments/balanced/deep_balanced.hpp>
#include <sigmagrad/experiments/balanced/two_layer.hpp>
#include <sigmagrad/experiments/harness/experiment.hpp>

namespace sigmagrad::experiments::balanced {
namespace {

constexpr std::int64_t n_i = 3, n_o = 5, samples = 16;
constexpr double learned = 0.01;  // of the initial distance from the target, where training counts as done
constexpr double scales[] = {0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0};
constexpr double second_lambdas[] = {-100.0, -10.0, 0.0, 10.0, 100.0};
constexpr double deep_scale = 0.1;

// How a training by gradient flow until `learned` went.
struct Training {
  double time;
  double kernel_change;    // ||K(end) - K(0)||_F / ||K(0)||_F
  double kernel_distance;  // 1 - cos(K(0), K(end))
  bool done;
};

// When a loss falls below `wanted`: between two looks its logarithm is a straight line.
class Crossing {
 public:
  Crossing(double wanted, double at_start) : wanted_(wanted), last_(at_start) {}
  void look(double time, double loss) {
    if (passed_ == 0 && loss <= wanted_)
      passed_ = last_time_ + (time - last_time_) * std::log(last_ / wanted_) / std::log(last_ / loss);
    last_time_ = time;
    last_ = loss;
  }
  double time() const { return passed_; }

 private:
  double wanted_, last_, last_time_ = 0.0, passed_ = 0.0;
};

std::vector<double> times_to_look() {
  std::vector<double> times;
  for (int i = 0; i <= 600; ++i) times.push_back(std::pow(10.0, -5 + i / 50.0));
  return times;
}

template <class Model>
Training train(const Model& model, const Task& task) {
  const auto before = ntk(model, task.X);
  const double irreducible = task.irreducible_loss().item();
  const auto reducible = [&] { return squared_error(model(task.X), task.Y) - irreducible; };
  const auto now = [&] {
    const NoGrad guard;
    return reducible().item();
  };
  const double at_start = now(), wanted = learned * learned * at_start;
  Crossing crossing(wanted, at_start);
  const auto flow = optim::gradient_flow(reducible, model.parameters(),
                                         {.rtol = 1e-7,
                                          .loss_below = wanted,
                                          .max_steps = 100'000,
                                          .at = times_to_look(),
                                          .callback = [&](double time, std::int64_t) { crossing.look(time, now()); }});
  crossing.look(flow.t.item(), flow.loss.item());
  const auto after = ntk(model, task.X);
  return {crossing.time(), relative_distance(after, before).item(), theory::kernel_distance(before, after).item(),
          flow.reason.front() == optim::FlowStop::Loss};
}

// The time at which the exact loss falls to `wanted`, by bisection; infinity where it does not by 1e9 tau.
double exact_time(const theory::BalancedDynamics& flow, double wanted) {
  const auto before = [&](double t) { return flow.loss({t}).item() > wanted; };
  double low = 0.0, high = 1e-4;
  while (before(high)) {
    low = high;
    high *= 2;
    if (high > 1e9) return std::numeric_limits<double>::infinity();
  }
  for (int i = 0; i < 40; ++i) {
    const double middle = (low + high) / 2;
    (before(middle) ? low : high) = middle;
  }
  return high;
}

// Kernel distance between start and end of the exact solution by initial scale.
void add_map(Metrics& metrics, const Trial& t, const Task& task) {
  for (const double scale : scales) {
    const auto weights = t.generator(2);
    const auto [W1, W2] = theory::lambda_balanced(t.params.real("lambda"), {n_i, t.params.integer("n_h"), n_o},
                                                  {.sigma = scale}, *weights);
    const theory::BalancedDynamics flow(W1, W2, task.Sigma);
    const double time = exact_time(flow, learned * learned * theory::task_loss(zeros({n_o, n_i}), task.Sigma).item());
    if (!std::isfinite(time)) continue;  // a saddle
    const auto kernels = flow.ntk({0.0, 10 * time}, task.X);
    metrics.add_at("map", scale, theory::kernel_distance(kernels.select(0, 0), kernels.select(0, 1)).item());
  }
}

Metrics two_layers(const Trial& t) {
  const double lambda = t.params.real("lambda");
  const auto tasks = t.generator(), generator = t.generator(1);
  const auto task = random_task(n_i, n_o, samples, *tasks);
  const auto weights = theory::lambda_balanced(lambda, {n_i, t.params.integer("n_h"), n_o}, {}, *generator);
  const auto [kept, distance] = theory::balancedness(weights.W1, weights.W2);
  const theory::BalancedDynamics flow(weights.W1, weights.W2, task.Sigma);
  const double size = std::max(1.0, std::abs(lambda));
  const double exact = exact_time(flow, learned * learned * flow.loss({0.0}).item());
  const auto training = train(TwoLayer(weights), task);
  if (!training.done) throw Error("the flow was not done after 100000 steps");
  Metrics metrics{{"time", training.time},
                  {"time_per_lambda", training.time * size},
                  {"kernel_change", training.kernel_change},
                  {"kernel_distance", training.kernel_distance},
                  {"balance_residual", (std::abs(kept.item() - lambda) + distance.item()) / size}};
  if (std::isfinite(exact)) metrics.add("time_exact", exact).add("time_error", std::abs(training.time / exact - 1));
  add_map(metrics, t, task);
  return metrics;
}

// Aligned zero-balanced layers against the scalar equation of depth 3: the largest deviation of a mode over time, over
// s.
double reference_deviation(const Task& task, Generator& generator) {
  const auto [U, S, Vt] = linalg::svd(task.Sigma);
  const auto s = S.to_vector(), a0 = (0.02 + 0.1 * rand(S.shape(), generator)).to_vector();
  const ThreeLayer model(deep_balanced(matmul(U * tensor(a0), Vt), 0, 0, generator));
  double worst = 0.0;
  const auto compare = [&, &left = U, &right = Vt](double time, std::int64_t) {
    const NoGrad guard;
    const auto a = diag(matmul(matmul(left.t(), model.product()), right.t())).to_vector();
    for (std::size_t i = 0; i < a.size(); ++i)
      worst = std::max(worst, std::abs(a[i] - theory::deep_aligned_mode(s[i], a0[i], 3, time)) / s.front());
  };
  optim::gradient_flow([&] { return squared_error(model(task.X), task.Y); }, model.parameters(),
                       {.t_end = 30.0, .rtol = 1e-9, .at = {0.5, 2.0, 5.0, 10.0, 20.0, 30.0}, .callback = compare});
  return worst;
}

Metrics three_layers(const Trial& t) {
  const double lambda = t.params.real("lambda");
  const std::int64_t n = t.params.integer("n_h");
  const auto tasks = t.generator(), generator = t.generator(1);
  const auto task = random_task(n, n, samples, *tasks);
  auto start = deep_scale * randn({n, n}, *generator);
  // A target of the other orientation would lead through a saddle.
  if ((linalg::slogdet(start).sign * linalg::slogdet(task.Sigma).sign).item() < 0)
    start = start * tensor({-1.0, 1.0, 1.0});
  Metrics metrics;
  for (const double second : second_lambdas) {
    const auto training = train(ThreeLayer(deep_balanced(start, lambda, second, *generator)), task);
    if (!training.done) continue;
    metrics.add_at("deep_time", second, training.time);
    metrics.add_at("deep_kernel_distance", second, training.kernel_distance);
  }
  if (lambda == 0) metrics.add("reference_deviation", reference_deviation(task, *generator));
  return metrics;
}

Metrics trial(const Trial& t) { return t.params.integer("depth") == 2 ? two_layers(t) : three_layers(t); }

// Weights that exist, and three square layers of the smallest width.
bool valid(const Params& p) {
  const double lambda = p.real("lambda");
  const auto n_h = p.integer("n_h");
  if (p.integer("depth") == 3) return n_h == n_i && std::abs(lambda) <= 100;
  return lambda == 0 || n_h <= (lambda > 0 ? n_o : n_i);
}

const Group& wide(const Results& r, std::int64_t n_h, double lambda) {
  return r.group({{"depth", 2}, {"n_h", n_h}, {"lambda", lambda}});
}

Panel against_lambda(const Results& results, const std::string& metric, const std::string& title) {
  Panel panel{.title = title, .x_label = "|\u03bb|", .y_label = title, .log_x = true, .log_y = true};
  for (const std::int64_t n_h : {3, 4, 5})
    for (const double sign : {1.0, -1.0}) {
      Groups groups;
      for (const Group* group : results.where({{"depth", 2}, {"n_h", n_h}}))
        if (sign * group->params().real("lambda") > 0) groups.push_back(group);
      if (groups.empty()) continue;
      auto series = medians(groups, "lambda", metric, fmt::format("n_h = {}, \u03bb {} 0", n_h, sign > 0 ? ">" : "<"));
      for (double& x : series.x) x = std::abs(x);
      panel.series.push_back(series);
    }
  return panel;
}

double rounded(double value) { return std::round(1000 * value) / 1000; }

// Rows: groups, named by `row`; columns: what the curve `metric` is recorded at. A cell stays empty where no trial
// came to an end.
Panel heat_map(const Groups& groups, const std::string& metric, std::span<const double> columns, Panel panel,
               std::string (*row)(const Params&), double (*shown)(double)) {
  panel.matrix.columns = static_cast<std::int64_t>(columns.size());
  for (const double column : columns) panel.matrix.column_names.push_back(fmt::format("{:g}", column));
  for (const Group* group : groups) {
    panel.matrix.row_names.push_back(row(group->params()));
    const auto points = group->curve(metric);
    for (const double column : columns) {
      const auto point = std::find_if(points.begin(), points.end(), [&](const auto& p) { return p.at == column; });
      panel.matrix.values.push_back(point == points.end() ? std::nan("") : shown(point->statistics.median));
    }
  }
  return panel;
}

std::string lambda_of(const Params& p) { return to_text(p["lambda"]); }
std::string width_and_lambda(const Params& p) { return fmt::format("{}, {}", p.integer("n_h"), lambda_of(p)); }

std::vector<Figure> figures(const Results& results) {
  const auto map = heat_map(results.where({{"depth", 2}}), "map", scales,
                            {.title = "Kernel distance", .x_label = "initial scale", .y_label = "n_h, \u03bb"},
                            width_and_lambda, rounded);
  const auto deep = results.where({{"depth", 3}});
  const auto deep_map = [&](const std::string& metric, const std::string& title, double (*shown)(double)) {
    return heat_map(deep, metric, second_lambdas, {.title = title, .x_label = "\u03bb2", .y_label = "\u03bb1"},
                    lambda_of, shown);
  };
  return {
      {.name = "balanced-dimensions",
       .caption = "Two layers with 3 inputs and 5 outputs: time of gradient flow until 1% of the initial distance is "
                  "left, and relative change of the tangent kernel.",
       .panels = {against_lambda(results, "time", "time / \u03c4"),
                  against_lambda(results, "kernel_change", "change of the kernel")}},
      {.name = "balanced-dimensions-rich-lazy",
       .caption = "Kernel distance between start and end, 1 - cos(K(0), K(\u221e)), by \u03bb and by the scale of the "
                  "weights behind the initial product: 0 is lazy. Exact solution, medians to three decimals.",
       .panels = {map}},
      {.name = "balanced-dimensions-deep",
       .caption =
           "Three square layers whose neighbours are balanced with \u03bb1 (W1, W2) and \u03bb2 (W2, W3): log10 of "
           "the time until 1% of the initial distance is left, and kernel distance between start and end, to three "
           "decimals. Gradient flow, medians.",
       .panels = {deep_map("deep_time", "log10 time / \u03c4", [](double time) { return std::log10(time); }),
                  deep_map("deep_kernel_distance", "Kernel distance", rounded)}}};
}

void judge_strong_side(const Results& r, Claim& claim) {
  const auto &wide_plus = wide(r, 5, 1000), &wide_minus = wide(r, 3, -1000);
  const double plus = wide_plus.median("kernel_change"), minus = wide_minus.median("kernel_change");
  claim.measured = fmt::format(
      "kernel changes by {:.1e} (n_h = n_o, \u03bb = 1000), {:.1e} (n_h = n_i, \u03bb = -1000)", plus, minus);
  claim.verdict = verdict(std::max(plus, minus) < 1e-3, std::max(plus, minus) < 0.05);
  claim.why = fmt::format("Time times |\u03bb| is {:.2f} and {:.2f}.", wide_plus.median("time_per_lambda"),
                          wide_minus.median("time_per_lambda"));
}

void judge_any_width(const Results& r, Claim& claim) {
  const double narrow = wide(r, 3, 1000).median("kernel_change"), middle = wide(r, 4, 1000).median("kernel_change");
  claim.measured =
      fmt::format("at \u03bb = 1000 the kernel changes by {:.2g} (n_h = 3), {:.2g} (n_h = 4), {:.1e} (n_h = 5)", narrow,
                  middle, wide(r, 5, 1000).median("kernel_change"));
  claim.verdict = verdict(std::max(narrow, middle) < 0.01);
  claim.why =
      "With fewer hidden units than outputs W2 does not reach every output: W2 has to turn, and that is learned "
      "through the weak W1.";
}

void judge_speed(const Results& r, Claim& claim) {
  const double wide_ten = wide(r, 5, 10).median("time"), wide_thousand = wide(r, 5, 1000).median("time");
  const double ten = wide(r, 3, 10).median("time"), thousand = wide(r, 3, 1000).median("time");
  claim.measured =
      fmt::format("from \u03bb = 10 to 1000: {:.2g} to {:.2g} \u03c4 at n_h = 5, {:.3g} to {:.3g} \u03c4 at n_h = 3",
                  wide_ten, wide_thousand, ten, thousand);
  claim.verdict = verdict(wide_thousand < wide_ten && thousand < ten);
  claim.why =
      fmt::format("Where W2 has to turn, the weak layer sets the rate: at n_h = 3 the time grows as \u03bb^{:.2f}.",
                  std::log10(thousand / ten) / 2);
}

void judge_existence(const Results& r, Claim& claim) {
  const double residual = wide(r, 3, -10).statistics("balance_residual").max;
  claim.measured = fmt::format("weights with \u03bb = -10 at (n_i, n_h, n_o) = (3, 3, 5), residual {:.1e}", residual);
  claim.verdict = verdict(!(residual < 1e-12));
  claim.why = "\u03bb < 0 needs n_h <= n_i and nothing else.";
}

void judge_exact(const Results& r, Claim& claim) {
  double worst = 0.0;
  const auto groups = r.where({{"depth", 2}});
  for (const Group* group : groups)
    if (group->has("time_error")) worst = std::max(worst, group->median("time_error"));
  if (groups.empty()) throw NotRun("groups with depth = 2");
  claim.measured = fmt::format("times to learn differ by {:.1e} at most (medians)", worst);
  claim.verdict = verdict(worst < 0.01, worst < 0.05);
  claim.why =
      "Gradient flow integrated on its own against bisection in the exact solution, for every width and \u03bb.";
}

double deep_median(const Results& r, const std::string& metric, double first, double second) {
  for (const auto& point : r.group({{"depth", 3}, {"lambda", first}}).curve(metric))
    if (point.at == second) return point.statistics.median;
  throw NotRun(fmt::format("lambda2 = {}", second));
}

void judge_deep(const Results& r, Claim& claim) {
  const auto distance = [&](double a, double b) { return deep_median(r, "deep_kernel_distance", a, b); };
  const auto time = [&](double a, double b) { return deep_median(r, "deep_time", a, b); };
  claim.measured =
      fmt::format("kernel distance {:.2g} with (\u03bb1, \u03bb2) = (100, 0), {:.2g} with (0, 100); {:.2g} with (0, 0)",
                  distance(100, 0), distance(0, 100), distance(0, 0));
  claim.verdict = verdict(distance(100, 0) < 0.05 && distance(0, 100) < 0.05, distance(100, 0) < 0.05);
  claim.why = fmt::format(
      "Three layers are lazy if two of them are strong, as in (100, 0); in (0, 100) only W3 is. Times {:.1e}, "
      "{:.1e}, {:.1e} \u03c4.",
      time(100, 0), time(0, 100), time(0, 0));
}

void judge_reference(const Results& r, Claim& claim) {
  const double worst = r.group({{"depth", 3}, {"lambda", 0.0}}).statistics("reference_deviation").max;
  claim.measured = fmt::format("modes of three aligned zero-balanced layers within {:.1e} of s1", worst);
  claim.verdict = verdict(worst < 1e-5, worst < 1e-2);
  claim.why = "Gradient flow of the whole network against quadrature of the scalar equation.";
}

std::vector<Claim> claims(const Results& results) {
  const std::string limit = "paper 004, theorems 4.1.3 and 4.2.3";
  return judge_all(
      results,
      {{{.claim = "For large |\u03bb| the kernel is constant where the hidden layer is as large as the strong side",
         .source = limit,
         .printed = "constant in the limit"},
        judge_strong_side},
       {{.claim = "For large |\u03bb| the kernel is constant, whatever the sizes",
         .source = limit,
         .printed = "constant in the limit"},
        judge_any_width},
       {{.claim = "The larger |\u03bb|, the faster the network learns",
         .source = "paper 004, sections 3.2 and 4.3",
         .printed = "rate proportional to |\u03bb|"},
        judge_speed},
       {{.claim = "n_o > n_i implies \u03bb > 0", .source = "paper 004, theorem 3.4.1", .printed = "\u03bb > 0"},
        judge_existence},
       {{.claim = "The exact solution holds for unequal sizes",
         .source = "paper 004, section 3.4",
         .printed = "for n_h = min(n_i, n_o)"},
        judge_exact},
       {{.claim = "One large \u03bb makes a deeper network lazy",
         .source = "beyond the thesis",
         .printed = "not treated"},
        judge_deep},
       {{.claim = "Aligned layers of any number follow one scalar equation a mode",
         .source = "paper 004, section 2.2.4",
         .printed = "arbitrary depth"},
        judge_reference}});
}

const Register dimensions{Experiment{
    .id = "balanced/dimensions",
    .title = "Widths and depth where large \u03bb is lazy and fast, and where it is not",
    .question = "Does a large \u03bb make linear networks of any shape lazy and fast?",
    .observe =
        "Only if the hidden layer is as large as the strong side. With 3 inputs and 5 outputs the kernel's change "
        "vanishes at n_h = 5; at n_h = 3 it stays of order one for \u03bb > 0, and the time to learn grows with "
        "\u03bb. "
        "Three layers are lazy where two of them are strong.",
    .source = "paper 004, theorems 3.4.1, 4.1.3 and 4.2.3",
    .parameters = {{.name = "depth",
                    .help = "layers; three are square, with a second lambda from -100 to 100",
                    .quick = {2, 3}},
                   {.name = "n_h",
                    .help = "hidden units, between 3 inputs and 5 outputs",
                    .quick = {3, 4, 5},
                    .minimum = 1,
                    .maximum = 5},
                   {.name = "lambda",
                    .help = "W2'W2 - W1W1' = lambda I",
                    .quick = {-1000.0, -100.0, -10.0, 0.0, 10.0, 100.0, 1000.0},
                    .paper = {-1000.0, -100.0, -10.0, -1.0, 0.0, 1.0, 10.0, 100.0, 1000.0}}},
    .trials = {.quick = 20, .paper = 100},
    .seconds = {.quick = 1, .paper = 5},
    .valid = valid,
    .trial = trial,
    .figures = figures,
    .claims = claims}};

}  // namespace
}  // namespace sigmagrad::experiments::balanced
