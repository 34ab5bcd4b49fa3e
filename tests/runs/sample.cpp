// SPDX-License-Identifier: BSD-3-Clause
#include <csignal>
#include <cstdlib>
#include <string_view>

#include <unistd.h>

#include <sigmagrad/lab/model/experiment.hpp>

namespace {

using namespace sigmagrad::lab;

// Where the environment names a fatal rank: kills the process of that rank, and lets the others hang.
void fail_where_told() {
  const char* fatal = std::getenv("SIGMAGRAD_TEST_FATAL_RANK");
  const char* rank = std::getenv("OMPI_COMM_WORLD_RANK");
  if (fatal == nullptr || rank == nullptr) return;
  if (std::string_view(fatal) == rank) std::raise(SIGKILL);
  for (;;) pause();
}

Metrics measure(const Trial& trial) {
  std::vector<double> draws(1000);
  const auto generator = trial.generator();
  double mean = 0;
  for (std::int64_t round = 0; round < trial.params.integer("rounds"); ++round) {
    generator->normal(draws);
    for (const double draw : draws) mean += draw / 1000;
  }
  if (trial.index == 7 && trial.params.integer("d") == 2) throw std::runtime_error("the 8th, of \"two\"");
  if (trial.index > 20) fail_where_told();
  Metrics metrics{{"mean", mean}};
  return metrics.add_at("draw", 0.1, draws.front()).add_at("draw", 0.2, draws.back());
}

std::vector<Metrics> measure_all(std::span<const Trial> trials) {
  std::vector<Metrics> all;
  for (const Trial& trial : trials) all.push_back(measure(trial));
  return all;
}

std::vector<Figure> draw(const Results&) {
  return {{.name = "drawn", .caption = "Two points.", .panels = {{.series = {{.x = {1, 2}, .y = {1, 2}}}}}}};
}

const std::vector<Parameter> parameters{{"d", "nothing", {3, 2}}, {"rounds", "of 1000 draws", {10}, {}, 1}};

const Register single{{.id = "test/single",
                       .title = "Trials one by one",
                       .parameters = parameters,
                       .trials = {.quick = 40, .paper = 40},
                       .seconds = {.quick = 1, .paper = 1},
                       .trial = measure}};
const Register batched{{.id = "test/batched",
                        .title = "Trials as one model",
                        .parameters = parameters,
                        .trials = {.quick = 40, .paper = 40},
                        .seconds = {.quick = 1, .paper = 1},
                        .batch = measure_all,
                        .batch_size = 6}};
const Register drawn{{.id = "test/drawn",
                      .title = "Trials with a figure",
                      .parameters = {{"d", "nothing", {3}}, {"rounds", "of 1000 draws", {1}, {}, 1}},
                      .trials = {.quick = 3, .paper = 3},
                      .seconds = {.quick = 1, .paper = 1},
                      .trial = measure,
                      .figures = draw}};

}  // namespace
