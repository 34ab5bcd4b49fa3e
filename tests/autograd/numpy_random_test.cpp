// SPDX-License-Identifier: BSD-3-Clause
// NumpyGenerator against the numbers of numpy.random.RandomState, in tests/golden/random.json.
#include <algorithm>
#include <cstdint>
#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <sigmagrad/autograd/random/random.hpp>
#include <sigmagrad/autograd/tensor/error.hpp>

namespace sigmagrad {
namespace {

using nlohmann::json;

json golden() { return json::parse(std::ifstream(SIGMAGRAD_TEST_DATA "/random.json")); }

std::vector<double> draw_doubles(Generator& generator, const std::string& call, std::size_t count) {
  std::vector<double> values(count);
  call == "normal" ? generator.normal(values) : generator.uniform(values);
  return values;
}

void check_doubles(Generator& generator, const json& step) {
  const auto expected = step["values"].get<std::vector<double>>();
  const std::size_t stride = step.value("stride", std::size_t{1});
  const auto values = draw_doubles(generator, step["call"], step.value("count", expected.size()));
  for (std::size_t i = 0; i < expected.size(); ++i) {
    if (step["call"] == "normal")
      EXPECT_DOUBLE_EQ(values[i * stride], expected[i]) << i;  // the last bit is libm's
    else
      EXPECT_EQ(values[i * stride], expected[i]) << i;
  }
}

void check_integers(Generator& generator, const json& step) {
  const auto expected = step["values"].get<std::vector<std::int64_t>>();
  std::vector<std::int64_t> values(expected.size());
  if (step["call"] == "permutation")
    generator.permutation(values);
  else
    generator.integers(step["low"], step["high"], values);
  EXPECT_EQ(values, expected);
}

TEST(NumpyGenerator, GivesTheNumbersOfRandomState) {
  const json runs = golden()["numpy"];
  for (const json& run : runs) {
    NumpyGenerator generator(run["seed"]);
    for (const json& step : run["steps"]) {
      SCOPED_TRACE("seed " + run["seed"].dump() + ", " + step["call"].dump());
      const bool doubles = step["call"] == "normal" || step["call"] == "uniform";
      doubles ? check_doubles(generator, step) : check_integers(generator, step);
    }
  }
}

TEST(NumpyGenerator, SplittingAFillAnywhereChangesNothing) {
  NumpyGenerator whole(42), split(42);
  std::vector<double> a(2001), b(2001);
  whole.normal(a);
  for (std::size_t at = 0, length = 0; at < b.size(); at += length, length = (length + 3) % 41) {
    length = std::min(length, b.size() - at);
    split.normal(std::span(b).subspan(at, length));
  }
  EXPECT_EQ(a, b);
}

TEST(NumpyGenerator, FloatsAreRoundedDoubles) {
  NumpyGenerator one(3), other(3);
  std::vector<double> doubles(777);
  std::vector<float> floats(777);
  one.normal(doubles);
  other.normal(floats);
  EXPECT_TRUE(std::equal(floats.begin(), floats.end(), doubles.begin(),
                         [](float f, double d) { return f == static_cast<float>(d); }));
  one.uniform(doubles);
  other.uniform(floats);
  EXPECT_TRUE(std::equal(floats.begin(), floats.end(), doubles.begin(),
                         [](float f, double d) { return f == static_cast<float>(d) && f < 1.0f; }));
}

TEST(NumpyGenerator, StateIsEverythingTheNextNumbersDependOn) {
  NumpyGenerator generator(7);
  std::vector<double> warm_up(1001), expected(10), values(10);
  generator.normal(warm_up);  // odd: a second normal is kept
  const auto state = generator.state();
  generator.normal(expected);
  NumpyGenerator other(8);
  other.set_state(state);
  EXPECT_EQ(other.state(), state);
  other.normal(values);
  EXPECT_EQ(values, expected);
  generator.seed(8);
  EXPECT_EQ(generator.state(), NumpyGenerator(8).state());
}

TEST(NumpyGenerator, RefusesWhatRandomStateCannotBe) {
  NumpyGenerator generator(7);
  const auto before = generator.state();
  EXPECT_THROW(generator.seed(std::uint64_t{1} << 32), Error);
  EXPECT_THROW(generator.seed(1, 2), Error);
  EXPECT_THROW(generator.seed(1, 0, 3), Error);
  EXPECT_THROW(generator.set_state(Generator(7).state()), Error);
  EXPECT_THROW(generator.set_state(std::vector<std::uint64_t>(before.size())), Error);  // all zeros
  auto bad = before;
  bad[MersenneTwister::size] = MersenneTwister::size + 1;
  EXPECT_THROW(generator.set_state(bad), Error);
  EXPECT_EQ(generator.state(), before);
}

}  // namespace
}  // namespace sigmagrad
