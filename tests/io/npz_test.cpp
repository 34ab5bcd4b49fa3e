// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>

#include <sigmagrad/io/parsers/npz.hpp>
#include <sigmagrad/sigmagrad.hpp>
#include <sigmagrad/tests/io/files.hpp>
#include <sigmagrad/tests/support/expect.hpp>

namespace sigmagrad {
namespace {

using testing::error_of;
using testing::same;
using testing::Scratch;

// A file of the fuzzer's corpus.
std::filesystem::path sample(const std::string& name) {
  return std::filesystem::path(SIGMAGRAD_TEST_DATA) / "../fuzz/corpus/npz" / name;
}

// Whether reading the sample is an Error that ends so.
::testing::AssertionResult refuses(const std::string& name, const std::string& end) {
  const auto message = error_of([&] { load_npz(sample(name)); });
  if (message.ends_with(end)) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure() << message << "\nexpected: ..." << end;
}

TEST(Npz, KeepsNamesOrderShapesDtypesAndBits) {
  const Scratch scratch;
  const NamedTensors saved{{"z.weight", randn({3, 4})},
                           {"a", randn({2, 1, 5}, f32)},
                           {"scalar", full({}, 2.5)},
                           {"none", zeros({0, 7})},
                           {"\u00e9", randn({9000})}};
  save_npz(saved, scratch / "file.npz");
  const auto loaded = load_npz(scratch / "file.npz");
  ASSERT_EQ(loaded.size(), saved.size());
  for (std::size_t i = 0; i < saved.size(); ++i) {
    EXPECT_EQ(loaded.at(i).first, saved.at(i).first);
    EXPECT_TRUE(same(loaded.at(i).second, saved.at(i).second));
  }
}

TEST(Npz, WritesTheSameBytesAgain) {
  const Scratch scratch;
  const NamedTensors tensors{{"a", randn({3})}, {"b", ones({2, 2})}};
  save_npz(tensors, scratch / "one");
  save_npz(tensors, scratch / "two");
  EXPECT_EQ(detail::read_file(scratch / "one"), detail::read_file(scratch / "two"));
}

TEST(Npz, AnArchiveOfNothing) {
  const Scratch scratch;
  save_npz({}, scratch / "file.npz");
  EXPECT_EQ(detail::read_file(scratch / "file.npz"), detail::read_file(sample("empty")));
  EXPECT_TRUE(load_npz(scratch / "file.npz").empty());
}

TEST(Npz, ReadsWhatNumPyWrote) {
  const auto stored = load_npz(sample("stored"));
  EXPECT_TRUE(same(stored["a"], arange(3)));
  EXPECT_TRUE(same(stored["b"], eye(2, f32)));
  const auto deflated = load_npz(sample("deflated"));
  EXPECT_TRUE(same(deflated["a"], zeros({100})));
  EXPECT_TRUE(same(deflated["b"], arange(3)));
}

TEST(Npz, SaysWhatIsWrong) {
  EXPECT_TRUE(refuses("../npy/f8", "f8: is no zip archive: it has no end record, as when it is cut short"));
  EXPECT_TRUE(refuses("bad_truncated", "is no zip archive: it has no end record, as when it is cut short"));
  EXPECT_TRUE(refuses("bad_name", "\"x.txt\": expected a name that ends in .npy"));
  EXPECT_TRUE(refuses("bad_entry", "\"x\": is no npy file: it does not begin with its mark"));
  EXPECT_TRUE(refuses("bad_checksum", "\"x\": its checksum is 816b0b93, the archive says 037093ca"));
  EXPECT_TRUE(refuses("bad_bzip2", "\"x\": compression method 12, expected 0 (stored) or 8 (deflated)"));
  EXPECT_TRUE(refuses("bad_twice", "\"x.npy\": comes twice"));
}

TEST(Npz, RefusesSizesThatContradictEachOther) {
  EXPECT_TRUE(refuses("bad_claim", "\"x\": [1099511627776] needs 8796093022288 bytes, the archive says 88"));
  EXPECT_TRUE(refuses("bad_bomb", "\"x\": [100] needs 928 bytes, the archive says 1049504"));
}

TEST(Npz, SaysWhatCannotBeSaved) {
  const Scratch scratch;
  const auto path = scratch / "file";
  const auto one = ones({1});
  EXPECT_EQ(error_of([&] { save_npz({{"w", Tensor()}}, path); }), path.string() + ": \"w\" is an undefined tensor");
  EXPECT_EQ(error_of([&] {
              save_npz({{"w", one}, {"w", one}}, path);
            }),
            path.string() + ": \"w\": File already exists");
  EXPECT_EQ(error_of([&] {
              save_npz({{std::string("a\0b", 3), one}}, path);
            }),
            path.string() + ": a name holds a zero byte");
  EXPECT_TRUE(scratch.names().empty());
}

TEST(Npz, EntriesAreReadByName) {
  const Scratch scratch;
  const auto path = scratch / "some.npz";
  save_npz({{"a", ones({2})}, {"b", zeros({3})}, {"c", ones({1})}}, path);
  const auto some = load_npz(path, {"c", "a"});
  ASSERT_EQ(some.size(), 2u);
  EXPECT_EQ(some[0].first, "c");
  EXPECT_TRUE(same(some["a"], ones({2})));
  EXPECT_EQ(error_of([&] { load_npz(path, {"a", "d"}); }), path.string() + ": has no entry \"d\"");
}

TEST(Npz, WithNamesNothingElseIsLookedAt) {
  for (const char* const name : {"bad_beside_text", "bad_beside_bzip2", "bad_beside_objects"}) {
    SCOPED_TRACE(name);
    EXPECT_NE(error_of([&] { load_npz(sample(name)); }), "no error");
    const auto some = load_npz(sample(name), {"a"});
    ASSERT_EQ(some.size(), 1u);
    EXPECT_TRUE(same(some["a"], arange(3)));
  }
  const auto readme = sample("bad_beside_text");
  EXPECT_EQ(error_of([&] { load_npz(readme, {"README.txt"}); }),
            readme.string() + ": \"README.txt\": expected a name that ends in .npy");
}

}  // namespace
}  // namespace sigmagrad
