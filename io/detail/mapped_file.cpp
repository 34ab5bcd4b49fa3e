// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/io/detail/mapped_file.hpp>

#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sigmagrad/autograd/capture/capturing.hpp>
#include <sigmagrad/autograd/tensor/fail.hpp>
#include <sigmagrad/io/detail/descriptor.hpp>

namespace sigmagrad::detail {

MappedFile::MappedFile(const std::filesystem::path& path) : path_(path) {
  engine::refuse_in_capture("file", "open it before the call");
  const Descriptor file(path, O_RDONLY);
  struct stat info = {};
  if (file.get() < 0 || ::fstat(file.get(), &info) != 0)
    engine::fail("{}: cannot be read: {}", path.string(), std::generic_category().message(errno));
  if (!S_ISREG(info.st_mode) || info.st_size == 0) {
    buffer_ = read_bytes(path);
    bytes_ = buffer_;
    return;
  }
  const auto size = static_cast<std::size_t>(info.st_size);
  void* const start = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.get(), 0);
  if (start == MAP_FAILED)
    engine::fail("{}: cannot be mapped into memory: {}", path.string(), std::generic_category().message(errno));
  mapped_ = true;
  bytes_ = {static_cast<const std::byte*>(start), size};
}

MappedFile::~MappedFile() {
  if (mapped_) ::munmap(const_cast<std::byte*>(bytes_.data()), bytes_.size());
}

void MappedFile::give_back(Bytes part) const {
  if (!mapped_ || part.empty()) return;
  const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  const auto begin = static_cast<std::size_t>(part.data() - bytes_.data()) / page * page;
  const auto length = static_cast<std::size_t>(part.data() - bytes_.data()) + part.size() - begin;
  ::madvise(const_cast<std::byte*>(bytes_.data()) + begin, length, MADV_DONTNEED);
}

}  // namespace sigmagrad::detail
