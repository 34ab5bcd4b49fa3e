// SPDX-License-Identifier: BSD-3-Clause
#include <stdexcept>
#include <vector>

#include <sigmagrad/lab/model/experiment.hpp>

namespace {

using namespace sigmagrad::lab;

const Int d{.name = "d", .help = "number of draws", .quick = {16, 64}, .minimum = 1};
const Flag forever{.name = "forever", .help = "never ends"}, fails{.name = "fails", .help = "throws"};
const Quantity mean_of_draws{.name = "mean"};

void draw(Trial& t) {
  if (t[fails]) throw std::runtime_error("told to");
  std::vector<double> draws(static_cast<std::size_t>(t[d]));
  const auto generator = t.generator();
  double mean = 0;
  do {
    generator->uniform(draws);
    mean = 0;
    for (const double one : draws) mean += one / static_cast<double>(draws.size());
  } while (t[forever] && t.index() > 0);
  t.record(mean_of_draws, mean);
}

const Register sample{{.id = "test/sample",
                       .title = "A uniform draw",
                       .question = "Where is the mean?",
                       .observe = "At one half.",
                       .source = "textbook",
                       .parameters = {d, forever, fails},
                       .trials = {.quick = 5, .paper = 20},
                       .seconds = {.quick = 0.1, .paper = 1},
                       .trial = draw}};

}  // namespace
