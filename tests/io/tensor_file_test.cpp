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

std::filesystem::path corpus(const std::string& name) {
  return std::filesystem::path(SIGMAGRAD_TEST_DATA) / "../fuzz/corpus" / name;
}

TEST(TensorFile, ReadsNpzStoredAndDeflated) {
  const auto stored = open_tensors(corpus("npz/stored"));
  ASSERT_EQ(stored.entries().size(), 2U);
  EXPECT_EQ(stored.entries()[1].name, "b");
  EXPECT_EQ(stored.entries()[1].dtype, "F32");
  EXPECT_TRUE(same(stored.read(0), arange(3)));
  EXPECT_TRUE(same(stored.read(1), eye(2, f32)));
  const auto deflated = open_tensors(corpus("npz/deflated"));
  EXPECT_TRUE(same(deflated.read(0), zeros({100})));
  EXPECT_TRUE(same(deflated.read(1), arange(3)));
}

TEST(TensorFile, AnEntryOfNpzThatIsNoArrayHasItsProblem) {
  const auto file = open_tensors(corpus("npz/bad_beside_objects"));
  ASSERT_EQ(file.entries().size(), 2U);
  EXPECT_EQ(file.entries()[0].problem, "Python objects ('|O') are not supported, expected numbers");
  EXPECT_NE(error_of([&] { file.read(0); }).find("\"b\": Python objects"), std::string::npos);
  EXPECT_TRUE(same(file.read(1), arange(3)));
  EXPECT_EQ(open_tensors(corpus("npz/bad_beside_text")).entries()[0].problem, "expected a name that ends in .npy");
}

}  // namespace
}  // namespace sigmagrad
