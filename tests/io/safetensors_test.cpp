// SPDX-License-Identifier: BSD-3-Clause
#include <cstdint>
#include <limits>

#include <gtest/gtest.h>

#include <sigmagrad/io/parsers/safetensors.hpp>
#include <sigmagrad/sigmagrad.hpp>
#include <sigmagrad/tests/io/files.hpp>
#include <sigmagrad/tests/support/expect.hpp>

namespace sigmagrad {
namespace {

using testing::bits;
using testing::error_of;
using testing::same;
using testing::Scratch;

// A file of that header.
std::string file_of(const std::string& header, const std::string& data = "") {
  return bits<std::uint64_t>({header.size()}) + header + data;
}

detail::SafetensorsFile parse(const std::string& text) {
  return detail::parse_safetensors(testing::as_bytes(text), "f");
}

std::string error_for(const std::string& header, const std::string& data = "") {
  return error_of([&] { parse(file_of(header, data)); });
}

// {"w": an entry}
std::string entry(const std::string& dtype, const std::string& shape, const std::string& offsets) {
  return R"({"w":{"dtype":")" + dtype + R"(","shape":)" + shape + R"(,"data_offsets":)" + offsets + "}}";
}

// The one tensor of a file with entries of that type.
Tensor read(const std::string& dtype, int count, const std::string& data) {
  const auto file =
      parse(file_of(entry(dtype, "[" + std::to_string(count) + "]", "[0," + std::to_string(data.size()) + "]"), data));
  return file.tensors["w"];
}

TEST(Safetensors, KeepsNamesOrderShapesDtypesAndBits) {
  const Scratch scratch;
  const double nan = std::numeric_limits<double>::quiet_NaN(), tiny = std::numeric_limits<double>::denorm_min();
  const NamedTensors saved{{"z.weight", randn({3, 4})},
                           {"a", randn({2, 1, 5}, f32)},
                           {"scalar", full({}, 2.5)},
                           {"none", zeros({0, 7})},
                           {"\"quoted\" \n\u00e9", tensor({-0.0, nan, tiny}, {3})}};
  save(saved, scratch / "file", {{"author", "a \"b\""}, {"", "empty"}});
  const NamedTensors loaded = load(scratch / "file");
  ASSERT_EQ(loaded.size(), saved.size());
  for (std::size_t i = 0; i < saved.size(); ++i) {
    const auto& [name, value] = loaded.at(i);
    EXPECT_EQ(name, saved.at(i).first);
    EXPECT_EQ(value.shape(), saved.at(i).second.shape());
    EXPECT_EQ(value.dtype(), saved.at(i).second.dtype());
    const auto a = detail::bytes_of(value), b = detail::bytes_of(saved.at(i).second);
    EXPECT_TRUE(std::equal(a.begin(), a.end(), b.begin(), b.end())) << name;
  }
  EXPECT_EQ(load_metadata(scratch / "file"), (Metadata{{"author", "a \"b\""}, {"", "empty"}}));
}

TEST(Safetensors, WritesTheHeaderPaddedToEightBytes) {
  const auto header = detail::safetensors_header({{"w", zeros({2}, f32)}, {"b", zeros({}, f64)}}, {{"k", "v"}}, "f");
  const std::string json = R"({"__metadata__":{"k":"v"},"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},)"
                           R"("b":{"dtype":"F64","shape":[],"data_offsets":[8,16]}})";
  EXPECT_EQ(header.size() % 8, 0U);
  EXPECT_EQ(header.substr(8, json.size()), json);
  EXPECT_EQ(header.find_first_not_of(' ', 8 + json.size()), std::string::npos);
  EXPECT_EQ(header.substr(0, 8), bits<std::uint64_t>({header.size() - 8}));
}

TEST(Safetensors, SavesTransposesAndLeavesAsTheyRead) {
  const Scratch scratch;
  const auto w = randn({2, 3}).requires_grad_();
  save({{"t", w.t()}, {"w", w}}, scratch / "file");
  const auto loaded = load(scratch / "file");
  EXPECT_TRUE(same(loaded["t"], w.t()));
  EXPECT_FALSE(loaded["w"].requires_grad());
}

TEST(Safetensors, AnEmptyFileOfNoTensors) {
  const Scratch scratch;
  save({}, scratch / "file");
  EXPECT_TRUE(load(scratch / "file").empty());
  EXPECT_TRUE(load_metadata(scratch / "file").empty());
}

TEST(Safetensors, ConvertsOtherTypes) {
  const double largest = 9007199254740992.0;
  EXPECT_TRUE(same(read("I8", 2, bits<std::int8_t>({-128, 127})), tensor({-128, 127}, {2})));
  EXPECT_TRUE(same(read("U8", 2, bits<std::uint8_t>({0, 255})), tensor({0, 255}, {2})));
  EXPECT_TRUE(same(read("I16", 1, bits<std::int16_t>({-32768})), tensor({-32768}, {1})));
  EXPECT_TRUE(same(read("U16", 1, bits<std::uint16_t>({65535})), tensor({65535}, {1})));
  EXPECT_TRUE(same(read("I32", 1, bits<std::int32_t>({-2147483647})), tensor({-2147483647.0}, {1})));
  EXPECT_TRUE(same(read("U32", 1, bits<std::uint32_t>({4294967295U})), tensor({4294967295.0}, {1})));
  EXPECT_TRUE(same(read("I64", 2, bits<std::int64_t>({-(1LL << 53), 1LL << 53})), tensor({-largest, largest}, {2})));
  EXPECT_TRUE(same(read("U64", 1, bits<std::uint64_t>({1ULL << 63})), tensor({0x1p63}, {1})));
  EXPECT_TRUE(same(read("BOOL", 3, bits<std::uint8_t>({0, 1, 1})), tensor({0, 1, 1}, {3})));
  EXPECT_TRUE(same(read("BF16", 2, bits<std::uint16_t>({0x3F80, 0xC040})), tensor({1, -3}, {2}, f32)));
}

TEST(Safetensors, ConvertsHalvesOfEveryKind) {
  const auto halves = read("F16", 7, bits<std::uint16_t>({0x3C00, 0xC000, 0x0001, 0x83FF, 0x7BFF, 0x7C00, 0x8000}));
  const float infinity = std::numeric_limits<float>::infinity();
  const std::vector<float> expected{1, -2, 0x1p-24F, -0x3FFp-24F, 65504, infinity, -0.0F};
  for (std::size_t i = 0; i < expected.size(); ++i)
    EXPECT_EQ(std::bit_cast<std::uint32_t>(halves.data<float>()[i]), std::bit_cast<std::uint32_t>(expected[i])) << i;
  EXPECT_TRUE(std::isnan(read("F16", 1, bits<std::uint16_t>({0x7E01})).item()));
}

TEST(Safetensors, RefusesIntegersThatF64DoesNotHold) {
  EXPECT_EQ(error_of([] {
              read("I64", 2, bits<std::int64_t>({1, (1LL << 53) + 1}));
            }),
            "f: \"w\": entry 1 is 9007199254740993, which an f64 does not hold exactly");
  EXPECT_EQ(error_of([] { read("I64", 1, bits<std::int64_t>({-(1LL << 53) - 1})); }),
            "f: \"w\": entry 0 is -9007199254740993, which an f64 does not hold exactly");
  EXPECT_EQ(error_of([] { read("U64", 1, bits<std::uint64_t>({~0ULL})); }),
            "f: \"w\": entry 0 is 18446744073709551615, which an f64 does not hold exactly");
}

TEST(Safetensors, OrderIsThatOfTheData) {
  const auto file = parse(file_of(R"({"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]},)"
                                  R"("a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},)"
                                  R"("none":{"dtype":"F32","shape":[0],"data_offsets":[4,4]}})",
                                  bits<float>({1, 2})));
  EXPECT_EQ(file.tensors.at(0).first, "a");
  EXPECT_EQ(file.tensors.at(1).first, "none");
  EXPECT_EQ(file.tensors["b"].item(), 2);
}

TEST(Safetensors, SaysWhatIsWrongWithTheLength) {
  EXPECT_EQ(error_of([] { parse("short"); }), "f: is no safetensors file: 5 bytes, expected 8 or more");
  EXPECT_EQ(error_of([] { parse(bits<std::uint64_t>({100'000'001})); }),
            "f: is no safetensors file: the header has 100000001 bytes, expected at most 100000000");
  EXPECT_EQ(error_of([] { parse(bits<std::uint64_t>({10}) + "{}"); }),
            "f: the header has 10 bytes, the file only 2 more");
}

TEST(Safetensors, SaysWhatIsWrongWithTheHeader) {
  EXPECT_EQ(error_for("[]"), "f: the header is no JSON object");
  EXPECT_EQ(error_for("{]"), "f: the header is not JSON at its byte 2");
  EXPECT_EQ(error_for("{} {}"), "f: the header is not JSON at its byte 4");
  EXPECT_EQ(error_for(std::string("{}\0", 3)), "f: the header holds a zero byte");
  EXPECT_EQ(error_for(R"({"w":1})"), "f: \"w\" is 1, expected an object");
  EXPECT_EQ(error_for(R"({"w":{}})"), "f: \"w\": expected dtype, shape and data_offsets");
  EXPECT_EQ(error_for(R"({"w":{"size":1}})"), "f: \"w\": \"size\" is unknown, expected dtype, shape and data_offsets");
  EXPECT_EQ(error_for(R"({"w":{"dtype":1}})"), "f: \"w\": dtype has 1, expected a text");
  EXPECT_EQ(error_for(R"({"w":{"shape":[-1]}})"), "f: \"w\": shape has -1, expected an array of sizes");
  EXPECT_EQ(error_for(R"({"w":{"shape":[[1]]}})"), "f: \"w\": shape has an array, expected an array of sizes");
  EXPECT_EQ(error_for(R"({"w":{"shape":[1.5]}})"), "f: \"w\": shape has 1.5, expected an array of sizes");
  EXPECT_EQ(error_for(R"({"w":{"data_offsets":[0,1,2]}})"),
            "f: \"w\": data_offsets has 2, expected an array of two offsets");
  EXPECT_EQ(error_for(R"({"w":{"data_offsets":[0]}})"), "f: \"w\": data_offsets must be two numbers (got 1)");
  EXPECT_EQ(error_for(R"({"__metadata__":{"a":null}})"), "f: __metadata__ \"a\" is null, expected a text");
}

TEST(Safetensors, RefusesKeysThatComeTwice) {
  const std::string info = R"({"dtype":"F32","shape":[],"data_offsets":[0,4]})";
  EXPECT_EQ(error_for(R"({"w":)" + info + R"(,"w":)" + info + "}"), "f: \"w\" comes twice in the header");
  EXPECT_EQ(error_for(R"({"__metadata__":{"a":"1","a":"2"}})"), "f: \"a\" comes twice in the header");
  EXPECT_EQ(error_for(R"({"w":{"shape":[],"shape":[]}})"), "f: \"w\": \"shape\" comes twice in the header");
  EXPECT_EQ(error_for(R"({"__metadata__":{},"__metadata__":{}})"), "f: \"__metadata__\" comes twice in the header");
}

TEST(Safetensors, SaysWhatIsWrongWithAnEntry) {
  EXPECT_EQ(error_for(entry("F4", "[1]", "[0,1]"), "x"),
            "f: \"w\": dtype \"F4\" is not one of F64 F32 F16 BF16 F8_E4M3 F8_E5M2 I8 I16 I32 I64 U8 U16 U32 U64 BOOL");
  EXPECT_EQ(error_for(entry("F64", "[2,3]", "[0,40]"), std::string(40, 'x')),
            "f: \"w\": [2, 3] of F64 needs 48 bytes, data_offsets [0, 40] hold 40");
  EXPECT_EQ(error_for(entry("F64", "[1]", "[0,8]"), "1234567"),
            "f: \"w\": data_offsets [0, 8] do not fit the 7 bytes of the file");
  EXPECT_EQ(error_for(entry("F64", "[1]", "[8,16]"), std::string(16, 'x')),
            "f: \"w\": begins at byte 8, expected 0: entries must neither overlap nor leave holes");
  EXPECT_EQ(error_for(entry("F64", "[1]", "[0,8]"), std::string(9, 'x')), "f: the entries end at byte 8 of 9");
  EXPECT_EQ(error_for(entry("F64", "[1,1,1,1,1,1,1,1,1]", "[0,8]"), "12345678"),
            "f: \"w\": shape must have at most 8 sizes below 2^63");
  EXPECT_EQ(error_for(entry("F64", "[9223372036854775808]", "[0,8]"), "12345678"),
            "f: \"w\": shape must have at most 8 sizes below 2^63");
  EXPECT_EQ(error_for(entry("F64", "[1099511627776,1099511627776]", "[0,8]"), "12345678"),
            "f: \"w\": shape: too many entries: [1099511627776, 1099511627776]");
}

TEST(Safetensors, SaysWhatCannotBeSaved) {
  const Scratch scratch;
  const auto path = scratch / "file";
  const auto one = ones({1});
  EXPECT_EQ(error_of([&] { save({{"w", one}, {"w", one}}, path); }), path.string() + ": \"w\" is given twice");
  EXPECT_EQ(error_of([&] {
              save({{"__metadata__", one}}, path);
            }),
            path.string() + ": a tensor cannot be named \"__metadata__\"");
  EXPECT_EQ(error_of([&] { save({{"\xff", one}}, path); }), path.string() + ": a name or text is not UTF-8");
  EXPECT_EQ(error_of([&] {
              save({{"w", one}}, path, {{"a", "\xff"}});
            }),
            path.string() + ": a name or text is not UTF-8");
  EXPECT_TRUE(scratch.names().empty());
}

}  // namespace
}  // namespace sigmagrad
