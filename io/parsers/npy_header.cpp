// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <string_view>
#include <utility>

#include <sigmagrad/autograd/tensor/fail.hpp>
#include <sigmagrad/io/parsers/npy.hpp>

namespace sigmagrad::detail {
namespace {

constexpr std::string_view magic = "\x93NUMPY";

// Reads the one kind of Python literal that a header is: {'descr': '<f8', 'fortran_order': False, 'shape': (3, 4), }.
class Literal {
 public:
  Literal(std::string_view text, const std::string& place) : text_(text), place_(place) {}

  struct Header {
    std::optional<std::string_view> descr;
    std::optional<bool> fortran;
    std::optional<Shape> shape;
  };

  Header read() {
    Header header;
    expect('{');
    while (!accept('}')) {
      const auto key = quoted();
      expect(':');
      if (key == "descr" && !header.descr)
        header.descr = descr();
      else if (key == "fortran_order" && !header.fortran)
        header.fortran = boolean();
      else if (key == "shape" && !header.shape)
        header.shape = make_shape(place_, tuple());
      else
        wrong(fmt::format("'{}' is unknown or twice there", key));
      if (!accept(',')) {
        expect('}');
        break;
      }
    }
    skip_space();
    if (!text_.empty()) wrong("text after '}'");
    if (!header.descr || !header.fortran || !header.shape) wrong("expected descr, fortran_order and shape");
    return header;
  }

 private:
  [[noreturn]] void wrong(std::string_view what) const { engine::fail("{}: bad npy header: {}", place_, what); }

  void skip_space() {
    const auto start = std::min(text_.find_first_not_of(" \n\r\t"), text_.size());
    text_.remove_prefix(start);
  }
  bool accept(char c) {
    skip_space();
    if (!text_.starts_with(c)) return false;
    text_.remove_prefix(1);
    return true;
  }
  void expect(char c) {
    if (!accept(c)) wrong(fmt::format("expected '{}' before '{}'", c, text_.substr(0, 20)));
  }
  std::string_view quoted() {
    skip_space();
    const auto end = text_.empty() ? text_.npos : text_.find(text_.front(), 1);
    if (end == text_.npos || (text_.front() != '\'' && text_.front() != '"')) wrong("expected a quoted text");
    const auto result = text_.substr(1, end - 1);
    text_.remove_prefix(end + 1);
    return result;
  }
  std::string_view descr() {
    skip_space();
    if (text_.starts_with('[')) engine::fail("{}: structured dtypes are not supported, expected numbers", place_);
    return quoted();
  }
  bool boolean() {
    skip_space();
    for (const auto& [word, value] : {std::pair<std::string_view, bool>{"True", true}, {"False", false}})
      if (text_.starts_with(word)) {
        text_.remove_prefix(word.size());
        return value;
      }
    wrong("fortran_order must be True or False");
  }
  std::vector<std::int64_t> tuple() {
    std::vector<std::int64_t> sizes;
    expect('(');
    while (!accept(')')) {
      skip_space();
      std::int64_t size = 0;
      const auto [end, error] = std::from_chars(text_.data(), text_.data() + text_.size(), size);
      if (error != std::errc()) wrong("shape must be a tuple of sizes below 2^63");
      text_.remove_prefix(static_cast<std::size_t>(end - text_.data()));
      if (text_.starts_with('L')) text_.remove_prefix(1);  // written by Python 2
      sizes.push_back(size);
      if (!accept(',')) {
        expect(')');
        break;
      }
    }
    return sizes;
  }

  std::string_view text_;
  const std::string& place_;
};

constexpr std::array encodings{
    std::pair{"f2", Encoding::F16}, std::pair{"f4", Encoding::F32}, std::pair{"f8", Encoding::F64},
    std::pair{"i1", Encoding::I8},  std::pair{"i2", Encoding::I16}, std::pair{"i4", Encoding::I32},
    std::pair{"i8", Encoding::I64}, std::pair{"u1", Encoding::U8},  std::pair{"u2", Encoding::U16},
    std::pair{"u4", Encoding::U32}, std::pair{"u8", Encoding::U64}, std::pair{"b1", Encoding::Bool}};

Encoding encoding_of(std::string_view descr, const std::string& place) {
  const bool ordered = !descr.empty() && std::string_view("<>|=").find(descr.front()) != std::string_view::npos;
  const auto kind = descr.substr(ordered ? 1 : 0);
  for (const auto& [name, encoding] : encodings)
    if (kind == name) return encoding;
  if (kind.starts_with('O'))
    engine::fail("{}: Python objects ('{}') are not supported, expected numbers", place, descr);
  engine::fail("{}: dtype '{}' is not one of f2 f4 f8 i1 i2 i4 i8 u1 u2 u4 u8 b1", place, descr);
}

// Where the literal begins, and its length.
std::pair<std::size_t, std::size_t> literal_range(Bytes start, const std::string& place) {
  const auto byte = [&](std::size_t i) { return std::to_integer<std::size_t>(start[i]); };
  const std::string_view text{reinterpret_cast<const char*>(start.data()), start.size()};
  if (!text.starts_with(magic) || start.size() < 12)
    engine::fail("{}: is no npy file: it does not begin with its mark", place);
  const auto version = byte(6);
  if (version < 1 || version > 3)
    engine::fail("{}: npy version {}.{} is unknown, expected 1 to 3", place, version, byte(7));
  std::size_t length = byte(8) | byte(9) << 8;
  if (version > 1) length |= byte(10) << 16 | byte(11) << 24;
  const std::size_t begin = version > 1 ? 12 : 10;
  if (length > npy_header_limit - begin)
    engine::fail("{}: npy header of {} bytes, expected less than 2^16", place, length);
  if (length > start.size() - begin)
    engine::fail("{}: npy header of {} bytes, the file has only {} more", place, length, start.size() - begin);
  return {begin, length};
}

}  // namespace

NpyHeader parse_npy_header(Bytes start, const std::string& place) {
  const auto [begin, length] = literal_range(start, place);
  const auto literal = Literal({reinterpret_cast<const char*>(start.data()) + begin, length}, place).read();
  NpyHeader header{.encoding = encoding_of(*literal.descr, place),
                   .shape = *literal.shape,
                   .swapped = literal.descr->starts_with('>'),
                   .fortran = *literal.fortran,
                   .begin = begin + length};
  header.size = header.begin + static_cast<std::uint64_t>(byte_count(place, header.shape, header.encoding));
  return header;
}

std::string npy_header(const Shape& shape, Dtype dtype) {
  std::string sizes;
  for (const auto size : shape) sizes += fmt::format("{}, ", size);
  if (shape.rank() > 1) sizes.resize(sizes.size() - 2);
  if (shape.rank() == 1) sizes.pop_back();
  std::string text =
      fmt::format("{{'descr': '<f{}', 'fortran_order': False, 'shape': ({}), }}", item_size(dtype), sizes);
  constexpr std::size_t before = magic.size() + 4, alignment = 64;
  const std::size_t total = (before + text.size() + alignment) / alignment * alignment;
  text.resize(total - before - 1, ' ');
  text += '\n';
  std::string header(magic);
  header += {1, 0, static_cast<char>(text.size() & 255), static_cast<char>(text.size() >> 8)};
  return header + text;
}

}  // namespace sigmagrad::detail
