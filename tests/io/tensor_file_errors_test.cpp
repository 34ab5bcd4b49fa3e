// SPDX-License-Identifier: BSD-3-Clause
#include <cstdint>

#include <gtest/gtest.h>

#include <sigmagrad/io/parsers/torch.hpp>
#include <sigmagrad/sigmagrad.hpp>
#include <sigmagrad/tests/io/files.hpp>
#include <sigmagrad/tests/support/expect.hpp>

// What is damaged or hostile: one Error that names the file and, where there is one, the tensor.
namespace sigmagrad {
namespace {

namespace fs = std::filesystem;

using testing::bits;
using testing::error_of;
using testing::same;
using testing::Scratch;

fs::path model(const std::string& name) { return fs::path(SIGMAGRAD_TEST_DATA) / "models" / name; }
fs::path corpus(const std::string& name) { return fs::path(SIGMAGRAD_TEST_DATA) / "../fuzz/corpus" / name; }

// What open_tensors says of a file, without the file's name before it.
std::string refusal(const fs::path& path) {
  const auto message = error_of([&] { open_tensors(path); });
  const auto start = path.string() + ": ";
  return message.starts_with(start) ? message.substr(start.size()) : message;
}

std::string copied(const Scratch& scratch, const fs::path& from, const std::string& name, std::size_t size) {
  return scratch.file(name, detail::read_file(from).substr(0, size));
}

TEST(TensorFileErrors, WhatIsNoFileOfArrays) {
  const Scratch scratch;
  const std::string read =
      "is no file of arrays that is read here: .safetensors, *.index.json (its shards), .npz, .npy, "
      ".csv, PyTorch's .pt .pth .bin, .onnx";
  EXPECT_EQ(refusal(scratch.file("a.bin", "text")), read);
  EXPECT_EQ(refusal(scratch.file("b.pt", "")), read);
  EXPECT_EQ(refusal(scratch / "none.pt"), "cannot be read: No such file or directory");
  EXPECT_EQ(refusal(scratch / "."), "cannot be read: Is a directory");
  EXPECT_EQ(refusal(scratch.file("c.safetensors", "text")), "is no safetensors file: 4 bytes, expected 8 or more");
  EXPECT_EQ(refusal(scratch.file("d.csv", "a,b\n1,x\n")),
            "line 2, column 2 \"b\": \"x\" is not a number that f64 holds");
}

TEST(TensorFileErrors, OtherFilesOfPyTorchSayWhatToDo) {
  EXPECT_EQ(refusal(model("bad_legacy.pt")),
            "is of PyTorch's form before 1.6, which is not read; to convert it, in Python: "
            "torch.save(torch.load(path, map_location=\"cpu\"), path)");
  EXPECT_EQ(refusal(corpus("pickle/bad_system")),
            "is a pickle by itself, which is not read; PyTorch's .pt .pth .bin are, as torch.save writes them");
}

TEST(TensorFileErrors, APickleIsNeverRun) {
  const std::string rest =
      ", which its pickle asks for: tensors in dictionaries and lists are read, as "
      "torch.save(model.state_dict(), ...) writes them";
  EXPECT_EQ(refusal(model("bad_module.pt")), "refuses to run torch.nn.modules.linear.Linear" + rest);
  const auto message = [](const std::string& name) {
    const auto code = detail::read_bytes(corpus("pickle/" + name));
    return error_of([&] { detail::parse_torch_pickle(code, "f"); });
  };
  EXPECT_EQ(message("bad_system"), "f: refuses to run posix.system" + rest);
  EXPECT_EQ(message("bad_eval"), "f: refuses to run builtins.eval" + rest);
  EXPECT_EQ(message("bad_storage_called"), "f: refuses to run torch.FloatStorage, which its pickle asks for");
  EXPECT_TRUE(message("bad_bomb").starts_with("f: its dictionaries hold each other: \"0.0"));
  EXPECT_EQ(message("bad_longer_text"), "f: bad pickle at its byte 2: it is cut short");
}

TEST(TensorFileErrors, StoragesOfPyTorch) {
  EXPECT_EQ(refusal(corpus("pickle/bad_missing")), "\"w\": \"archive/data/0\" is missing in the archive");
  EXPECT_EQ(refusal(corpus("pickle/bad_count")), "\"w\": its storage \"0\" should have 28 bytes and has 24");
  EXPECT_EQ(refusal(corpus("pickle/bad_offset")), "\"w\": reaches beyond its storage \"0\", which has 6 entries");
  EXPECT_EQ(refusal(corpus("pickle/bad_compressed")),
            "\"archive/data.pkl\" is compressed, which torch.save never does");
  const auto repeated = open_tensors(corpus("pickle/repeated"));
  EXPECT_EQ(repeated.entries()[0].problem, "repeats few entries into more than the file has bytes");
  const auto complex = open_tensors(model("complex.pt"));
  EXPECT_EQ(complex.entries()[0].problem, "C64 (torch.complex64) is not read");
  EXPECT_EQ(error_of([&] { complex.read(0); }),
            model("complex.pt").string() + ": \"z\": C64 (torch.complex64) is not read");
}

TEST(TensorFileErrors, EveryFileCutShortIsRefused) {
  const Scratch scratch;
  for (const char* const name : {"every.safetensors", "every.pt", "every.onnx", "stored.npz", "deflated.npz"}) {
    const auto size = fs::file_size(model(name));
    for (const std::size_t part : {size / 8, size / 2, size - 1}) {
      const fs::path path = copied(scratch, model(name), name, part);
      EXPECT_NE(refusal(path), "no error") << name << " " << part;
    }
  }
}

TEST(TensorFileErrors, AnEndlessHeaderIsNotRead) {
  const Scratch scratch;
  const auto path = scratch.file("a.safetensors", bits<std::uint64_t>({~0ULL}) + "{");
  EXPECT_EQ(refusal(path),
            "is no safetensors file: the header has 18446744073709551615 bytes, expected at most 100000000");
}

TEST(TensorFileErrors, NamesThatComeTwice) {
  const Scratch scratch;
  save({{"w", ones({2})}, {"v", ones({2})}}, scratch / "1.safetensors");
  save({{"w", ones({2})}}, scratch / "2.safetensors");
  const auto index = scratch.file("m.index.json", R"({"weight_map":{"v":"1.safetensors","w":"2.safetensors"}})");
  EXPECT_EQ(error_of([&] { open_tensors(index); }), (scratch / "2.safetensors").string() + ": \"w\" comes twice");
}

TEST(TensorFileErrors, ShardsThatAreNotThere) {
  const Scratch scratch;
  save({{"w", ones({2})}}, scratch / "1.safetensors");
  const auto index = [&](const std::string& map) {
    return scratch.file("m.index.json", R"({"weight_map":{)" + map + "}}");
  };
  EXPECT_EQ(error_of([&] { open_tensors(index(R"("w":"3.safetensors")")); }),
            (scratch / "3.safetensors").string() + ": cannot be read: No such file or directory");
  EXPECT_EQ(refusal(index(R"("v":"1.safetensors")")),
            "\"v\" is not in its shard " + (scratch / "1.safetensors").string());
  for (const char* const name : {"../1.safetensors", "/etc/passwd", "a/../../b", "", ".", "a/"})
    EXPECT_EQ(refusal(index(R"("w":")" + std::string(name) + '"')),
              "\"w\" lies in the file \"" + std::string(name) + "\", which is not within the index's folder");
}

// external.onnx keeps "w" in external.data, and "b" itself.
TEST(TensorFileErrors, ExternalDataOfOnnx) {
  const Scratch scratch;
  const auto text = detail::read_file(model("external.onnx"));
  const auto problem = [&](const std::string& content) {
    const auto file = open_tensors(scratch.file("external.onnx", content));
    EXPECT_TRUE(same(file.read(1), ones({2, 2}, f32)));
    return file.entries()[0].problem;
  };
  EXPECT_EQ(problem(text), "its data lie in another file: " + (scratch / "external.data").string() +
                               ": cannot be read: No such file or directory");
  scratch.file("external.data", std::string(47, 'x'));
  EXPECT_EQ(problem(text), "its 48 bytes from byte 0 on do not fit the file \"external.data\" of 47 bytes");
  auto outside = text;
  outside.replace(outside.find("external.data"), 13, "../ernal.data");
  EXPECT_EQ(problem(outside), "its data lie in the file \"../ernal.data\", which is not within the model's folder");
}

TEST(TensorFileErrors, NamesAreFitForATerminal) {
  const Scratch scratch;
  save({{"\x1b[31mred\n", ones({2})}}, scratch / "a.safetensors");
  EXPECT_EQ(open_tensors(scratch / "a.safetensors").entries()[0].name, "?[31mred?");
}

}  // namespace
}  // namespace sigmagrad
