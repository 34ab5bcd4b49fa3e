// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/io/detail/inflate.hpp>

#include <algorithm>
#include <limits>

#include <zlib.h>

#include <sigmagrad/autograd/tensor/fail.hpp>

namespace sigmagrad::detail {

struct Inflate::Stream : z_stream {
  Stream() : z_stream() {}
  bool ended = false;
};

bool is_gzip(Bytes bytes) { return bytes.size() > 2 && bytes[0] == std::byte{0x1F} && bytes[1] == std::byte{0x8B}; }

Inflate::Inflate(Bytes bytes, Around around, const std::string& file)
    : stream_(std::make_unique<Stream>()), bytes_(bytes), file_(file) {
  const int window = around == Around::Gzip ? 16 + MAX_WBITS : -MAX_WBITS;
  if (inflateInit2(stream_.get(), window) != Z_OK) engine::fail("{}: cannot be decompressed: out of memory", file);
}

Inflate::~Inflate() { inflateEnd(stream_.get()); }

std::vector<std::byte> Inflate::read(std::size_t size) {
  constexpr std::size_t most = std::numeric_limits<uInt>::max();
  std::vector<std::byte> out(size);
  std::size_t done = 0;
  while (done < size && !stream_->ended) {
    const auto piece = static_cast<uInt>(std::min(size - done, most));
    const auto given = static_cast<uInt>(std::min(bytes_.size(), most));
    stream_->next_out = reinterpret_cast<Bytef*>(out.data() + done);
    stream_->avail_out = piece;
    stream_->next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(bytes_.data()));  // zlib only reads it
    stream_->avail_in = given;
    const int status = inflate(stream_.get(), Z_NO_FLUSH);
    if (status != Z_OK && status != Z_STREAM_END)
      engine::fail("{}: cannot be decompressed: {}", file_, stream_->msg ? stream_->msg : "the file ends too early");
    stream_->ended = status == Z_STREAM_END;
    done += piece - stream_->avail_out;
    bytes_ = bytes_.subspan(given - stream_->avail_in);
  }
  out.resize(done);
  return out;
}

void Inflate::expect_end() {
  if (!read(1).empty() || !stream_->ended || !bytes_.empty())
    engine::fail("{}: has more bytes than its header tells of", file_);
}

std::uint64_t Inflate::largest_size() const {
  constexpr std::uint64_t deflate_ratio = 1032;
  return stream_->total_out + bytes_.size() * deflate_ratio + deflate_ratio;
}

}  // namespace sigmagrad::detail
