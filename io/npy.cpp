// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/io/npy.hpp>

#include <algorithm>

#include <sigmagrad/autograd/tensor/fail.hpp>
#include <sigmagrad/io/parsers/npy.hpp>

namespace sigmagrad {

namespace detail {

StoredArray announced(const NpyHeader& header) {
  const Shape& shape = header.shape;
  StoredArray array{.entry = {.shape = {shape.begin(), shape.end()}, .dtype = name_of(header.encoding)},
                    .encoding = header.encoding,
                    .swapped = header.swapped};
  if (header.fortran) {
    const std::vector<std::int64_t> reversed(array.entry.shape.rbegin(), array.entry.shape.rend());
    array.strides = row_major(reversed);
    std::reverse(array.strides.begin(), array.strides.end());
  }
  return array;
}

StoredArray npy_array(Bytes bytes, const std::string& place) {
  const auto header = parse_npy_header(bytes, place);
  if (header.size != bytes.size())
    engine::fail("{}: {} needs a file of {} bytes, this one has {}", place, header.shape.str(), header.size,
                 bytes.size());
  auto array = announced(header);
  array.bytes = bytes.subspan(header.begin);
  return array;
}

Tensor parse_npy(Bytes bytes, const std::string& place) { return read_array(npy_array(bytes, place), place); }

}  // namespace detail

void save_npy(const Tensor& tensor, const std::filesystem::path& path) {
  const auto header = detail::npy_header(tensor.shape(), tensor.dtype());
  detail::AtomicFile file(path);
  file.write(std::as_bytes(std::span(header)));
  file.write(detail::bytes_of(tensor));
  file.commit();
}

Tensor load_npy(const std::filesystem::path& path) {
  return detail::parse_npy(detail::read_bytes(path), path.string());
}

}  // namespace sigmagrad
