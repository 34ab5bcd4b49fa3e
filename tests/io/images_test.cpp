// SPDX-License-Identifier: BSD-3-Clause
#include <cstdlib>
#include <optional>

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

// An IDX file of bytes.
std::string idx_file(const std::vector<int>& sizes, const std::string& entries) {
  std::string text{'\0', '\0', '\x08', static_cast<char>(sizes.size())};
  for (const int size : sizes) text += std::string(3, '\0') + static_cast<char>(size);
  return text + entries;
}

// The two files of a part, of n images 1 x 2.
void write_mnist(const Scratch& scratch, const std::string& part, const std::string& labels) {
  std::string pixels;
  for (std::size_t i = 0; i < labels.size(); ++i) pixels += {static_cast<char>(51 * i), static_cast<char>(255)};
  const int n = static_cast<int>(labels.size());
  scratch.file(part + "-images-idx3-ubyte", idx_file({n, 1, 2}, pixels));
  scratch.file(part + "-labels-idx1-ubyte", idx_file({n}, labels));
}

TEST(Mnist, ReadsThePartsOfAFolder) {
  const Scratch scratch;
  write_mnist(scratch, "train", "\x09\x01");
  write_mnist(scratch, "t10k", "\x03");
  const auto train = load_mnist(scratch / "");
  EXPECT_EQ(train.labels, (Labels{9, 1}));
  EXPECT_TRUE(same(train.images, tensor({0, 1, 0.2, 1}, {2, 1, 1, 2})));
  const auto test = load_mnist(scratch / "", {.part = MnistOptions::Part::Test, .dtype = f32});
  EXPECT_EQ(test.labels, (Labels{3}));
  EXPECT_TRUE(same(test.images, tensor({0, 1}, {1, 1, 1, 2}).to(f32)));
}

TEST(Mnist, ReadsCompressedFiles) {
  const Scratch scratch;
  std::filesystem::copy_file(sample("gzip"), scratch / "train-images-idx3-ubyte.gz");
  scratch.file("train-labels-idx1-ubyte", idx_file({2}, "\x02\x05"));
  EXPECT_TRUE(same(load_mnist(scratch / "").images, arange(12).reshape({2, 1, 2, 3}) / 255.0));
  scratch.file("train-images-idx3-ubyte", idx_file({2, 1, 1}, "\x33\x66"));  // the plain one is taken
  EXPECT_TRUE(same(load_mnist(scratch / "").images, tensor({0.2, 0.4}, {2, 1, 1, 1})));
}

TEST(Mnist, SaysWhatIsWrong) {
  const Scratch scratch;
  const auto images = (scratch / "train-images-idx3-ubyte").string();
  const auto labels = (scratch / "train-labels-idx1-ubyte").string();
  const auto error = [&] { return error_of([&] { load_mnist(scratch / ""); }); };
  EXPECT_EQ(error(), labels + ": cannot be read: No such file or directory");
  write_mnist(scratch, "train", "\x01\x0A");
  EXPECT_EQ(error(), labels + ": image 1 has the label 10, expected 0 to 9");
  scratch.file("train-labels-idx1-ubyte", idx_file({1, 1}, "\x01"));
  EXPECT_EQ(error(), labels + ": labels must be [n], got [1, 1]");
  scratch.file("train-labels-idx1-ubyte", idx_file({3}, "\x01\x01\x01"));
  EXPECT_EQ(error(), images + ": has 2 images for 3 labels");
  scratch.file("train-images-idx3-ubyte", idx_file({3}, "abc"));
  EXPECT_EQ(error(), images + ": images must be [n, height, width], got [3]");
  scratch.file("train-images-idx3-ubyte", idx_file({3, 1, 2}, "abc"));
  EXPECT_EQ(error(), images + ": [3, 1, 2] needs 6 bytes, the file has 3");
  std::filesystem::remove(images);
  EXPECT_EQ(error(), images + ": cannot be read: No such file or directory");
}

// XDG_DATA_DIRS for as long as this lives.
class DataFolders {
 public:
  explicit DataFolders(const std::string& folders) {
    if (const char* old = std::getenv("XDG_DATA_DIRS")) old_ = old;
    ::setenv("XDG_DATA_DIRS", folders.c_str(), 1);
  }
  ~DataFolders() { old_ ? ::setenv("XDG_DATA_DIRS", old_->c_str(), 1) : ::unsetenv("XDG_DATA_DIRS"); }
  DataFolders(const DataFolders&) = delete;
  DataFolders& operator=(const DataFolders&) = delete;

 private:
  std::optional<std::string> old_;
};

TEST(Mnist, FindsThePackageOrNamesIt) {
  const Scratch scratch;
  const auto share = scratch / "share", folder = share / "datasets" / "fashion-mnist";
  const DataFolders folders("relative::" + (scratch / "none").string() + ":" + share.string());
  EXPECT_EQ(fashion_mnist_folder(), std::nullopt);
  EXPECT_EQ(error_of([] { load_fashion_mnist(); }),
            "load_fashion_mnist: the data set is not installed; Debian's package is dataset-fashion-mnist (apt install "
            "dataset-fashion-mnist), and load_mnist takes a folder with its four files");
  std::filesystem::create_directories(folder);
  EXPECT_EQ(fashion_mnist_folder(), folder);
  EXPECT_TRUE(error_of([] { load_fashion_mnist(); }).ends_with("-ubyte: cannot be read: No such file or directory"));
}

}  // namespace
}  // namespace sigmagrad
