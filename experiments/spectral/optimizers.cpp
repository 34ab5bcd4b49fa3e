// SPDX-License-Identifier: BSD-3-Clause
// Does Adam learn a matrix worse than SGD?
#include <memory>

#include <sigmagrad/experiments/spectral/closed_forms.hpp>
#include <sigmagrad/experiments/spectral/regression.hpp>
#include <sigmagrad/experiments/spectral/singular_vectors.hpp>

namespace sigmagrad::experiments::spectral {
namespace {

const Text optimizer{.name = "optimizer",
                     .help = "sgd, adam, rmsprop, muon, or shampoo with roots every 10 steps",
                     .quick = {"sgd", "adam", "rmsprop", "shampoo"},
                     .paper = {"sgd", "adam", "rmsprop", "muon", "shampoo"}};
const Real lr{.name = "lr",
              .help = "learning rate (the paper's: 0.01 for SGD, 0.001 for Adam)",
              .label = "learning rate",
              .quick = {0.001, 0.01, 0.1},
              .paper = {0.001, 0.003, 0.01, 0.03, 0.1, 0.3},
              .minimum = 0};

constexpr std::uint64_t training_stream = 50;  // start and batches come from a stream of their own

// With their usual options but for the learning rate. Shampoo takes roots at every tenth step alone, of statistics
// that start at the identity: from less, the first roots would blow up the directions that one batch says nothing
// about.
std::unique_ptr<optim::Optimizer> make_optimizer(const std::string& name, const std::vector<Tensor>& params,
                                                 double rate) {
  if (name == "adam") return std::make_unique<optim::Adam>(params, optim::AdamOptions{.lr = rate});
  if (name == "rmsprop") return std::make_unique<optim::RMSprop>(params, optim::RMSpropOptions{.lr = rate});
  if (name == "muon") return std::make_unique<optim::Muon>(params, optim::MuonOptions{.lr = rate});
  if (name == "shampoo")
    return std::make_unique<optim::Shampoo>(params, optim::ShampooOptions{.lr = rate, .eps = 1.0, .update_every = 10});
  return std::make_unique<optim::SGD>(params, optim::SGDOptions{.lr = rate});
}

void trial(Trial& t) {
  const auto target = heterogeneous_target(t[d], *t.generator());
  const auto generator = t.generator(training_stream);
  const auto model = small_start(t[d], *generator);
  const auto updates = make_optimizer(t[optimizer], model.parameters(), t[lr]);
  train(*updates, t[steps], [&] { return loss_on_batch(model, target, *generator, t[noise]); });
  record_errors(t, relative_errors(model.weight, target));
  const auto W = model.weight.detach();
  const auto vectors = linalg::svd(target);
  t.record(mean_overlap, mean(overlaps(linalg::svd(W), vectors)).item());
  t.record(off_target_basis, off_basis(W, vectors));
}

const Selection sgd = optimizer == "sgd" && lr == 0.01, adam = optimizer == "adam" && lr == 0.001,
                faster_adam = optimizer == "adam" && lr == 0.01;

// What the paper compares, and the learning rate that its Adam lacks, are checked on fresh trials.
std::int64_t fresh_trials(const Params& p) {
  return sgd.matches(p) || adam.matches(p) || faster_adam.matches(p) ? 4 : 0;
}

std::vector<Plot> bars(const Selection& adam_at, const std::string& label) {
  return {error_bars().at(sgd).called("SGD, lr 0.01"), error_bars().at(adam_at).called(label)};
}

Statistic fresh_mean(const Quantity& of, const Selection& where) { return fresh(mean(of)).at(where); }

// More of W lies off the target's singular vectors than with SGD, and its own are further from them.
Condition disrupts(const Selection& where) {
  return fresh_mean(off_target_basis, where) > fresh_mean(off_target_basis, sgd) &&
         fresh_mean(mean_overlap, where) < fresh_mean(mean_overlap, sgd);
}

const Condition worse_overall = fresh_mean(overall_error, adam) > fresh_mean(overall_error, sgd);

const Statistic sgd_rows = fresh(median(row_norm_error)).at(sgd);

const Register optimizers{
    {.id = "spectral/optimizers",
     .title = "Component errors by optimiser",
     .question = "Does Adam learn a matrix worse than SGD, and its condition number?",
     .observe =
         "At the paper's learning rates Adam's errors are four times SGD's, because its 200 steps of 0.001 do not "
         "reach "
         "the target. At 0.01 its overall error is a third of SGD's or less. Each optimiser has a rate at which it "
         "learns best; SGD does at 0.1 or 0.3, with a median condition number error of a few percent.",
     .source = "paper 001, section 4.2, figure 2",
     .parameters = {optimizer, lr, d.with({128}), steps, noise},
     .printed_at = d == 128 && steps == 200 && noise == label_noise,
     .trials = {.quick = 2, .paper = 15},
     .seconds = {.quick = 2, .paper = 36},
     .streams = {Stream::Philox, Stream::Numpy},
     .fresh = fresh_trials,
     .trial = trial,
     .figures =
         {figure("",
                 "SGD and Adam at the printed learning rates and at one (sv: singular values); then every optimiser "
                 "against its learning rate. Bars, lines and bands: medians with quartiles.")
              .panel("As printed", bars(adam, "Adam, lr 0.001"))
              .panel("At one learning rate", bars(faster_adam, "Adam, lr 0.01"))
              .panel("Overall error, every optimiser at every rate",
                     plot(lr, overall_error)
                         .by(optimizer)
                         .theory("sgd, closed form", only(optimizer == "sgd", overall_at_end))
                         .log_log())
              .panel("Condition number, every optimiser at every rate", plot(lr, cond_error).by(optimizer).log_log())},
     .claims = {
         {.claim = "Adam performs substantially worse than SGD across all components",
          .printed = {{mean(row_norm_error).at(sgd), 0.13},
                      {mean(row_norm_error).at(adam), 0.59},
                      {mean(overall_error).at(sgd), 0.14},
                      {mean(overall_error).at(adam), 0.60}},
          .tolerance = 0.03,
          .holds = of_each(all_errors, [](const Quantity& e) { return fresh_mean(e, adam) > fresh_mean(e, sgd); }) &&
                   printed_digits(),
          .in_shape = worse_overall && fresh_mean(row_norm_error, adam) > fresh_mean(row_norm_error, sgd),
          .why = "At the printed learning rates, 0.01 and 0.001; a mean condition number error is that of the worst "
                 "trial."},
         {.claim = "Adam is the worse optimiser for a matrix",
          .source = "paper 001, section 5.3",
          .says = "why Adam is worse",
          .holds = fresh_mean(overall_error, faster_adam) > fresh_mean(overall_error, sgd),
          .why = "Adam moves an entry by about lr a step, so that 200 steps of 0.001 do not reach the target: it is "
                 "under-trained at the printed learning rate, not worse. At 0.01 it is the better one."},
         {.claim = "Both learn the condition number poorly",
          .printed = {{mean(cond_error).at(sgd), 0.87},
                      {lab::std(cond_error).at(sgd), 1.40},
                      {mean(cond_error).at(adam), 0.90},
                      {lab::std(cond_error).at(adam), 0.97}},
          .tolerance = 0.01,
          .in_shape = fresh(median(cond_error)).at(sgd) > sgd_rows&& fresh(median(cond_error)).at(adam) > sgd_rows,
          .why = "Both exceed the row norms' error at these learning rates; the two means look alike, the medians do "
                 "not."},
         {.claim = "That is a structural limitation",
          .says = "structural",
          .holds = above(median(cond_error).at(lr != 0.01), 0.5 * median(cond_error).at(sgd)),
          .why = "The same number of steps at a better learning rate learns the condition number as well."},
         {.claim = "Adam's rates for single parameters disrupt the spectral structure",
          .source = "paper 001, section 4.2, figure 2; section 5.3",
          .says = "disrupt",
          .holds = disrupts(adam) && disrupts(faster_adam) &&
                   fresh_mean(singular_value_error, faster_adam) > fresh_mean(singular_value_error, sgd),
          .in_shape = disrupts(adam),
          .why = {
              "Beside SGD's at both of Adam's rates. Where Adam takes steps of a fitting size its singular values are "
              "closer to the target's than SGD's; off the target's singular vectors SGD leaves {:.3f} of its norm, "
              "Adam {:.3f} at 0.001 and {:.3f} at 0.01.",
              {fresh_mean(off_target_basis, sgd), fresh_mean(off_target_basis, adam),
               fresh_mean(off_target_basis, faster_adam)}}}}}};

}  // namespace
}  // namespace sigmagrad::experiments::spectral
