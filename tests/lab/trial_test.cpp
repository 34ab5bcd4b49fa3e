// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/lab/model/trial.hpp>
#include <sigmagrad/tests/support/expect.hpp>

namespace sigmagrad::lab {
namespace {

TEST(Trial, RecordsACurveOfAHistory) {
  History history;
  history.record("training loss", 0, 2.0);
  history.record("training loss", 5, 1.0);
  const Curve loss{.name = "loss", .over = "steps"};
  Trial trial;
  trial.record(loss, history["training loss"]);
  EXPECT_EQ(trial.metrics(), (Metrics{{"loss@0", 2.0}, {"loss@5", 1.0}}));
  EXPECT_EQ(testing::error_of([&] { trial.record(loss, history["training loss"]); }),
            "loss@0: recorded twice in one trial");
}

}  // namespace
}  // namespace sigmagrad::lab
