// SPDX-License-Identifier: BSD-3-Clause
// Does a model that was trained on the diagonal alone still find rank one when one more entry is shown?
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include <sigmagrad/experiments/completion/flow_runs.hpp>
#include <sigmagrad/experiments/completion/phases.hpp>
#include <sigmagrad/sigmagrad.hpp>

namespace sigmagrad::experiments::completion {
namespace {

constexpr std::int64_t max_steps = 5000;
constexpr double printed_bound = 1.45, printed_rank = 1.8;  // the stable rank in the text on figure 31

const Real w12{.name = "w12",
               .help = "the entry shown later",
               .label = "new entry w12 / w",
               .quick = {0.1, 0.5, 10.0, 0.02, 0.05, 0.2, 1.0, 2.0, 5.0, 20.0},
               .minimum = 1e-6};
const Real w22{
    .name = "w22", .help = "second entry of the diagonal; the first is 1", .quick = {1.0, 2.0}, .minimum = 1e-6};
const Quantity w21{.name = "w21"};
const Quantity pre_distance{.name = "pre_distance", .label = "distance from the closed form"};

// What the figures show: the text describes figure 31 with another entry than its caption does.
struct Run {
  const char* figure;
  const char* name;
  double new_entry, second;  // w12 and w22

  Selection where() const { return w12 == new_entry && w22 == second; }
};
constexpr Run text_31{"31, as in the text", "31-text", 0.1, 1.0},
    caption_31{"31, as in its caption", "31-caption", 0.5, 1.0}, figure_32{"32", "32", 10.0, 1.0},
    figure_33{"33", "33", 0.5, 2.0};
constexpr std::array runs{text_31, caption_31, figure_32, figure_33};
// More entries for Theorem 4.2, which is about the identity.
constexpr std::array more{0.02, 0.05, 0.2, 1.0, 2.0, 5.0, 20.0};

// The figures' runs for every m, those for the theorem from the identity, and what else a user asks for.
bool is_run(const Params& p) {
  if (std::ranges::find(more, p[w12]) != more.end()) return p[w22] == 1.0 && p[m] == infinity;
  const auto is = [&](const Run& run) { return run.new_entry == p[w12] && run.second == p[w22]; };
  const auto knows = [&](const Run& run) { return run.new_entry == p[w12]; };
  return std::ranges::any_of(runs, is) || std::ranges::none_of(runs, knows) || (p[w22] != 1.0 && p[w22] != 2.0);
}

// w21 where the matrix has rank one.
double rank_one_entry(const Params& p) { return p[w22] / p[w12]; }

// How far both factors are from where theory sees the diagonal's flow end, at depth 2.
double distance_from_limit(const std::vector<Tensor>& start, const std::vector<Tensor>& end, const Completion& task) {
  if (start.size() != 2) return 0.0;
  const auto [A, B] = theory::disconnected_limit(start[1].squeeze(0), start[0].squeeze(0), task.target, task.observed);
  const auto off = [](const Tensor& factor, const Tensor& limit) { return max(abs(factor.detach() - limit)).item(); };
  return std::max(off(end[1], A), off(end[0], B));
}

// One phase of training, and what it ends at.
void train(Trial& t, const Phase& phase, const Factorization& model, const Completion& task) {
  auto options = flow_options(t.params(), max_steps);
  options.rtol = 1e-8;
  const auto flow = follow_flow(model, task, options);
  const NoGrad guard;
  const auto product = model.product();
  t.record(phase(stable_rank), linalg::stable_rank(product).item());
  t.record(phase(effective_rank), linalg::effective_rank(product, entropy_of(t.params())).item());
  t.record(phase(w21), product.select(0, 0).select(0, 1).select(0, 0).item());
  t.record(phase(final_loss), flow.loss.item());
  t.record(phase(steps_to_stop), flow.steps.item());
}

void trial(Trial& t) {
  const auto start = identity_start(1, {2, t[depth], t[scale]}, t[m]);
  const Factorization cold(start), warm(start);
  Completion task{tensor({{1.0, t[w12]}, {rank_one_entry(t.params()), t[w22]}}), eye(2), reduction_of(t.params())};
  train(t, before, warm, task);
  t.record(pre_distance, distance_from_limit(start, warm.factors(), task));
  task.observed = tensor({{1.0, 1.0}, {0.0, 1.0}});
  train(t, warm_start, warm, task);
  train(t, cold_start, cold, task);
}

const Selection printed_setting = scale == 1e-6 && depth == 2;
// Theorem 4.2 is about starts from the identity and a diagonal of ones.
const Selection of_theorem = w22 == 1.0 && m == infinity;

double bound_of(const Params& p) { return theory::warm_start_bounds(1.0, p[w12]).stable_rank; }
const Statistic bound = expected("bound of Theorem 4.2", bound_of).at(of_theorem);
const Statistic warm_rank = median(warm_start(stable_rank)).at(of_theorem);

std::vector<Plot> by_m(const Quantity& quantity) {
  auto lines = by_phase(m, quantity, printed_setting);
  for (Plot& line : lines) line = line.categories().x_label("m of the start");
  return lines;
}

FigureSpec figure_of(const Run& run) {
  auto entries = by_m(w21);
  entries.back() = entries.back().theory("w21 of rank one", rank_one_entry);
  return figure(run.name, fmt::format("Figure {}: a 2 x 2 matrix with diagonal (1, {:g}), and w12 = {:g} shown later "
                                      "(warm start) or from the beginning (cold start).",
                                      run.figure, run.second, run.new_entry))
      .at(run.where())
      .panel("Effective rank", by_m(effective_rank))
      .panel("Stable rank", by_m(stable_rank))
      .panel("The entry that is not shown", entries);
}

Panel bound_panel(const Results& results) {
  auto panel = draw("Stable rank after a warm start from the identity",
                    {plot(w12, warm_start(stable_rank)).log_x().theory("bound of Theorem 4.2", bound_of)}, results);
  panel.series.push_back(
      printed({text_31.new_entry, text_31.new_entry}, {printed_bound, printed_rank}, "text on figure 31"));
  return panel;
}

std::vector<FigureSource> figures() {
  std::vector<FigureSource> all;
  for (const Run& run : runs) all.push_back(figure_of(run));
  all.push_back(
      figure("bound", "Theorem 4.2: training from the identity times sqrt(w) when the entry w12 joins the diagonal w.")
          .at(of_theorem && printed_setting)
          .panel(bound_panel)
          .panel("The entry that is not shown", plot(w12, warm_start(w21)).log_x()));
  return all;
}

const std::string section = "paper 002, appendix C.2", figure_31 = "paper 002, appendix C.2, figure 31";
const std::string widest = "At every m; the gap is largest from the identity (m = \u221e).";
const std::string late =
    "The paper names the entry that the model should predict, not how near a cold start comes: 5% is "
    "our limit, 25% in shape. From the identity (m = \u221e); a small w12 couples the rows only late.";

const Statistic kept_rank = median(warm_start(effective_rank)) - median(cold_start(effective_rank));
const Statistic kept_stable_rank = median(warm_start(stable_rank)) - median(cold_start(stable_rank));
const Statistic rank_one = expected("the entry of rank one", rank_one_entry);

Condition finds_entry(const Run& run, double to_within) {
  const auto from_identity = run.where() && m == infinity;
  return near(median(cold_start(w21)).at(from_identity), rank_one.at(from_identity), to_within);
}
Statistic entry_error(const Phase& phase, const Run& run) {
  return abs(median(phase(w21)) - rank_one).at(run.where() && m == infinity);
}

const Register warmstart{
    {.id = "completion/warmstart",
     .title = "Loss of plasticity in 2 x 2",
     .question =
         "Does a model that was trained on the diagonal alone still find rank one when one more entry is shown?",
     .observe =
         "From the identity the warm start with w12 = 0.5 ends at stable rank 1.376 and w21 = -0.006, the cold one at "
         "1.0015 and 1.62, where rank one has 2. The smaller m, the less is lost.",
     .source = "paper 002, section 4.2 and appendix C.2, figures 31 to 33",
     .parameters = with_flow_parameters({w12, w22, m.with({1.1, 1.5, 2.0, 3.0, 5.0, 10.0, 100.0, 1e4, infinity}),
                                         scale.with({1e-6, 1e-10}), depth.with({2})},
                                        1e-12),
     .printed_at = printed_setting,
     .trials = {.quick = 1, .paper = 1},
     .seconds = {.quick = 1, .paper = 2},
     .valid = is_run,
     .valid_rule = "w22 goes with the w12 of its figure, and further w12 of the presets with w22 = 1 and m = inf",
     .trial = trial,
     .figures = figures(),
     .claims = {
         {.claim = "Stable rank of a warm start: bound and observation",
          .source = section,
          .printed = {{bound.at(w12 == text_31.new_entry), printed_bound},
                      {warm_rank.at(w12 == text_31.new_entry), printed_rank}},
          .holds = printed_digits(),
          .why = "With w12 = 0.1, as the text has it."},
         {.claim = "Figure 31 shows that run",
          .source = figure_31,
          .says = "w12 = 0.5",
          .holds = near(bound.at(w12 == caption_31.new_entry), printed_bound, 0.02) &&
                   near(warm_rank.at(w12 == caption_31.new_entry), printed_rank, 0.02),
          .why = "Text and caption are two different runs; both are here."},
         {.claim = "A warm start keeps a higher rank than a cold one (figure 31)",
          .source = figure_31,
          .says = "higher",
          .holds = kept_rank.at(caption_31.where()) > 0.0,
          .why = widest},
         {.claim = "Where w21 ends below 0, from the identity, the effective rank is highest (figure 31)",
          .source = figure_31,
          .says = "w21 < 0 correlates with the highest effective rank",
          .holds = increases(median(warm_start(effective_rank)).at(caption_31.where()), m) &&
                   decreases(median(warm_start(w21)).at(caption_31.where()), m) &&
                   median(warm_start(w21)).at(caption_31.where() && m == infinity) < 0.0,
          .why = "The effective rank rises with m, and w21 falls, below 0 from the identity."},
         {.claim = "Both ranks stay well above one with other diagonal entries, a cold start's lower (figure 33)",
          .source = "paper 002, appendix C.2, figure 33",
          .says = "substantially exceed one",
          .holds = kept_rank.at(figure_33.where()) > 0.0 && kept_stable_rank.at(figure_33.where()) > 0.0 &&
                   median(warm_start(effective_rank)).at(figure_33.where() && m == infinity) > 1.1 &&
                   median(warm_start(stable_rank)).at(figure_33.where() && m == infinity) > 1.1,
          .why = {"Stable ranks from the identity: warm {:.4f}, cold {:.4f}. Above one: by a tenth, our measure.",
                  {median(warm_start(stable_rank)).at(figure_33.where() && m == infinity),
                   median(cold_start(stable_rank)).at(figure_33.where() && m == infinity)}}},
         {.claim = "A warm start misses the hidden entry where much is new (figure 32)",
          .source = "paper 002, appendix C.2, figure 32",
          .says = "w21 should be 0.1",
          .holds = entry_error(warm_start, figure_32) > 2.0 * entry_error(cold_start, figure_32),
          .why = "From the identity (m = \u221e)."},
         {.claim = "There it comes with a low rank, which the theorem does not explain",
          .source = "paper 002, appendix C.2, figure 32",
          .says = "an accompanying low-rank bias",
          .holds = warm_rank.at(w12 == figure_32.new_entry) < 1.01 && bound.at(w12 == figure_32.new_entry) < 1.01 &&
                   entry_error(warm_start, figure_32) > 0.1,
          .why = "The bound on the stable rank is nothing there, 1 + exp(-80): what the theorem tells is that w21 is "
                 "below 0. One percent is our measure of a low stable rank, the target 0.1 itself that of the "
                 "entry's error."},
         {.claim = "A cold start finds the hidden entry (figure 31, caption)",
          .source = figure_31,
          .says = "w21 should be 2",
          .holds = finds_entry(caption_31, 0.05),
          .in_shape = finds_entry(caption_31, 0.25),
          .why = late},
         {.claim = "A cold start finds the hidden entry (figure 31, text)",
          .source = section,
          .says = "w21 should be 10",
          .holds = finds_entry(text_31, 0.05),
          .in_shape = finds_entry(text_31, 0.25),
          .why = late},
         {.claim = "A smaller start leaves a cold start at lower rank",
          .source = section,
          .says = "lower",
          .holds = increases(median(cold_start(effective_rank)).at(caption_31.where() && m == infinity && any(scale)),
                             scale),
          .why = "From the identity, w12 = 0.5."},
         {.claim = "From the identity the stable rank is above its bound and w21 < 0",
          .source = "paper 002, Theorem 4.2",
          .says = "1 + exp(-8 w12/w), w21 < 0",
          .holds = warm_rank - bound > 0.0 && median(warm_start(w21)).at(of_theorem) < 0.0,
          .why = "From the identity; from a finite m the sign of w21 depends on m."},
         {.claim = "Training on the diagonal ends at the closed form",
          .source = "paper 002, Proposition 4.1",
          .says = "=",
          .holds = median(pre_distance).at(any(scale)) < 1e-5,
          .why = "The loss is stopped at its tolerance, the square of that distance."}}}};

}  // namespace
}  // namespace sigmagrad::experiments::completion
