// SPDX-License-Identifier: BSD-3-Clause
// Declarations that are refused when the program starts: refused NAME ARGUMENT...
#include <cstdlib>
#include <string_view>

#include <sigmagrad/lab.hpp>

namespace lab = sigmagrad::lab;

const lab::Int depth{.name = "depth", .help = "number of factors", .quick = {2, 3}};
const lab::Int width{.name = "width", .help = "rows of the inner factors", .quick = {4}};
const lab::Quantity rank{.name = "rank", .label = "rank"};

void trial(lab::Trial& t) { t.record(rank, static_cast<double>(t[depth])); }

lab::Experiment experiment(std::string_view wrong) {
  lab::Experiment sound{
      .id = "mine/refused", .title = "Refused", .parameters = {depth}, .trials = {.quick = 1}, .trial = trial};
  if (wrong == "twice") sound.parameters = {depth, depth};
  if (wrong == "claim") sound.claims = {{.claim = "Wider is better", .holds = lab::increases(lab::mean(rank), width)}};
  if (wrong == "trials") sound.trials = {};
  return sound;
}

int main(int argc, char** argv) {
  if (argc < 2) return EXIT_FAILURE;
  const lab::Register mine{experiment(argv[1])};
  return lab::main(argc - 1, argv + 1);
}
