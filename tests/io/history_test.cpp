// SPDX-License-Identifier: BSD-3-Clause
#include <cmath>
#include <limits>

#include <sigmagrad/sigmagrad.hpp>
#include <sigmagrad/tests/support/expect.hpp>
#include <sigmagrad/tests/support/scratch.hpp>

namespace sigmagrad {
namespace {

using testing::error_of;
using testing::same;
using testing::Scratch;

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

History sample() {
  History history;
  history.record("loss", 0, 2.0);
  history.record(1, {{"loss", 1.0}, {"accuracy", 0.5}});
  history.record("loss", 2, nan);
  history.record("accuracy", 2.5, 0.75);
  return history;
}

TEST(History, KeepsCurvesByName) {
  const auto history = sample();
  EXPECT_EQ(history.names(), (std::vector<std::string>{"loss", "accuracy"}));
  EXPECT_EQ(history["accuracy"].steps, (std::vector<double>{1, 2.5}));
  EXPECT_EQ(history["accuracy"].values, (std::vector<double>{0.5, 0.75}));
  EXPECT_EQ(history["accuracy"].last(), 0.75);
  EXPECT_EQ(history["loss"].size(), 3U);
  EXPECT_TRUE(history.contains("loss"));
  EXPECT_FALSE(history.contains("step"));
}

TEST(History, WritesATable) {
  const Scratch scratch;
  const auto history = sample();
  history.save_csv(scratch / "history.csv");
  EXPECT_EQ(detail::read_file(scratch / "history.csv"), "step,loss,accuracy\n0,2,\n1,1,0.5\n2,nan,\n2.5,,0.75\n");
  history.save_npy(scratch / "history.npy");
  for (const auto& table :
       {history.table(), load_npy(scratch / "history.npy"), load_csv(scratch / "history.csv", {.missing = nan})}) {
    EXPECT_EQ(table.shape(), (Shape{4, 3}));
    EXPECT_TRUE(same(table.select(1, 0), tensor({0.0, 1.0, 2.0, 2.5})));
    EXPECT_TRUE(std::isnan(table.at({0, 2})) && std::isnan(table.at({2, 1})) && std::isnan(table.at({3, 1})));
    EXPECT_EQ(table.at({3, 2}), 0.75);
  }
}

TEST(History, IsPartOfACheckpoint) {
  const Scratch scratch;
  const auto history = sample();
  save_checkpoint(scratch / "run.ckpt", history);
  History other;
  other.record("forgotten", 0, 1.0);
  load_checkpoint(scratch / "run.ckpt", other);
  EXPECT_EQ(other.names(), history.names());
  EXPECT_EQ(other["accuracy"].values, history["accuracy"].values);
  EXPECT_EQ(other["loss"].steps, history["loss"].steps);
  other.record("loss", 3, 0.5);
  EXPECT_EQ(error_of([&] {
              other.load_state_dict({{"loss", ones({3})}});
            }),
            "History: \"loss\" must be [2, points], got [3]");
  EXPECT_EQ(other["loss"].size(), 4U) << "nothing was changed";
}

TEST(History, RefusesWhatIsNoCurve) {
  auto history = sample();
  EXPECT_EQ(error_of([&] { history["acuracy"]; }), "History: no curve \"acuracy\" (there is loss, accuracy)");
  EXPECT_EQ(error_of([] { History()["loss"]; }), "History: no curve \"loss\" (there is none)");
  EXPECT_EQ(error_of([&] { history.record("loss", 2, 0.0); }), "History: \"loss\" at step 2 comes after step 2");
  EXPECT_EQ(error_of([&] {
              history.record(2.2, {{"loss", 0.0}, {"accuracy", 0.0}});
            }),
            "History: \"accuracy\" at step 2.2 comes after step 2.5");
  EXPECT_EQ(history["loss"].size(), 3U) << "nothing was changed";
  EXPECT_EQ(error_of([&] { history.record("loss", nan, 0.0); }), "History: \"loss\" at step nan comes after step 2");
  EXPECT_EQ(error_of([&] { history.record("step", 3, 0.0); }), "History: a curve cannot be called \"step\"");
  EXPECT_EQ(error_of([&] {
              history.record(3, {{"new", 0.0}, {"new", 1.0}});
            }),
            "History: \"new\" is given twice at step 3");
  EXPECT_EQ(error_of([] { History().table(); }), "History: nothing was recorded");
}

}  // namespace
}  // namespace sigmagrad
