// SPDX-License-Identifier: BSD-3-Clause
#include <cstdint>

#include <gtest/gtest.h>

#include <sigmagrad/io/parsers/npy.hpp>
#include <sigmagrad/sigmagrad.hpp>
#include <sigmagrad/tests/io/files.hpp>
#include <sigmagrad/tests/support/expect.hpp>

namespace sigmagrad {
namespace {

using testing::bits;
using testing::error_of;
using testing::same;
using testing::Scratch;

// A file with that literal as its header.
std::string file_of(const std::string& literal, const std::string& data = "", int version = 1) {
  std::string text = "\x93NUMPY";
  text += {static_cast<char>(version), '\0'};
  const auto size = static_cast<std::uint32_t>(literal.size());
  text += version == 1 ? bits<std::uint16_t>({static_cast<std::uint16_t>(size)}) : bits<std::uint32_t>({size});
  return text + literal + data;
}

std::string literal(const std::string& descr, const std::string& shape, const std::string& fortran = "False") {
  return "{'descr': '" + descr + "', 'fortran_order': " + fortran + ", 'shape': " + shape + ", }\n";
}

Tensor parse(const std::string& text) { return detail::parse_npy(testing::as_bytes(text), "f"); }
std::string error_for(const std::string& text) {
  return error_of([&] { parse(text); });
}

TEST(Npy, KeepsShapesDtypesAndBits) {
  const Scratch scratch;
  for (const auto& saved : {randn({3, 4}), randn({5}, f32), full({}, 0.1), zeros({0, 3}),
                            randn({2, 1, 1, 1, 1, 1, 1, 3}), randn({3, 2}).t()}) {
    save_npy(saved, scratch / "file.npy");
    EXPECT_TRUE(same(load_npy(scratch / "file.npy"), saved));
  }
}

TEST(Npy, WritesTheHeaderOfNumPy) {
  const auto header = [](const Shape& shape, Dtype dtype) { return detail::npy_header(shape, dtype); };
  EXPECT_EQ(header({2, 3}, f64).substr(10, 59), "{'descr': '<f8', 'fortran_order': False, 'shape': (2, 3), }");
  EXPECT_EQ(header({2}, f32).substr(10, 57), "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }");
  EXPECT_EQ(header({}, f64).substr(10, 55), "{'descr': '<f8', 'fortran_order': False, 'shape': (), }");
  for (const auto& text : {header({2, 3}, f64), header({}, f32), header({1000000000, 0}, f32)}) {
    EXPECT_EQ(text.size() % 64, 0U);
    EXPECT_EQ(text.back(), '\n');
    EXPECT_EQ(text.substr(0, 8), std::string("\x93NUMPY\x01\0", 8));
    EXPECT_EQ(text.substr(8, 2), bits<std::uint16_t>({static_cast<std::uint16_t>(text.size() - 10)}));
  }
}

TEST(Npy, ReadsEveryVersion) {
  for (const int version : {1, 2, 3})
    EXPECT_TRUE(same(parse(file_of(literal("<f8", "(2,)"), bits<double>({1, 2}), version)), tensor({1, 2}, {2})));
}

TEST(Npy, ReadsEveryType) {
  EXPECT_TRUE(same(parse(file_of(literal("<f4", "(1,)"), bits<float>({1.5F}))), tensor({1.5}, {1}, f32)));
  EXPECT_TRUE(same(parse(file_of(literal("<f2", "(1,)"), bits<std::uint16_t>({0x3E00}))), tensor({1.5}, {1}, f32)));
  EXPECT_TRUE(same(parse(file_of(literal("|i1", "(1,)"), bits<std::int8_t>({-3}))), tensor({-3}, {1})));
  EXPECT_TRUE(same(parse(file_of(literal("|u1", "(1,)"), bits<std::uint8_t>({253}))), tensor({253}, {1})));
  EXPECT_TRUE(same(parse(file_of(literal("<i2", "(1,)"), bits<std::int16_t>({-3}))), tensor({-3}, {1})));
  EXPECT_TRUE(same(parse(file_of(literal("<u2", "(1,)"), bits<std::uint16_t>({65535}))), tensor({65535}, {1})));
  EXPECT_TRUE(same(parse(file_of(literal("<i4", "(1,)"), bits<std::int32_t>({-3}))), tensor({-3}, {1})));
  EXPECT_TRUE(same(parse(file_of(literal("<u4", "(1,)"), bits<std::uint32_t>({~0U}))), tensor({4294967295.0}, {1})));
  EXPECT_TRUE(same(parse(file_of(literal("<i8", "(1,)"), bits<std::int64_t>({-3}))), tensor({-3}, {1})));
  EXPECT_TRUE(same(parse(file_of(literal("<u8", "(1,)"), bits<std::uint64_t>({3}))), tensor({3}, {1})));
  EXPECT_TRUE(same(parse(file_of(literal("|b1", "(2,)"), bits<std::uint8_t>({0, 1}))), tensor({0, 1}, {2})));
}

TEST(Npy, ReadsBothByteOrders) {
  EXPECT_TRUE(same(parse(file_of(literal(">i2", "(2,)"), std::string("\x01\x02\xff\xfe", 4))), tensor({258, -2}, {2})));
  EXPECT_TRUE(same(parse(file_of(literal(">f8", "(1,)"), std::string("\x3f\xf8\0\0\0\0\0\0", 8))), tensor({1.5}, {1})));
  EXPECT_TRUE(same(parse(file_of(literal(">f2", "(1,)"), std::string("\x3e\0", 2))), tensor({1.5}, {1}, f32)));
  EXPECT_TRUE(same(parse(file_of(literal("=i2", "(1,)"), bits<std::int16_t>({7}))), tensor({7}, {1})));
}

TEST(Npy, ReadsFortranOrder) {
  const auto numbers = bits<double>({0, 1, 2, 3, 4, 5});
  EXPECT_TRUE(same(parse(file_of(literal("<f8", "(2, 3)", "True"), numbers)), tensor({0, 2, 4, 1, 3, 5}, {2, 3})));
  const auto cube = parse(file_of(literal("<f8", "(1, 2, 3)", "True"), numbers));
  EXPECT_TRUE(same(cube, tensor({0, 2, 4, 1, 3, 5}, {1, 2, 3})));
  EXPECT_TRUE(same(parse(file_of(literal("<f8", "(6,)", "True"), numbers)), arange(6)));
  const auto deep = parse(file_of(literal("<f8", "(3, 1, 2, 1)", "True"), numbers));
  EXPECT_TRUE(same(deep, tensor({0, 3, 1, 4, 2, 5}, {3, 1, 2, 1})));
}

TEST(Npy, ReadsLiteralsThatOthersWrite) {
  const auto data = bits<double>({7});
  for (const std::string text : {"{\"shape\":(1,),\"fortran_order\":False,\"descr\":\"<f8\"}",
                                 "{'descr':'<f8','fortran_order':False,'shape':(1L,)}  \n",
                                 "  { 'descr' : '<f8' , 'fortran_order' : False , 'shape' : ( 1 ) , } "})
    EXPECT_EQ(parse(file_of(text, data)).item(), 7) << text;
}

TEST(Npy, SaysWhatIsNotSupported) {
  EXPECT_EQ(error_for(file_of(literal("|O", "(1,)"), "x")),
            "f: Python objects ('|O') are not supported, expected numbers");
  EXPECT_EQ(error_for(file_of("{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': (1,)}")),
            "f: structured dtypes are not supported, expected numbers");
  for (const std::string descr : {"<c16", "<U3", "|S3", "<M8[ns]", "f16", "<", ""})
    EXPECT_EQ(error_for(file_of(literal(descr, "(1,)"))),
              "f: dtype '" + descr + "' is not one of f2 f4 f8 i1 i2 i4 i8 u1 u2 u4 u8 b1");
  EXPECT_EQ(error_for(file_of(literal("<f8", "(1,)"), "", 4)), "f: npy version 4.0 is unknown, expected 1 to 3");
}

TEST(Npy, SaysWhatIsWrongWithTheHeader) {
  const std::string good = literal("<f8", "(1,)");
  EXPECT_EQ(error_for("PK"), "f: is no npy file: it does not begin with its mark");
  EXPECT_EQ(error_for(file_of(good).substr(0, 30)),
            "f: npy header of " + std::to_string(good.size()) + " bytes, the file has only 20 more");
  EXPECT_EQ(error_for(std::string("\x93NUMPY\x02\0\xff\xff\xff\xff", 12)),
            "f: npy header of 4294967295 bytes, expected less than 2^16");
  EXPECT_EQ(error_for(file_of("{'descr': '<f8'}")), "f: bad npy header: expected descr, fortran_order and shape");
  EXPECT_EQ(error_for(file_of("{'descr': '<f8', 'descr': '<f8'}")),
            "f: bad npy header: 'descr' is unknown or twice there");
  EXPECT_EQ(error_for(file_of("{'x': 1}")), "f: bad npy header: 'x' is unknown or twice there");
  EXPECT_EQ(error_for(file_of("['descr']")), "f: bad npy header: expected '{' before '['descr']'");
  EXPECT_EQ(error_for(file_of("{descr: 1}")), "f: bad npy header: expected a quoted text");
  EXPECT_EQ(error_for(file_of(good + "x")), "f: bad npy header: text after '}'");
  EXPECT_EQ(error_for(file_of(literal("<f8", "(1,)", "1"))), "f: bad npy header: fortran_order must be True or False");
  EXPECT_EQ(error_for(file_of(literal("<f8", "(a,)"))), "f: bad npy header: shape must be a tuple of sizes below 2^63");
  EXPECT_EQ(error_for(file_of(literal("<f8", "(9223372036854775808,)"))),
            "f: bad npy header: shape must be a tuple of sizes below 2^63");
}

TEST(Npy, SaysWhatIsWrongWithTheSize) {
  EXPECT_EQ(error_for(file_of(literal("<f8", "(-1,)"))), "f: shape: sizes must be >= 0, got [-1]");
  EXPECT_EQ(error_for(file_of(literal("<f8", "(1,1,1,1,1,1,1,1,1)"))), "f: shape: at most 8 axes, got 9");
  EXPECT_EQ(error_for(file_of(literal("<f8", "(4294967296, 4294967296)"))),
            "f: shape: too many entries: [4294967296, 4294967296]");
  const std::string good = file_of(literal("<f8", "(2,)"));
  EXPECT_EQ(error_for(good + "x"), "f: [2] needs a file of " + std::to_string(good.size() + 16) +
                                       " bytes, this one has " + std::to_string(good.size() + 1));
  EXPECT_EQ(error_for(file_of(literal("<i8", "(1,)"), bits<std::int64_t>({(1LL << 53) + 1}))),
            "f: entry 0 is 9007199254740993, which an f64 does not hold exactly");
}

}  // namespace
}  // namespace sigmagrad
