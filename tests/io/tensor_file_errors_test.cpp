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
using namespace std::string_literals;

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
  EXPECT_TRUE(message("bad_bomb").starts_with("f: repeats more than 4194304 items of its lists and dictionaries, at"));
  EXPECT_TRUE(message("bad_itself").starts_with("f: is nested more than 64 deep, or holds itself, at \"0.0"));
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
  EXPECT_TRUE(repeated.entries()[0].shape.empty());  // of [2^31 - 1, 2^31 - 1]
  const auto complex = open_tensors(model("complex.pt"));
  EXPECT_EQ(complex.entries()[0].problem, "C64 (torch.complex64) is not read");
  EXPECT_EQ(error_of([&] { complex.read(0); }),
            model("complex.pt").string() + ": \"z\": C64 (torch.complex64) is not read");
}

std::string repeated(const std::string& text, int times) {
  std::string result;
  for (int i = 0; i < times; ++i) result += text;
  return result;
}

// A tensor of `axes` sizes 1.
std::string pickled_tensor(int axes) {
  const auto ones = "(" + repeated("K\1", axes) + "t";
  return "ctorch._utils\n_rebuild_tensor_v2\n((X\7\0\0\0storagectorch\nFloatStorage\nX\1\0\0\0"
         "0X\3\0\0\0cpuK\1tQK\0"s +
         ones + ones + "\x89NtR";
}

// As pickle writes {"labels": ["cat"] * 10000} and {"w": tensor}: the text is there once.
TEST(TensorFileErrors, APickleMayRepeatItsTexts) {
  const auto labels = "X\6\0\0\0labels](X\3\0\0\0catq\0"s + repeated("h\0"s, 9999) + "e";
  const auto code = "\x80\2}("s + labels + "X\1\0\0\0w"s + pickled_tensor(2) + "u.";
  const auto tensors = detail::parse_torch_pickle(testing::as_bytes(code), "f");
  ASSERT_EQ(tensors.size(), 1U);
  EXPECT_EQ(tensors[0].name, "w");
  EXPECT_EQ(tensors[0].sizes, (std::vector<std::int64_t>{1, 1}));
}

TEST(TensorFileErrors, ManyAxesOfPyTorchAreNotKept) {
  const auto code = "\x80\2]("s + pickled_tensor(64) + "q\0"s + repeated("h\0"s, 99) + "e.";
  const auto tensors = detail::parse_torch_pickle(testing::as_bytes(code), "f");
  ASSERT_EQ(tensors.size(), 100U);
  for (const auto& tensor : tensors) {
    EXPECT_EQ(tensor.rank, 64U);
    EXPECT_EQ(tensor.sizes.capacity() + tensor.strides.capacity(), 0U);
  }
  const std::string storage(4, '\0');
  const auto arrays =
      detail::torch_arrays({},
                           {{.name = "a/data.pkl", .stored = testing::as_bytes(code), .size = code.size()},
                            {.name = "a/data/0", .stored = testing::as_bytes(storage), .size = storage.size()}},
                           "f");
  EXPECT_EQ(arrays.at(99).entry.problem, "64 axes, at most 8 are read");
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

// A field of a message of protocol buffers.
std::string field(int tag, const std::string& content) {
  return std::string{static_cast<char>(tag << 3 | 2), static_cast<char>(content.size())} + content;
}

// A model of one initialiser "w".
std::string onnx_of(const std::string& tensor) { return field(7, field(5, field(8, "w") + tensor)); }

TEST(TensorFileErrors, ExternalDataWithoutANumber) {
  const Scratch scratch;
  scratch.file("w.bin", std::string(100, 'x'));
  const auto external = [](const std::string& key, const std::string& value) {
    return field(13, field(1, key) + field(2, value));
  };
  for (const auto& [key, value] : {std::pair<std::string, std::string>{"offset", "12abc"}, {"length", "-1"}}) {
    // dims [1], F32, external
    const auto text = onnx_of("\x08\1\x10\1\x70\1" + external(key, value) + external("location", "w.bin"));
    const auto file = open_tensors(scratch.file("m.onnx", text));
    EXPECT_EQ(file.entries()[0].problem,
              "its external data have the " + key + " \"" + value + "\", expected a number of bytes");
  }
}

// A file of one tensor, whose dtype nobody knows.
std::string safetensors_of(const std::string& dtype, const std::string& shape) {
  const auto header = R"({"w":{"dtype":")" + dtype + R"(","shape":)" + shape + R"(,"data_offsets":[0,0]}})";
  return bits<std::uint64_t>({header.size()}) + header;
}

// Whoever multiplies the sizes of an entry, also of one with a problem, gets a number.
TEST(TensorFileErrors, ShapesThatNoTensorHasAreNotShown) {
  const Scratch scratch;
  const std::string negative = "\xfe\xff\xff\xff\xff\xff\xff\xff\xff\1", complex = "\x10\x0e";
  for (const auto& path :
       {scratch.file("a.safetensors", safetensors_of("F4", "[4611686018427387904,8]")),
        scratch.file("a.onnx", onnx_of("\x08" + negative + "\x08" + negative + complex)),
        scratch.file("b.onnx", onnx_of(field(1, std::string(9, '\1')) + complex)),
        scratch.file("c.onnx", detail::read_file(corpus("onnx/many_axes"))), corpus("pickle/repeated")}) {
    const auto entry = open_tensors(path).entries()[0];
    EXPECT_NE(entry.problem, "") << path;
    EXPECT_TRUE(entry.shape.empty()) << path;
  }
  const auto path = scratch.file("d.safetensors", safetensors_of("F4", "[3,5]"));
  EXPECT_EQ(open_tensors(path).entries()[0].shape, (std::vector<std::int64_t>{3, 5}));
}

TEST(TensorFileErrors, NamesAreFitForATerminal) {
  const Scratch scratch;
  save({{"\x1b[31mred\n", ones({2})}}, scratch / "a.safetensors");
  EXPECT_EQ(open_tensors(scratch / "a.safetensors").entries()[0].name, "?[31mred?");
  // U+009B begins a command as ESC [ does; U+202E turns the writing round. A space that does not break, and letters
  // stay.
  save({{"\xc2\x9b"
         "31m\xe2\x80\xaeq\xd8\x9c\xe2\x81\xa6\xe2\x80\xa8\xc2\x85|\xc2\xa0\xc3\xa9\xe2\x80\x93\xe2\x81\xaa",
         ones({2})}},
       scratch / "b.safetensors");
  EXPECT_EQ(open_tensors(scratch / "b.safetensors").entries()[0].name,
            "?31m?q????|\xc2\xa0\xc3\xa9\xe2\x80\x93\xe2\x81\xaa");
  const auto dtype = scratch.file("c.safetensors", safetensors_of("\\u001b[31m\\u202e", "[0]"));
  EXPECT_EQ(open_tensors(dtype).entries()[0].dtype, "?[31m?");
}

}  // namespace
}  // namespace sigmagrad
