// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/io/file.hpp>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sigmagrad/autograd/capture/capturing.hpp>
#include <sigmagrad/autograd/tensor/fail.hpp>
#include <sigmagrad/io/detail/descriptor.hpp>

namespace sigmagrad::detail {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t largest_piece = std::size_t{1} << 30;  // Linux moves at most 2 GiB a call

std::string reason(int error) { return std::generic_category().message(error); }

// As many entries as fit, or until the file ends.
std::size_t read_into(std::span<std::byte> out, int file, const fs::path& path) {
  std::size_t done = 0;
  while (done < out.size()) {
    const auto count = ::read(file, out.data() + done, std::min(out.size() - done, largest_piece));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) engine::fail("{}: cannot be read: {}", path.string(), reason(errno));
    if (count == 0) break;
    done += static_cast<std::size_t>(count);
  }
  return done;
}

// Pipes have no size: whatever comes until the end.
template <class Buffer>
Buffer read_whole(const fs::path& path) {
  engine::refuse_in_capture("file", "read it before the call");
  const Descriptor file(path, O_RDONLY);
  struct stat info = {};
  if (file.get() < 0 || ::fstat(file.get(), &info) != 0)
    engine::fail("{}: cannot be read: {}", path.string(), reason(errno));
  Buffer buffer;
  std::size_t done = 0, asked = S_ISREG(info.st_mode) ? static_cast<std::size_t>(info.st_size) + 1 : 0, came = 0;
  do {
    asked = std::max(asked, std::size_t{1} << 16);
    buffer.resize(done + asked);
    came = read_into(std::as_writable_bytes(std::span(buffer)).subspan(done), file.get(), path);
    done += came;
  } while (came == asked);
  buffer.resize(done);
  return buffer;
}

// A link stays, and what it points at is replaced.
fs::path target_of(const fs::path& path) {
  std::error_code error;
  auto target = fs::is_symlink(path, error) ? fs::canonical(path, error) : path;
  return error ? path : target;
}

std::string temporary_suffix() {
  static std::atomic<unsigned> count = 0;
  return fmt::format(".{}-{}.new", ::getpid(), count++);
}

}  // namespace

std::vector<std::byte> read_bytes(const fs::path& path) { return read_whole<std::vector<std::byte>>(path); }
std::string read_file(const fs::path& path) { return read_whole<std::string>(path); }

AtomicFile::AtomicFile(const fs::path& path) : path_(path) {
  engine::refuse_in_capture("file", "write it after the call");
  const fs::path target = target_of(path);
  std::error_code error;
  const auto status = fs::status(target, error);
  if (fs::is_directory(status)) engine::fail("{}: cannot be written: it is a directory", path.string());
  if (fs::exists(status) && !fs::is_regular_file(status))
    engine::fail("{}: cannot be written: it is not a regular file", path.string());
  do {  // another process may have left one of that name
    temporary_ = target;
    temporary_ += temporary_suffix();
    descriptor_ = ::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  } while (descriptor_ < 0 && errno == EEXIST);
  if (descriptor_ < 0) fail_with(errno);
  path_ = target;
  if (fs::exists(status)) ::fchmod(descriptor_, static_cast<mode_t>(status.permissions()));
}

AtomicFile::~AtomicFile() {
  if (descriptor_ < 0) return;
  ::close(descriptor_);
  ::unlink(temporary_.c_str());
}

void AtomicFile::fail_with(int error) const {
  engine::fail("{}: cannot be written: {}", path_.string(), reason(error));
}

void AtomicFile::write(Bytes bytes) {
  while (!bytes.empty()) {
    const auto count = ::write(descriptor_, bytes.data(), std::min(bytes.size(), largest_piece));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail_with(errno);
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
}

void AtomicFile::commit() {
  if (::fsync(descriptor_) != 0) fail_with(errno);
  if (std::rename(temporary_.c_str(), path_.c_str()) != 0) fail_with(errno);
  ::close(std::exchange(descriptor_, -1));
  const auto folder = path_.has_parent_path() ? path_.parent_path() : fs::path(".");
  const Descriptor directory(folder, O_RDONLY | O_DIRECTORY);
  if (directory.get() >= 0) ::fsync(directory.get());
}

void write_file(const fs::path& path, Bytes bytes) {
  AtomicFile file(path);
  file.write(bytes);
  file.commit();
}

void write_file(const fs::path& path, std::string_view text) { write_file(path, std::as_bytes(std::span(text))); }

}  // namespace sigmagrad::detail
