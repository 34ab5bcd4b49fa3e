// SPDX-License-Identifier: BSD-3-Clause
// Does a model that was trained on the diagonal alone still find rank one when one more entry is shown?
#include <sigmagrad/experiments/completion/factorization.hpp>
#include <sigmagrad/experiments/completion/summaries.hpp>

#include <sigmagrad/autograd/creation.hpp>
#include <sigmagrad/autograd/elementwise.hpp>
#include <sigmagrad/autograd/grad_mode.hpp>
#include <sigmagrad/autograd/reductions.hpp>
#include <sigmagrad/theory/completion_bounds.hpp>
#include <sigmagrad/theory/disconnected_limit.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace sigmagrad::experiments::completion {

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr std::int64_t max_steps = 5000;

/// What the figures show: the text describes figure 31 with another entry than its caption does.
struct Run {
  const char* figure;
  const char* name;
  double w12, w22;
};
constexpr std::array runs{Run{"31, as in the text", "31-text", 0.1, 1.0},
                          Run{"31, as in its caption", "31-caption", 0.5, 1.0}, Run{"32", "32", 10.0, 1.0},
                          Run{"33", "33", 0.5, 2.0}};
/// More entries for Theorem 4.2, which is about the identity.
constexpr std::array more{0.02, 0.05, 0.2, 1.0, 2.0, 5.0, 20.0};

/// The figures' runs for every m, those for the theorem from the identity, and what else a user asks for.
bool is_run(const Params& p) {
  const double w12 = p.real("w12"), w22 = p.real("w22");
  if (std::ranges::find(more, w12) != more.end()) return w22 == 1.0 && p.real("m") == infinity;
  const auto is = [&](const Run& run) { return run.w12 == w12 && run.w22 == w22; };
  const auto knows = [&](const Run& run) { return run.w12 == w12; };
  return std::ranges::any_of(runs, is) || std::ranges::none_of(runs, knows) || (w22 != 1.0 && w22 != 2.0);
}

double entry(const Tensor& product, std::int64_t i, std::int64_t j) {
  return product.select(0, 0).select(0, i).select(0, j).item();
}

/// One phase of training, and what it ends at.
void train(const std::string& phase, const Params& p, const Factorization& model, const Completion& task,
           Metrics& metrics) {
  auto options = flow_options(p, max_steps);
  options.rtol = 1e-8;
  const auto flow = follow_flow(model, task, options);
  const NoGrad guard;
  const auto product = model.product();
  metrics.add(phase + "_stable_rank", linalg::stable_rank(product).item())
      .add(phase + "_effective_rank", linalg::effective_rank(product, entropy_of(p)).item())
      .add(phase + "_w21", entry(product, 1, 0))
      .add(phase + "_loss", flow.loss.item())
      .add(phase + "_steps_to_stop", flow.steps.item());
}

/// How far both factors are from where theory sees the diagonal's flow end, at depth 2.
double distance_from_limit(const std::vector<Tensor>& start, const std::vector<Tensor>& end, const Completion& task) {
  if (start.size() != 2) return 0.0;
  const auto [A, B] = theory::disconnected_limit(start[1].squeeze(0), start[0].squeeze(0), task.target, task.observed);
  const auto off = [](const Tensor& factor, const Tensor& limit) { return max(abs(factor.detach() - limit)).item(); };
  return std::max(off(end[1], A), off(end[0], B));
}

Metrics trial(const Trial& t) {
  const auto& p = t.params;
  const double w12 = p.real("w12"), w22 = p.real("w22");
  const auto start = identity_start(1, {2, p.integer("depth"), p.real("scale")}, p.real("m"));
  const Factorization cold(start), warm(start);
  Completion task{tensor({{1.0, w12}, {w22 / w12, w22}}), eye(2), reduction_of(p)};
  Metrics metrics;
  train("pre", p, warm, task, metrics);
  metrics.add("pre_distance", distance_from_limit(start, warm.factors(), task));
  task.observed = tensor({{1.0, 1.0}, {0.0, 1.0}});
  train("warm", p, warm, task, metrics);
  train("cold", p, cold, task, metrics);
  return metrics;
}

std::string text_of_m(double m) { return std::isinf(m) ? "\u221e" : fmt::format("{:g}", m); }

Panel phases_panel(const Groups& groups, const std::string& metric, std::string title) {
  Panel panel{.title = std::move(title), .x_label = "m of the start", .y_label = metric == "w21" ? "w21" : "rank"};
  for (const Group* group : groups) panel.categories.push_back(text_of_m(group->params().real("m")));
  for (const auto& [phase, label] :
       {std::pair{"pre", "diagonal alone"}, {"warm", "warm start"}, {"cold", "cold start"}}) {
    Series series{.label = label};
    for (std::size_t i = 0; i < groups.size(); ++i) {
      series.x.push_back(static_cast<double>(i));
      series.y.push_back(groups[i]->median(fmt::format("{}_{}", phase, metric)));
    }
    panel.series.push_back(series);
  }
  return panel;
}

Series rank_one_entry(const Groups& groups) {
  const auto& p = groups.front()->params();
  const double w21 = p.real("w22") / p.real("w12");
  return theory_line({0.0, static_cast<double>(groups.size() - 1)}, {w21, w21}, "w21 of rank one");
}

/// The groups of one run at the first scale and depth that were run.
Groups groups_of(const Results& results, const Run& run) {
  const auto groups = results.where({{"w12", run.w12},
                                     {"w22", run.w22},
                                     {"depth", results.values_of("depth").front()},
                                     {"scale", results.values_of("scale").front()}});
  if (groups.empty()) throw NotRun(fmt::format("w12 = {:g}, w22 = {:g}", run.w12, run.w22));
  return groups;
}

/// All runs from the identity with a diagonal of ones, as Theorem 4.2 has it, by w12.
Groups theorem_groups(const Results& results) {
  Groups groups;
  for (const Group* group : results.where({{"w22", 1.0}, {"m", infinity}}))
    if (group->params().integer("depth") == 2 && group->params()["scale"] == results.values_of("scale").front())
      groups.push_back(group);
  if (groups.empty()) throw NotRun("w22 = 1 from m = inf at depth 2");
  std::ranges::sort(groups, {}, [](const Group* group) { return group->params().real("w12"); });
  return groups;
}

Figure bound_figure(const Results& results) {
  const auto groups = theorem_groups(results);
  Series bound = theory_line({}, {}, "bound of Theorem 4.2");
  const double low = groups.front()->params().real("w12"), high = groups.back()->params().real("w12");
  for (int i = 0; i <= 60; ++i) {
    bound.x.push_back(low * std::pow(high / low, i / 60.0));
    bound.y.push_back(theory::warm_start_bounds(1.0, bound.x.back()).stable_rank);
  }
  Panel rank{.title = "Stable rank after a warm start from the identity",
             .x_label = "new entry w12 / w",
             .y_label = "stable rank",
             .log_x = true,
             .series = {medians(groups, "w12", "warm_stable_rank", "warm start"), bound,
                        printed({0.1, 0.1}, {1.45, 1.8}, "text on figure 31")}};
  Panel entry{.title = "The entry that is not shown",
              .x_label = "new entry w12 / w",
              .y_label = "w21",
              .log_x = true,
              .series = {medians(groups, "w12", "warm_w21", "warm start")}};
  return {.name = "completion-warmstart-bound",
          .caption = "Theorem 4.2: training from the identity times sqrt(w) when the entry w12 joins the diagonal w.",
          .panels = {rank, entry}};
}

std::vector<Figure> figures(const Results& results) {
  std::vector<Figure> all;
  for (const Run& run : runs) {
    const auto groups = results.where({{"w12", run.w12}, {"w22", run.w22}});
    if (groups.empty()) continue;
    const auto shown = groups_of(results, run);
    auto entries = phases_panel(shown, "w21", "The entry that is not shown");
    entries.series.push_back(rank_one_entry(shown));
    all.push_back({.name = fmt::format("completion-warmstart-{}", run.name),
                   .caption = fmt::format("Figure {}: a 2 x 2 matrix with diagonal (1, {:g}), and w12 = {:g} shown "
                                          "later (warm start) or from the beginning (cold start).",
                                          run.figure, run.w22, run.w12),
                   .panels = {phases_panel(shown, "effective_rank", "Effective rank"),
                              phases_panel(shown, "stable_rank", "Stable rank"), entries}});
  }
  all.push_back(bound_figure(results));
  return all;
}

const Group& from_identity(const Results& results, const Run& run) {
  const auto groups = groups_of(results, run);
  const auto found = std::ranges::find_if(groups, [](const Group* g) { return g->params().real("m") == infinity; });
  if (found == groups.end()) throw NotRun("m = inf");
  return **found;
}

void judge_text(const Results& results, Claim& claim) {
  const Group& text = from_identity(results, runs[0]);
  const double bound = theory::warm_start_bounds(1.0, runs[0].w12).stable_rank, rank = text.median("warm_stable_rank");
  claim.measured = fmt::format("{:.4f}, {:.4f}", bound, rank);
  claim.verdict = verdict(std::abs(bound - 1.45) < 0.005 && std::abs(rank - 1.8) < 0.05);
  claim.why = "With w12 = 0.1, as the text has it.";
}

void judge_caption(const Results& results, Claim& claim) {
  const Group& caption = from_identity(results, runs[1]);
  const double bound = theory::warm_start_bounds(1.0, runs[1].w12).stable_rank;
  const double rank = caption.median("warm_stable_rank");
  claim.measured = fmt::format("{:.4f}, {:.4f} with the caption's w12 = 0.5", bound, rank);
  claim.verdict = verdict(std::abs(bound - 1.45) < 0.005 && std::abs(rank - 1.8) < 0.05);
  claim.why = "Text and caption are two different runs; both are here.";
}

void judge_rank(const Results& results, const Run& run, Claim& claim) {
  const Group& identity = from_identity(results, run);
  int higher = 0;
  const auto groups = groups_of(results, run);
  for (const Group* group : groups)
    higher += group->median("warm_effective_rank") > group->median("cold_effective_rank");
  claim.measured = fmt::format("effective rank {:.3f} warm, {:.3f} cold at m = \u221e; warm is higher at {} of {} m",
                               identity.median("warm_effective_rank"), identity.median("cold_effective_rank"), higher,
                               groups.size());
  claim.verdict = verdict(higher == static_cast<int>(groups.size()));
  const auto gap = [](const Group& group) {
    return group.median("warm_effective_rank") - group.median("cold_effective_rank");
  };
  claim.why = fmt::format("At the first scale. The gap is {:.3f} at m = {:g}, {:.3f} at m = \u221e.",
                          gap(*groups.front()), groups.front()->params().real("m"), gap(identity));
}

void judge_entry(const Results& results, const Run& run, Claim& claim) {
  const Group& identity = from_identity(results, run);
  const double warm = identity.median("warm_w21"), cold = identity.median("cold_w21"), target = run.w22 / run.w12;
  claim.measured = fmt::format("w21 = {:.4f} warm, {:.4f} cold", warm, cold);
  claim.verdict = verdict(std::abs(warm - target) > 2.0 * std::abs(cold - target));
  claim.why = "From the identity (m = \u221e).";
}

void judge_cold(const Results& results, const Run& run, Claim& claim) {
  const Group& identity = from_identity(results, run);
  const double w21 = identity.median("cold_w21"), target = run.w22 / run.w12;
  claim.measured = fmt::format("w21 = {:.3f}, effective rank {:.3f}", w21, identity.median("cold_effective_rank"));
  const double off = std::abs(w21 / target - 1.0);
  claim.verdict = verdict(off < 0.05, off < 0.25);
  claim.why = "From the identity (m = \u221e), at the first scale; a small w12 couples the rows only late.";
}

void judge_theorem(const Results& results, Claim& claim) {
  const auto groups = theorem_groups(results);
  double tightest = infinity;
  int negative = 0;
  for (const Group* group : groups) {
    const double bound = theory::warm_start_bounds(1.0, group->params().real("w12")).stable_rank;
    tightest = std::min(tightest, group->median("warm_stable_rank") - bound);
    negative += group->median("warm_w21") < 0.0;
  }
  claim.measured =
      fmt::format("at least {:.2g} above the bound, w21 < 0 in {} of {} runs", tightest, negative, groups.size());
  claim.verdict = verdict(tightest >= 0.0 && negative == static_cast<int>(groups.size()));
  claim.why = "From the identity; from a finite m the sign of w21 depends on m.";
}

void judge_scale(const Results& results, Claim& claim) {
  const auto scales = results.values_of("scale");
  if (scales.size() < 2) throw NotRun("a second scale");
  const Group& first = from_identity(results, runs[1]);
  auto selection = first.params().items();
  for (auto& [name, value] : selection)
    if (name == "scale") value = scales.back();
  const Group& last = results.group(selection);
  const double before = first.median("cold_effective_rank"), after = last.median("cold_effective_rank");
  claim.measured = fmt::format("cold start: effective rank {:.4f} at {}, {:.4f} at {}", before, to_text(scales.front()),
                               after, to_text(scales.back()));
  claim.verdict = verdict(after < before);
  claim.why = "From the identity, w12 = 0.5.";
}

void judge_pretraining(const Results& results, Claim& claim) {
  double worst = 0.0;
  for (const Group* group : results.where({{"depth", 2}})) worst = std::max(worst, group->median("pre_distance"));
  if (results.where({{"depth", 2}}).empty()) throw NotRun("depth 2");
  claim.measured = fmt::format("within {:.1g}", worst);
  claim.verdict = verdict(worst < 1e-5);
  claim.why = "The loss is stopped at its tolerance, the square of that distance.";
}

std::vector<Claim> claims(const Results& results) {
  const auto of = [](auto judgement, const Run& run) {
    return [judgement, &run](const Results& r, Claim& c) { judgement(r, run, c); };
  };
  const std::string section = "paper 002, appendix C.2";
  return judge_all(
      results,
      {{{.claim = "Stable rank of a warm start: bound and observation",
         .source = section,
         .printed = "about 1.45, about 1.8"},
        judge_text},
       {{.claim = "Figure 31 shows that run", .source = "paper 002, figure 31", .printed = "w12 = 0.5"}, judge_caption},
       {{.claim = "A warm start keeps a higher rank than a cold one (figure 31)",
         .source = "paper 002, figure 31",
         .printed = "higher"},
        of(judge_rank, runs[1])},
       {{.claim = "So it does with other diagonal entries (figure 33)",
         .source = "paper 002, figure 33",
         .printed = "well above one, cold starts lower"},
        of(judge_rank, runs[3])},
       {{.claim = "A warm start misses the hidden entry where much is new (figure 32)",
         .source = "paper 002, figure 32",
         .printed = "w21 should be 0.1"},
        of(judge_entry, runs[2])},
       {{.claim = "A cold start finds the hidden entry (figure 31, caption)",
         .source = "paper 002, figure 31",
         .printed = "w21 should be 2"},
        of(judge_cold, runs[1])},
       {{.claim = "A cold start finds the hidden entry (figure 31, text)",
         .source = section,
         .printed = "w21 should be 10"},
        of(judge_cold, runs[0])},
       {{.claim = "A smaller start leaves a cold start at lower rank", .source = section, .printed = "lower"},
        judge_scale},
       {{.claim = "From the identity the stable rank is above its bound and w21 < 0",
         .source = "paper 002, Theorem 4.2",
         .printed = "1 + exp(-8 w12/w), w21 < 0"},
        judge_theorem},
       {{.claim = "Training on the diagonal ends at the closed form",
         .source = "paper 002, Proposition 4.1",
         .printed = "="},
        judge_pretraining}});
}

const Register warmstart{Experiment{
    .id = "completion/warmstart",
    .title = "Loss of plasticity in 2 x 2",
    .question = "Does a model that was trained on the diagonal alone still find rank one when one more entry is shown?",
    .observe =
        "From the identity the warm start with w12 = 0.5 ends at stable rank 1.376 and w21 = -0.006, the cold one at "
        "1.0015 and 1.62, where rank one has 2. The smaller m, the less is lost.",
    .source = "paper 002, section 4.2 and appendix C.2, figures 31 to 33",
    .parameters = with_flow_parameters(
        {{.name = "w12",
          .help = "the entry shown later",
          .quick = {0.1, 0.5, 10.0, 0.02, 0.05, 0.2, 1.0, 2.0, 5.0, 20.0},
          .minimum = 1e-6},
         {.name = "w22", .help = "second entry of the diagonal; the first is 1", .quick = {1.0, 2.0}, .minimum = 1e-6},
         {.name = "m",
          .help = "diagonal of a factor at the start over its other entries; inf: the identity",
          .quick = {1.1, 1.5, 2.0, 3.0, 5.0, 10.0, 100.0, 1e4, infinity},
          .minimum = 1},
         {.name = "scale", .help = "initial scale alpha^depth", .quick = {1e-6, 1e-10}, .minimum = 1e-30},
         {.name = "depth", .help = "number of factors", .quick = {2}, .minimum = 2}},
        1e-12),
    .trials = {.quick = 1, .paper = 1},
    .seconds = {.quick = 2, .paper = 2},
    .valid = is_run,
    .trial = trial,
    .figures = figures,
    .claims = claims}};

}  // namespace
}  // namespace sigmagrad::experiments::completion
