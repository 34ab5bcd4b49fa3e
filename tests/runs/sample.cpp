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

const Int d{.name = "d", .help = "nothing", .quick = {3, 2}}, three{.name = "d", .help = "nothing", .quick = {3}};
const Int rounds{.name = "rounds", .help = "of 1000 draws", .quick = {10}, .minimum = 1};
const Int one_round{.name = "rounds", .help = "of 1000 draws", .quick = {1}, .minimum = 1};
const Quantity mean_of_draws{.name = "mean"};
const Curve draw{.name = "draw"};

void measure(Trial& t) {
  std::vector<double> draws(1000);
  const auto generator = t.generator();
  double mean = 0;
  for (std::int64_t round = 0; round < t[rounds]; ++round) {
    generator->normal(draws);
    for (const double one : draws) mean += one / 1000;
  }
  if (t.index() == 7 && t[d] == 2) throw std::runtime_error("the 8th, of \"two\"");
  if (t.index() > 20) fail_where_told();
  t.record(mean_of_draws, mean);
  t.record(draw, 0.1, draws.front());
  t.record(draw, 0.2, draws.back());
}

void measure_all(std::span<Trial> trials) {
  for (Trial& t : trials) measure(t);
}

std::vector<Figure> two_points(const Results&) {
  return {{.name = "drawn", .caption = "Two points.", .panels = {{.series = {{.x = {1, 2}, .y = {1, 2}}}}}}};
}

const Register single{{.id = "test/single",
                       .title = "Trials one by one",
                       .parameters = {d, rounds},
                       .trials = {.quick = 40},
                       .seconds = {.quick = 1},
                       .trial = measure}};
const Register batched{{.id = "test/batched",
                        .title = "Trials as one model",
                        .parameters = {d, rounds},
                        .trials = {.quick = 40},
                        .seconds = {.quick = 1},
                        .batch = measure_all,
                        .batch_size = 6}};
const Register drawn{{.id = "test/drawn",
                      .title = "Trials with a figure",
                      .parameters = {three, one_round},
                      .trials = {.quick = 3},
                      .seconds = {.quick = 1},
                      .trial = measure,
                      .figures = {two_points}}};

}  // namespace
