// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <fstream>
#include <set>
#include <thread>

#include <gtest/gtest.h>

#include <sigmagrad/io/detail/encoding.hpp>
#include <sigmagrad/sigmagrad.hpp>
#include <sigmagrad/tests/io/files.hpp>
#include <sigmagrad/tests/support/expect.hpp>
#include <sigmagrad/tests/support/memory.hpp>

namespace sigmagrad {
namespace {

using testing::bits;
using testing::error_of;
using testing::resident_memory;
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

TEST(TensorFile, ReadsCsvAndItsGaps) {
  const Scratch scratch;
  const auto file = open_tensors(scratch.file("a.csv", "x,y\n1,2\n3,\n"));
  EXPECT_EQ(file.entries()[0].shape, (std::vector<std::int64_t>{2, 2}));
  const auto numbers = file.read(0).to_vector();
  EXPECT_EQ(numbers[2], 3);
  EXPECT_TRUE(std::isnan(numbers[3]));
}

template <class T>
concept HasBytes = requires(T&& tensor) {
  detail::bytes_of(std::forward<T>(tensor));
};
static_assert(HasBytes<const Tensor&> && !HasBytes<Tensor>, "the bytes of a temporary are gone when they are read");

// Reads when the thread ends, after its cache was closed.
struct LateReader {
  LateReader(const TensorFile& from, Tensor& to) : file(from), result(to) {}
  ~LateReader() { result = file.read(0); }
  const TensorFile& file;
  Tensor& result;
};

// Without a cache, as for a tensor beyond the cache's limit, what nobody holds goes back to the system at once.
TEST(TensorFile, ReadsCsvWithoutACache) {
  constexpr int rows = 600'000;  // 36 MiB: more than the system's allocator keeps for itself
  const Scratch scratch;
  std::string text;
  for (int i = 0; i < rows; ++i) text += "0,1,2,3,4,5,6,7\n";
  const auto file = open_tensors(scratch.file("a.csv", text));
  Tensor result;
  std::thread([&] {
    const thread_local LateReader reader(file, result);
    ones({1});  // the cache is made after the reader, and is closed before it
  }).join();
  EXPECT_TRUE(same(result, arange(8) + zeros({rows, 1})));
}

TEST(TensorFile, ReadsTheShardsOfAnIndex) {
  const Scratch scratch;
  const auto a = randn({2, 3}), b = randn({4}), c = randn({2});
  save({{"a", a}}, scratch / "1.safetensors");
  save({{"b", b}, {"c", c}}, scratch / "2.safetensors");
  const auto path = scratch.file("model.safetensors.index.json",
                                 R"({"metadata":{},"weight_map":{"b":"2.safetensors","a":"1.safetensors"}})");
  const auto file = open_tensors(path);
  EXPECT_EQ(file.path(), path);
  EXPECT_EQ(file.files(), (std::vector{scratch / "1.safetensors", scratch / "2.safetensors"}));
  ASSERT_EQ(file.entries().size(), 3U);  // also one that the index does not name
  EXPECT_TRUE(same(file.read(0), a));
  EXPECT_TRUE(same(file.read(1), b));
  EXPECT_EQ(file.entries()[2].name, "c");
}

TEST(TensorFile, KnowsItsFilesBySuffix) {
  for (const char* const name : {"a.safetensors", "A.NPZ", "a.npy", "a.csv", "x/a.pt", "a.pth", "a.bin", "a.onnx",
                                 "model.safetensors.index.json"})
    EXPECT_TRUE(may_hold_tensors(name)) << name;
  for (const char* const name : {"a.json", "a.txt", "npy", ".pt", "a.pt.txt"}) EXPECT_FALSE(may_hold_tensors(name));
}

TEST(TensorFile, HoldsAfterItsFileIsGone) {
  const Scratch scratch;
  const auto w = randn({30, 40});
  save({{"w", w}}, scratch / "a.safetensors");
  const auto file = open_tensors(scratch / "a.safetensors");
  std::filesystem::remove(scratch / "a.safetensors");
  EXPECT_TRUE(same(file.read(0), w));
  EXPECT_TRUE(same(file.read(0), w));  // its memory was given back
}

TEST(TensorFile, OneHandleServesThreads) {
  const Scratch scratch;
  NamedTensors saved;
  for (int i = 0; i < 8; ++i) saved.emplace_back(std::to_string(i), full({300, 1000}, i));
  save(saved, scratch / "a.safetensors");
  const auto file = open_tensors(scratch / "a.safetensors");
  std::vector<int> right(4);
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < right.size(); ++t)
    threads.emplace_back([&, t] {
      for (std::size_t i = 0; i < saved.size(); ++i) {
        const auto read = file.read(i);
        const auto entries = read.data<double>();
        right[t] += std::all_of(entries.begin(), entries.end(), [&](double x) { return x == static_cast<double>(i); });
      }
    });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(right, std::vector<int>(4, 8));
}

// In KiB.
// 16 matrices of 16 MiB, of which one at a time is held.
TEST(TensorFile, MemoryDoesNotGrowWithTheFile) {
  const Scratch scratch;
  std::string header = "{";
  constexpr int count = 16, size = 2048 * 2048 * 4;
  for (int i = 0; i < count; ++i)
    header += (i == 0 ? "\"" : ",\"") + std::to_string(i) + R"(":{"dtype":"F32","shape":[2048,2048],"data_offsets":[)" +
              std::to_string(i * size) + "," + std::to_string((i + 1) * size) + "]}";
  header += "}";
  const auto path = scratch.file("a.safetensors", bits<std::uint64_t>({header.size()}) + header);
  std::filesystem::resize_file(path, 8 + header.size() + static_cast<std::uintmax_t>(count) * size);
  const auto before = resident_memory();
  const auto file = open_tensors(path);
  EXPECT_LT(resident_memory() - before, 4 << 10);
  for (std::size_t i = 0; i < count; ++i) {
    const auto w = file.read(i);
    EXPECT_EQ(w.numel(), size / 4);
    EXPECT_LT(resident_memory() - before, 32 << 10) << i;
  }
}

// Files that PyTorch, safetensors, onnx and NumPy wrote; tests/golden/models/make.py says what is in them.
class Models : public ::testing::TestWithParam<const char*> {};

bool same_bits(const Tensor& a, const Tensor& b) {
  if (a.shape() != b.shape() || a.dtype() != b.dtype()) return false;
  const auto x = a.to_vector(), y = b.to_vector();
  return std::equal(x.begin(), x.end(), y.begin(), [](double p, double q) {
    return std::isnan(p) ? std::isnan(q) : p == q && std::signbit(p) == std::signbit(q);
  });
}

TEST_P(Models, HoldWhatTheirWriterPutIn) {
  const auto folder = std::filesystem::path(SIGMAGRAD_TEST_DATA) / "models";
  const auto expected = load(folder / "expected.safetensors");
  const auto file = open_tensors(folder / GetParam());
  std::set<std::string> found;
  for (std::size_t i = 0; i < file.entries().size(); ++i) {
    const auto& entry = file.entries()[i];
    const auto name = std::string(GetParam()) + "/" + entry.name;
    if (!entry.problem.empty()) continue;
    found.insert(name);
    ASSERT_TRUE(expected.contains(name)) << name;
    EXPECT_TRUE(same_bits(file.read(i), expected[name])) << name << "\n" << file.read(i) << "\n" << expected[name];
    const Shape& shape = expected[name].shape();
    EXPECT_EQ(entry.shape, std::vector<std::int64_t>(shape.begin(), shape.end())) << name;
  }
  for (const auto& [name, value] : expected)
    if (name.starts_with(std::string(GetParam()) + "/")) {
      EXPECT_TRUE(found.contains(name)) << name;
    }
}

INSTANTIATE_TEST_SUITE_P(Files, Models,
                         ::testing::Values("every.safetensors", "every.pt", "checkpoint.pt", "tensor.pth",
                                           "protocol4.bin", "complex.pt", "every.onnx", "external.onnx", "stored.npz",
                                           "deflated.npz"),
                         [](const auto& file) {
                           std::string name = file.param;
                           std::replace(name.begin(), name.end(), '.', '_');
                           return name;
                         });

}  // namespace
}  // namespace sigmagrad
