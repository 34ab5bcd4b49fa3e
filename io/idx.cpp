// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/io/idx.hpp>

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include <sigmagrad/autograd/tensor/fail.hpp>
#include <sigmagrad/io/detail/inflate.hpp>
#include <sigmagrad/io/parsers/idx.hpp>

namespace sigmagrad {
namespace detail {
namespace {

// http://yann.lecun.com/exdb/mnist/: two zero bytes, a type, the number of axes, each axis as 32 bits, the entries; the
// first byte of a number is the highest.
constexpr std::array types{std::pair{0x08, Encoding::U8},  std::pair{0x09, Encoding::I8},
                           std::pair{0x0B, Encoding::I16}, std::pair{0x0C, Encoding::I32},
                           std::pair{0x0D, Encoding::F32}, std::pair{0x0E, Encoding::F64}};
constexpr std::size_t longest_header = 4 + 4 * Shape::max_rank;

struct Header {
  Encoding encoding = Encoding::U8;
  Shape shape = {};
  std::size_t begin = 0;
  std::uint64_t size = 0;  // of the whole file
};

Header parse_header(Bytes start, const std::string& file) {
  const auto byte = [&](std::size_t i) { return std::to_integer<std::int64_t>(start[i]); };
  if (start.size() < 4 || byte(0) != 0 || byte(1) != 0)
    engine::fail("{}: is no IDX file: it does not begin with two zero bytes, a type and a number of axes", file);
  const auto known = std::find_if(types.begin(), types.end(), [&](const auto& type) { return type.first == byte(2); });
  if (known == types.end()) engine::fail("{}: IDX type {} is unknown, expected 8, 9 or 11 to 14", file, byte(2));
  const auto rank = static_cast<std::size_t>(byte(3));
  if (rank > Shape::max_rank) engine::fail("{}: {} axes, expected at most {}", file, rank, Shape::max_rank);
  Header header{.encoding = known->second, .begin = 4 + 4 * rank};
  if (start.size() < header.begin)
    engine::fail("{}: {} axes need a header of {} bytes, the file has {}", file, rank, header.begin, start.size());
  std::array<std::int64_t, Shape::max_rank> sizes{};
  for (std::size_t i = 4; i < header.begin; ++i) sizes[i / 4 - 1] = sizes[i / 4 - 1] << 8 | byte(i);
  header.shape = make_shape(file, std::span(sizes).first(rank));
  header.size = header.begin + static_cast<std::uint64_t>(byte_count(file, header.shape, header.encoding));
  return header;
}

Tensor parse_plain(Bytes bytes, Dtype dtype, const std::string& file) {
  const auto header = parse_header(bytes, file);
  return decode(file, bytes.subspan(header.begin), header.encoding, header.shape, dtype, true);
}

}  // namespace

Tensor parse_idx(Bytes bytes, Dtype dtype, const std::string& file) {
  if (!is_gzip(bytes)) return parse_plain(bytes, dtype, file);
  Inflate stream(bytes, Inflate::Around::Gzip, file);
  auto plain = stream.read(longest_header);
  const auto expected = parse_header(plain, file).size;
  if (expected > stream.largest_size())
    engine::fail("{}: the header tells of {} bytes, which {} compressed ones cannot hold", file, expected,
                 bytes.size());
  if (expected > plain.size()) {
    const auto rest = stream.read(expected - plain.size());
    plain.insert(plain.end(), rest.begin(), rest.end());
  }
  stream.expect_end();
  return parse_plain(plain, dtype, file);
}

}  // namespace detail

Tensor load_idx(const std::filesystem::path& path, Dtype dtype) {
  return detail::parse_idx(detail::read_bytes(path), dtype, path.string());
}

}  // namespace sigmagrad
