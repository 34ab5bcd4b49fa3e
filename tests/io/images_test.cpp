// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>

#include <sigmagrad/io/parsers/idx.hpp>
#include <sigmagrad/sigmagrad.hpp>
#include <sigmagrad/tests/io/files.hpp>
#include <sigmagrad/tests/support/expect.hpp>

namespace sigmagrad {
namespace {

using testing::error_of;
using testing::same;
using testing::Scratch;
using namespace std::string_literals;
using Labels = std::vector<std::int64_t>;

// A file of the fuzzer's corpus.
std::filesystem::path sample(const std::string& name) {
  return std::filesystem::path(SIGMAGRAD_TEST_DATA) / "../fuzz/corpus/idx" / name;
}

std::string idx_error(const std::string& text) {
  return error_of([&] { detail::parse_idx(testing::as_bytes(text), f64, "f"); });
}

TEST(Idx, ReadsEveryType) {
  EXPECT_TRUE(same(load_idx(sample("images")), arange(12).reshape({2, 2, 3})));
  EXPECT_TRUE(same(load_idx(sample("images"), f32), arange(12, f32).reshape({2, 2, 3})));
  EXPECT_TRUE(same(load_idx(sample("labels")), tensor({1, 2, 3, 4}, {4})));
  EXPECT_TRUE(same(load_idx(sample("scalar")), full({}, -1)));
  EXPECT_TRUE(same(load_idx(sample("int16")), tensor({-1, 300}, {2})));
  EXPECT_TRUE(same(load_idx(sample("int32")), tensor({-70000}, {1})));
  EXPECT_TRUE(same(load_idx(sample("float")), tensor({1.5}, {1})));
  EXPECT_TRUE(same(load_idx(sample("double")), tensor({1.5}, {1})));
}

TEST(Idx, ReadsCompressedFiles) { EXPECT_TRUE(same(load_idx(sample("gzip")), load_idx(sample("images")))); }

TEST(Idx, SaysWhatIsWrong) {
  EXPECT_EQ(idx_error("ab"), "f: is no IDX file: it does not begin with two zero bytes, a type and a number of axes");
  EXPECT_EQ(idx_error("\0\0\x0A\x01"s), "f: IDX type 10 is unknown, expected 8, 9 or 11 to 14");
  EXPECT_EQ(idx_error("\0\0\x08\x09"s), "f: 9 axes, expected at most 8");
  EXPECT_EQ(idx_error("\0\0\x08\x02\0\0\0\x01"s), "f: 2 axes need a header of 12 bytes, the file has 8");
  EXPECT_EQ(idx_error("\0\0\x08\x01\0\0\0\x03"s + "ab"), "f: [3] needs 3 bytes, the file has 2");
  EXPECT_EQ(idx_error("\0\0\x08\x01\0\0\0\x01"s + "ab"), "f: [1] needs 1 bytes, the file has 2");
  EXPECT_EQ(idx_error("\0\0\x0E\x02\xff\xff\xff\xff\xff\xff\xff\xff"s),
            "f: shape: too many entries: [4294967295, 4294967295]");
}

TEST(Idx, SaysWhatIsWrongWithACompressedFile) {
  const auto error = [](const std::string& name) { return error_of([&] { load_idx(sample(name)); }); };
  EXPECT_TRUE(error("bad_gzip_bomb").ends_with(": has more bytes than its header tells of"));
  EXPECT_TRUE(error("bad_gzip_cut").ends_with(": cannot be decompressed: the file ends too early"));
  EXPECT_NE(error("bad_gzip_huge").find(": the header tells of 2147483656 bytes, which "), std::string::npos);
  EXPECT_EQ(idx_error("\x1F\x8B garbage"), "f: cannot be decompressed: unknown compression method");
}

// An image of CIFAR whose red, green and blue are constant.
std::string image(unsigned char red, unsigned char green, unsigned char blue) {
  return std::string(1024, static_cast<char>(red)) + std::string(1024, static_cast<char>(green)) +
         std::string(1024, static_cast<char>(blue));
}

TEST(Cifar, ReadsAFile) {
  const Scratch scratch;
  const auto path = scratch.file("x.bin", "\x03" + image(0, 51, 255) + "\x09" + image(255, 0, 102));
  const auto cifar = load_cifar10(path);
  EXPECT_EQ(cifar.labels, (Labels{3, 9}));
  EXPECT_TRUE(cifar.coarse_labels.empty());
  EXPECT_EQ(cifar.images.shape(), (Shape{2, 3, 32, 32}));
  const auto colours = tensor({0, 0.2, 1, 1, 0, 0.4}, {2, 3, 1, 1}).expand({2, 3, 32, 32});
  EXPECT_TRUE(same(cifar.images, colours));
  EXPECT_TRUE(same(load_cifar10(path, {.dtype = f32}).images, colours.to(f32)));
}

TEST(Cifar, ReadsTheFilesOfAFolderInOrder) {
  const Scratch scratch;
  for (int i = 1; i <= 5; ++i)
    scratch.file("data_batch_" + std::to_string(i) + ".bin", std::string(1, static_cast<char>(i)) + image(0, 0, 0));
  scratch.file("test_batch.bin", "\x07" + image(0, 0, 0));
  EXPECT_EQ(load_cifar10(scratch / "").labels, (Labels{1, 2, 3, 4, 5}));
  EXPECT_EQ(load_cifar10(scratch / "", {.part = CifarOptions::Part::Test}).labels, (Labels{7}));
}

TEST(Cifar, ReadsBothLabelsOfTheHundred) {
  const Scratch scratch;
  scratch.file("train.bin", "\x13\x63" + image(255, 255, 255));
  const auto cifar = load_cifar100(scratch / "");
  EXPECT_EQ(cifar.coarse_labels, (Labels{19}));
  EXPECT_EQ(cifar.labels, (Labels{99}));
  EXPECT_TRUE(same(cifar.images, ones({1, 3, 32, 32})));
}

TEST(Cifar, SaysWhatIsWrong) {
  const Scratch scratch;
  const auto path = scratch.file("x", "\x0A" + image(0, 0, 0)), name = path;
  EXPECT_EQ(error_of([&] { load_cifar10(path); }), name.string() + ": image 0 has the label 10, expected 0 to 9");
  EXPECT_EQ(error_of([&] { load_cifar100(path); }), name.string() + ": has 3073 bytes, expected a multiple of 3074");
  EXPECT_EQ(error_of([&] { load_cifar10(scratch.file("empty", "")); }),
            (scratch / "empty").string() + ": has 0 bytes, expected a multiple of 3073");
  EXPECT_EQ(error_of([&] { load_cifar100(scratch.file("x", "\x14\x01" + image(0, 0, 0))); }),
            name.string() + ": image 0 has the label 20, expected 0 to 19");
  EXPECT_EQ(error_of([&] { load_cifar10(scratch / ""); }),
            (scratch / "data_batch_1.bin").string() + ": cannot be read: No such file or directory");
}

}  // namespace
}  // namespace sigmagrad
