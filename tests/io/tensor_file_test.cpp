// SPDX-License-Identifier: BSD-3-Clause
#include <cstdint>

#include <gtest/gtest.h>

#include <sigmagrad/sigmagrad.hpp>
#include <sigmagrad/tests/io/files.hpp>
#include <sigmagrad/tests/support/expect.hpp>

namespace sigmagrad {
namespace {

using testing::bits;
using testing::error_of;
using testing::same;
using testing::Scratch;

TEST(TensorFile, ReadsSafetensorsAsLoadDoes) {
  const Scratch scratch;
  const NamedTensors saved{{"w", randn({3, 4})}, {"b", randn({5}, f32)}, {"none", zeros({0, 7})}, {"s", full({}, 2)}};
  const auto path = scratch / "model.safetensors";
  save(saved, path);
  const auto file = open_tensors(path);
  EXPECT_EQ(file.path(), path);
  EXPECT_EQ(file.files(), std::vector{path});
  ASSERT_EQ(file.entries().size(), saved.size());
  for (std::size_t i = 0; i < saved.size(); ++i) {
    EXPECT_EQ(file.entries()[i].name, saved.at(i).first);
    EXPECT_EQ(file.entries()[i].problem, "");
    EXPECT_TRUE(same(file.read(i), saved.at(i).second)) << file.entries()[i].name;
  }
  EXPECT_EQ(file.entries()[0].shape, (std::vector<std::int64_t>{3, 4}));
  EXPECT_EQ(file.entries()[0].dtype, "F64");
  EXPECT_EQ(file.entries()[1].dtype, "F32");
  EXPECT_EQ(error_of([&] { file.read(4); }), path.string() + ": has 4 arrays, number 4 is asked for");
}

TEST(TensorFile, ReadsNpyInBothOrders) {
  const Scratch scratch;
  const auto w = randn({3, 4});
  save_npy(w, scratch / "w.npy");
  const auto file = open_tensors(scratch / "w.npy");
  ASSERT_EQ(file.entries().size(), 1U);
  EXPECT_EQ(file.entries()[0].name, "array");
  EXPECT_TRUE(same(file.read(0), w));
}

}  // namespace
}  // namespace sigmagrad
