// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/lab/model/experiment.hpp>

namespace {

using namespace sigmagrad::lab;

const Register sample{Experiment{.id = "test/sample",
                                 .title = "A uniform draw",
                                 .question = "Where is the mean?",
                                 .observe = "At one half.",
                                 .source = "textbook",
                                 .parameters = {{"d", "number of draws", {16, 64}, {}, 1},
                                                {"forever", "never ends", {false}},
                                                {"fails", "throws", {false}}},
                                 .trials = {.quick = 5, .paper = 20},
                                 .seconds = {.quick = 0.1, .paper = 1},
                                 .trial = [](const Trial& trial) -> Metrics {
                                   if (trial.params.boolean("fails")) throw std::runtime_error("told to");
                                   std::vector<double> draws(static_cast<std::size_t>(trial.params.integer("d")));
                                   const auto generator = trial.generator();
                                   double mean = 0;
                                   do {
                                     generator->uniform(draws);
                                     mean = 0;
                                     for (const double draw : draws) mean += draw / static_cast<double>(draws.size());
                                   } while (trial.params.boolean("forever") && trial.index > 0);
                                   return {{"mean", mean}};
                                 }}};

}  // namespace
