// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>

#include <sigmagrad/autograd/tensor/error.hpp>
#include <sigmagrad/tests/lab/small_results.hpp>

namespace sigmagrad::lab {
namespace {

using testing::depth;
using testing::method;
using testing::scale;

const Params point({{"depth", std::int64_t{2}}, {"scale", 0.1}, {"method", "sgd"}});

TEST(Selection, JoinsConditionsOnTypedParameters) {
  EXPECT_TRUE((depth == 2 && scale <= 0.1 && method == "sgd").matches(point));
  EXPECT_FALSE((depth == 2 && scale < 0.1).matches(point));
  EXPECT_TRUE((method != "adam").matches(point));
  EXPECT_TRUE(among(depth, {1, 2}).matches(point));
  EXPECT_FALSE((!among(depth, {1, 2})).matches(point));
  EXPECT_TRUE(Selection().matches(point));
  EXPECT_EQ(to_text(depth == 2 && scale > 0.01), "depth = 2, scale > 0.01");
}

TEST(Selection, WithReplacesWhatIsSaidOfAParameter) {
  const auto printed = depth == 3 && scale == 0.1;
  EXPECT_FALSE(printed.matches(point));
  EXPECT_TRUE(printed.with(depth == 2).matches(point));
  EXPECT_TRUE(printed.with(any(depth)).matches(point));
  EXPECT_TRUE(printed.pins("depth"));
  EXPECT_FALSE(printed.with(depth >= 1).pins("depth"));
}

TEST(Selection, RefusesWhatItCannotTurnRoundOrCompare) {
  EXPECT_THROW(!(depth == 2 && scale == 0.1), Error);
  EXPECT_THROW(Selection::between("method", "<", 1.0).matches(point), Error);
}

TEST(Variables, ReadValuesOfTheirType) {
  static_assert(std::is_same_v<decltype(point[depth]), std::int64_t>);
  EXPECT_EQ(point[depth], 2);
  EXPECT_EQ(point[scale], 0.1);
  EXPECT_EQ(point[method], "sgd");
  const Parameter parameter = scale;
  EXPECT_EQ(parameter.type, Type::Real);
  EXPECT_EQ(to_text(parameter.quick), "0.1,0.01");
}

}  // namespace
}  // namespace sigmagrad::lab
