// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/io/npy.hpp>

#include <algorithm>
#include <array>

#include <sigmagrad/autograd/tensor/fail.hpp>
#include <sigmagrad/io/parsers/npy.hpp>

namespace sigmagrad {

Tensor detail::parse_npy(Bytes bytes, const std::string& place) {
  const auto header = parse_npy_header(bytes, place);
  if (header.size != bytes.size())
    engine::fail("{}: {} needs a file of {} bytes, this one has {}", place, header.shape.str(), header.size,
                 bytes.size());
  const auto data = bytes.subspan(header.begin);
  const auto dtype = dtype_for(header.encoding);
  if (!header.fortran) return decode(place, data, header.encoding, header.shape, dtype, header.swapped);
  std::array<std::int64_t, Shape::max_rank> sizes{};
  std::reverse_copy(header.shape.begin(), header.shape.end(), sizes.begin());
  const int rank = header.shape.rank();
  const Shape reversed(std::span(sizes.data(), static_cast<std::size_t>(rank)));
  Tensor tensor = decode(place, data, header.encoding, reversed, dtype, header.swapped);
  for (int axis = 0; axis < rank / 2; ++axis) tensor = tensor.transpose(axis, rank - 1 - axis);
  return tensor;
}

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
