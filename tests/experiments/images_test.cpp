// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include <sigmagrad/experiments/completion/examples.hpp>
#include <sigmagrad/experiments/images.hpp>
#include <sigmagrad/experiments/networks/images.hpp>
#include <sigmagrad/sigmagrad.hpp>
#include <sigmagrad/tests/support/expect.hpp>
#include <sigmagrad/tests/support/scratch.hpp>

namespace sigmagrad::testing {
namespace {

using namespace experiments;

// Records of CIFAR-10: image i has label i, and all of its 3072 bytes are `first` + i.
std::string cifar10_records(int n, int first) {
  std::string text;
  for (int i = 0; i < n; ++i) text += std::string(1, static_cast<char>(i)) + std::string(3072, char(first + i));
  return text;
}

std::string cifar10_files(const Scratch& scratch, const std::string& folder) {
  std::filesystem::create_directories(scratch / folder);
  for (int i = 1; i <= 5; ++i)
    scratch.file(folder + "/data_batch_" + std::to_string(i) + ".bin", cifar10_records(2, 10 * i));
  scratch.file(folder + "/test_batch.bin", cifar10_records(3, 100));
  return (scratch / folder).string();
}

std::string cifar100_files(const Scratch& scratch) {
  std::filesystem::create_directories(scratch / "cifar-100-binary");
  for (const char* name : {"train.bin", "test.bin"})
    scratch.file(std::string("cifar-100-binary/") + name, std::string("\x05\x47") + std::string(3072, '\x66'));
  return (scratch / "").string();
}

std::string big_endian(std::int64_t n) {
  return {static_cast<char>(n >> 24), static_cast<char>(n >> 16), static_cast<char>(n >> 8), static_cast<char>(n)};
}

// Three images of 28 x 28 in either part: grey at 51, 102 and 153 of 255, with the labels 0, 1 and 2.
std::string mnist_files(const Scratch& scratch) {
  std::filesystem::create_directories(scratch / "mnist");
  for (const std::string part : {"train", "t10k"}) {
    std::string images = big_endian(0x803) + big_endian(3) + big_endian(28) + big_endian(28), labels;
    for (const char grey : {'\x33', '\x66', '\x99'}) images += std::string(784, grey);
    scratch.file("mnist/" + part + "-images-idx3-ubyte", images);
    scratch.file("mnist/" + part + "-labels-idx1-ubyte", big_endian(0x801) + big_endian(3) + std::string("\0\1\2", 3));
  }
  return (scratch / "mnist").string();
}

std::string set_error(const std::string& set, const std::string& folder) {
  return error_of([&] { image_set({.set = set, .folder = folder}); });
}

TEST(ImageSets, NameTheFileThatIsNotThere) {
  const Scratch scratch;
  EXPECT_EQ(set_error("cifar10", "installed"),
            "images: cifar10 is in no package; --set data=FOLDER says where its binary version is");
  for (const std::string set : {"cifar10", "cifar100", "fashion-mnist"})
    EXPECT_TRUE(set_error(set, (scratch / "nowhere").string()).find("nowhere") != std::string::npos) << set;
  std::filesystem::create_directories(scratch / "cifar-100-binary");
  scratch.file("cifar-100-binary/train.bin", std::string(3073, '\0'));
  EXPECT_TRUE(set_error("cifar100", (scratch / "").string()).find("train.bin") != std::string::npos);
  scratch.file("cifar-100-binary/train.bin", std::string(3074, '\x64'));
  EXPECT_TRUE(set_error("cifar100", (scratch / "").string()).find("train.bin") != std::string::npos);
}

TEST(ImageSets, UnknownNamesAreRefused) {
  const Scratch scratch;
  const auto folder = mnist_files(scratch);
  for (const std::string set : {"cifar-10", "cifar", "mnist", "fashion_mnist", ""})
    EXPECT_EQ(set_error(set, folder), "images: there is no set '" + set + "' (cifar10, cifar100 or fashion-mnist)");
  Generator generator(1);
  EXPECT_EQ(error_of([&] { networks::load_images({.set = "syntetic", .folder = folder}, generator); }),
            "images: there is no set 'syntetic' (cifar10, cifar100 or fashion-mnist)");
  EXPECT_EQ(error_of([&] { completion::train_and_test("cifar10", 0, generator); }),
            "completion: there are no data 'cifar10' (fashion-mnist, mixture, or a folder)");
}

TEST(ImageSets, AreReadOnceAndTheLastTwoAreKept) {
  const Scratch scratch;
  const ImageFiles one{.set = "cifar10", .folder = cifar10_files(scratch, "one")};
  const ImageFiles two{.set = "cifar10", .folder = cifar10_files(scratch, "two")};
  const ImageFiles three{.set = "fashion-mnist", .folder = mnist_files(scratch)};
  const auto first = image_set(one), second = image_set(two);
  EXPECT_NE(first, second);
  EXPECT_EQ(image_set(one), first);
  std::vector<std::shared_ptr<const ImageSet>> seen(4);
  {
    std::vector<std::jthread> threads;
    for (auto& each : seen) threads.emplace_back([&] { each = image_set(three); });
  }
  for (const auto& each : seen) EXPECT_EQ(each, seen[0]);
  std::filesystem::remove(scratch / "one/data_batch_1.bin");
  std::filesystem::remove(scratch / "two/data_batch_1.bin");
  EXPECT_EQ(image_set(one), first);
  EXPECT_TRUE(error_of([&] { image_set(two); }).find("data_batch_1.bin") != std::string::npos);
  EXPECT_EQ(second->train.size(), 10);  // whoever holds it has it still
}

void expect_normalizes(const Transform& normalize, const std::vector<double>& mean, const std::vector<double>& std) {
  const auto channels = static_cast<std::int64_t>(mean.size());
  const auto black = normalize(zeros({1, channels, 1, 1}), {}), white = normalize(ones({1, channels, 1, 1}), {});
  for (std::size_t c = 0; c < mean.size(); ++c) {
    EXPECT_NEAR(black.to_vector()[c], -mean[c] / std[c], 1e-12) << c;
    EXPECT_NEAR(white.to_vector()[c], (255.0 - mean[c]) / std[c], 1e-12) << c;
  }
}

TEST(ImageSets, CifarIsNormalisedByThePublishedNumbersOf255) {
  const Scratch scratch;
  Generator generator(1);
  cifar10_files(scratch, "cifar-10-batches-bin");
  const auto ten = networks::load_images({.set = "cifar10", .folder = (scratch / "").string()}, generator);
  expect_normalizes(ten.normalize, {125.3, 123.0, 113.9}, {63.0, 62.1, 66.7});
  EXPECT_EQ(ten.form.classes, 10);
  EXPECT_EQ(ten.form.channels, 3);
  EXPECT_EQ(ten.train.tensors()[1].to_vector(), (std::vector<double>{0, 1, 0, 1, 0, 1, 0, 1, 0, 1}));
  const auto hundred = networks::load_images({.set = "cifar100", .folder = cifar100_files(scratch)}, generator);
  expect_normalizes(hundred.normalize, {129.3, 124.1, 112.4}, {68.2, 65.4, 70.4});
  EXPECT_EQ(hundred.form.classes, 100);
  EXPECT_EQ(hundred.test.tensors()[1].to_vector(), (std::vector<double>{0x47}));
}

// 784 of 1024 pixels are grey: the mean is 0.4 times this share, and the mean square (0.04 + 0.16 + 0.36) / 3 times it.
TEST(ImageSets, SmallerImagesHaveAFrameWhichCountsInTheirMean) {
  const Scratch scratch;
  Generator generator(1);
  const auto images = networks::load_images({.set = "fashion-mnist", .folder = mnist_files(scratch)}, generator);
  const auto& x = images.train.tensors()[0];
  ASSERT_EQ(x.shape(), (Shape{3, 1, 32, 32}));
  EXPECT_EQ(x.narrow(2, 0, 2).sum().item() + x.narrow(3, 30, 2).sum().item(), 0.0);
  EXPECT_FLOAT_EQ(x.narrow(2, 2, 28).narrow(3, 2, 28).sum().item(), 784 * 1.2);
  const double share = 784.0 / 1024.0, mean = 0.4 * share, square = 0.56 / 3 * share;
  const auto black = images.normalize(zeros({1, 1, 1, 1}), {}).item();
  EXPECT_NEAR(black, -mean / std::sqrt((square - mean * mean) * 3072 / 3071), 1e-5);
}

TEST(ImageSets, AreDrawnFromAndFlatForClassifiers) {
  const Scratch scratch;
  const auto folder = cifar10_files(scratch, "cifar");
  Generator generator(1);
  const auto all = completion::train_and_test(folder, 0, generator);
  EXPECT_EQ(all.train.x.shape(), (Shape{10, 3072}));
  EXPECT_EQ(all.test.x.shape(), (Shape{3, 3072}));
  EXPECT_NEAR(all.train.x.mean().item(), 0.0, 1e-6);
  EXPECT_NEAR(square(all.train.x).mean().item(), 1.0, 1e-5);
  const auto some = completion::train_and_test(folder, 4, generator);
  ASSERT_EQ(some.train.x.shape(), (Shape{4, 3072}));
  std::set<double> drawn;
  for (const double pixel : some.train.x.narrow(1, 0, 1).flatten().to_vector()) drawn.insert(pixel);
  EXPECT_EQ(drawn.size(), 4u);  // none twice
  const auto pixels = all.train.x.narrow(1, 0, 1).flatten().to_vector();
  for (const double pixel : drawn) EXPECT_EQ(std::ranges::count(pixels, pixel), 1);
  EXPECT_TRUE(same(some.test.x, all.test.x));
}

}  // namespace
}  // namespace sigmagrad::testing
