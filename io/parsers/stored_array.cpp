// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/io/parsers/stored_array.hpp>

#include <algorithm>
#include <cstring>
#include <numeric>

#include <zlib.h>

#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/autograd/tensor/fail.hpp>

namespace sigmagrad::detail {
namespace {

constexpr std::size_t piece = std::size_t{4} << 20;  // bytes that are looked at before memory is given back

// Calls f with the parts of `bytes`, in order, and gives each back.
template <class F>
void in_pieces(Bytes bytes, const MappedFile* file, F&& f) {
  while (!bytes.empty()) {
    const auto part = bytes.first(std::min(bytes.size(), piece));
    f(part);
    if (file) file->give_back(part);
    bytes = bytes.subspan(part.size());
  }
}

// The array with its axes in another order: that in which they lie in the file.
struct Layout {
  std::vector<int> order;
  std::vector<std::int64_t> sizes = {}, strides = {};
};

Layout layout_of(const StoredArray& array) {
  const auto& shape = array.entry.shape;
  Layout layout{.order = std::vector<int>(shape.size())};
  std::iota(layout.order.begin(), layout.order.end(), 0);
  const auto stride = [&](int axis) { return array.strides[static_cast<std::size_t>(axis)]; };
  std::stable_sort(layout.order.begin(), layout.order.end(), [&](int a, int b) { return stride(a) > stride(b); });
  for (const auto axis : layout.order) {
    layout.sizes.push_back(shape[static_cast<std::size_t>(axis)]);
    layout.strides.push_back(stride(axis));
  }
  return layout;
}

bool is_row_major(const Layout& layout) {
  const auto dense = row_major(layout.sizes);
  for (std::size_t i = 0; i < dense.size(); ++i)
    if (layout.sizes[i] != 1 && layout.strides[i] != dense[i]) return false;
  return true;
}

// Collects entries that lie apart, a piece at a time.
void gather(Tensor& out, const StoredArray& array, const Layout& layout, const std::string& place) {
  const auto item = item_size(array.encoding);
  std::vector<std::byte> row;
  row.reserve(std::min(piece, static_cast<std::size_t>(out.numel()) * item));
  std::vector<std::int64_t> index(layout.sizes.size());
  std::int64_t position = 0, written = 0;
  for (std::int64_t i = 0; i < out.numel(); ++i) {
    const auto from = array.bytes.subspan(static_cast<std::size_t>(position) * item, item);
    row.insert(row.end(), from.begin(), from.end());
    if (row.size() + item > piece || i + 1 == out.numel()) {
      decode_into(out, written, place, row, array.encoding, array.swapped);
      written = i + 1;
      row.clear();
    }
    for (auto axis = index.size(); axis-- > 0;) {
      position += layout.strides[axis];
      if (++index[axis] < layout.sizes[axis]) break;
      position -= layout.strides[axis] * layout.sizes[axis];
      index[axis] = 0;
    }
  }
}

void read_dense(Tensor& out, const StoredArray& array, const std::string& place, const MappedFile* file) {
  std::int64_t first = 0;
  in_pieces(array.bytes, file, [&](Bytes part) {
    decode_into(out, first, place, part, array.encoding, array.swapped);
    first += static_cast<std::int64_t>(part.size() / item_size(array.encoding));
  });
}

Tensor read_strided(const StoredArray& array, const std::string& place, const MappedFile* file) {
  const auto layout = layout_of(array);
  Tensor out = empty(make_shape(place, layout.sizes), dtype_for(array.encoding));
  if (is_row_major(layout)) {
    read_dense(out, array, place, file);
  } else if (out.numel() > 0) {
    gather(out, array, layout, place);
    if (file) file->give_back(array.bytes);
  }
  if (std::is_sorted(layout.order.begin(), layout.order.end())) return out;
  std::vector<int> back(layout.order.size());
  for (std::size_t i = 0; i < back.size(); ++i) back[static_cast<std::size_t>(layout.order[i])] = static_cast<int>(i);
  return out.permute(back);
}

}  // namespace

void check(const Checksum& checksum, const std::string& place, const MappedFile* file) {
  auto sum = crc32(0, nullptr, 0);
  in_pieces(checksum.bytes, file, [&](Bytes part) {
    sum = crc32(sum, reinterpret_cast<const Bytef*>(part.data()), static_cast<uInt>(part.size()));
  });
  if (sum != checksum.expected)
    engine::fail("{}: its checksum is {:08x}, the archive says {:08x}", place, sum, checksum.expected);
}

std::vector<std::int64_t> row_major(std::span<const std::int64_t> sizes) {
  std::vector<std::int64_t> strides(sizes.size(), 1);
  for (auto axis = sizes.size(); axis-- > 1;) strides[axis - 1] = strides[axis] * sizes[axis];
  return strides;
}

Tensor read_array(const StoredArray& array, const std::string& place, const MappedFile* file) {
  if (!array.entry.problem.empty()) engine::fail("{}: {}", place, array.entry.problem);
  const Shape shape = make_shape(place, array.entry.shape);
  if (array.unpack)
    return decode(place, array.unpack(place), array.encoding, shape, dtype_for(array.encoding), array.swapped);
  if (array.checksum) check(*array.checksum, place, file);
  if (!array.strides.empty()) return read_strided(array, place, file);
  Tensor out = empty(shape, dtype_for(array.encoding));
  read_dense(out, array, place, file);
  return out;
}

}  // namespace sigmagrad::detail
