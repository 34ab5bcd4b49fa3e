// SPDX-License-Identifier: BSD-3-Clause
// Do deep factorisations complete a matrix to rank one even where its observed entries say nothing about each other?
#include <sigmagrad/experiments/completion/factorization.hpp>
#include <sigmagrad/experiments/completion/observations.hpp>

#include <fmt/format.h>

#include <cmath>

namespace sigmagrad::experiments::completion {
namespace {

constexpr std::int64_t max_steps = 2500;

std::vector<Metrics> run(std::span<const Trial> trials) {
  const Params& p = trials.front().params;
  const Start start{2, p.integer("depth"), p.real("scale")};
  const Factorization model(gaussian_start(trials, start, convention_of(p)));
  const Completion task{rank_one_targets(trials, 2), mask_of(p.text("pattern") == "diagonal" ? "10/01" : "10/10"),
                        reduction_of(p)};
  return run_flow(p, model, task, max_steps);
}

const Register connectivity{Experiment{
    .id = "completion/connectivity",
    .title = "Connected and disconnected observations of a 2 x 2 matrix",
    .question = "Do deep factorisations complete a matrix to rank one even where its observed entries say nothing "
                "about each other?",
    .observe = "",
    .source = "paper 002, section 1, figure 1",
    .parameters =
        with_flow_parameters({{.name = "pattern", .help = "x", .quick = {"diagonal", "column"}},
                              {.name = "depth", .help = "x", .quick = {2, 3, 4, 5}},
                              {.name = "scale", .help = "x", .quick = {1e-1, 1e-2, 1e-3, 1e-5, 1e-7}},
                              {.name = "convention", .help = "x", .quick = {"paper"}, .choices = {"authors"}}},
                             1e-10),
    .trials = {.quick = 100, .paper = 300},
    .seconds = {.quick = 6, .paper = 15},
    .batch = run,
    .batch_size = 300,
    .figures = [](const Results&) { return std::vector<Figure>{}; },
    .claims = [](const Results&) { return std::vector<Claim>{}; }}};

}  // namespace
}  // namespace sigmagrad::experiments::completion
