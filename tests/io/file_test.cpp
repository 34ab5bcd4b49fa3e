// SPDX-License-Identifier: BSD-3-Clause
#include <csignal>

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <sigmagrad/sigmagrad.hpp>
#include <sigmagrad/tests/io/files.hpp>
#include <sigmagrad/tests/support/expect.hpp>

namespace sigmagrad {
namespace {

namespace fs = std::filesystem;
using testing::error_of;
using testing::Scratch;
using Names = std::vector<std::string>;

// While one lives, no file of this process grows beyond `bytes`.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) : signal_(std::signal(SIGXFSZ, SIG_IGN)) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{bytes, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, signal_);
  }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;

 private:
  void (*signal_)(int);
  rlimit before_{};
};

TEST(File, ReadsWhatWasWritten) {
  const Scratch scratch;
  for (const std::size_t size : {0, 1, 65535, 65536, 65537, 1 << 20}) {
    const std::string text(size, 'x');
    detail::write_file(scratch / "file", text);
    EXPECT_EQ(detail::read_file(scratch / "file"), text);
    EXPECT_EQ(detail::read_bytes(scratch / "file").size(), size);
  }
}

TEST(File, ReadsWhatHasNoSize) {
  if (fs::exists("/proc/self/status")) {
    EXPECT_NE(detail::read_file("/proc/self/status").find("VmRSS"), std::string::npos);
  }
}

TEST(File, SaysWhyItCannotBeRead) {
  const Scratch scratch;
  const auto path = (scratch / "absent").string();
  EXPECT_EQ(error_of([&] { load(path); }), path + ": cannot be read: No such file or directory");
  EXPECT_EQ(error_of([&] { load(scratch / ""); }), (scratch / "").string() + ": cannot be read: Is a directory");
}

TEST(File, SaysWhyItCannotBeWritten) {
  const Scratch scratch;
  const auto folder = (scratch / "").string(), absent = (scratch / "absent/file").string();
  EXPECT_EQ(error_of([&] { save({}, folder); }), folder + ": cannot be written: it is a directory");
  EXPECT_EQ(error_of([&] { save({}, absent); }), absent + ": cannot be written: No such file or directory");
  EXPECT_EQ(error_of([] { save({}, "/dev/null"); }), "/dev/null: cannot be written: it is not a regular file");
}

TEST(File, AFailedWriteLeavesTheOldOneAndNothingElse) {
  const Scratch scratch;
  const auto path = scratch.file("data", "the old text");
  const std::string large(1 << 20, 'x');
  {
    const FileSizeLimit limit(1 << 16);
    EXPECT_EQ(error_of([&] { detail::write_file(path, large); }),
              path.string() + ": cannot be written: File too large");
  }
  EXPECT_EQ(detail::read_file(path), "the old text");
  EXPECT_EQ(scratch.names(), Names{"data"});
}

TEST(File, IsNotReplacedUntilItIsWhole) {
  const Scratch scratch;
  const auto path = scratch.file("data", "old");
  {
    detail::AtomicFile file(path);
    file.write(testing::as_bytes("new"));
    EXPECT_EQ(detail::read_file(path), "old");
  }
  EXPECT_EQ(detail::read_file(path), "old");
  EXPECT_EQ(scratch.names(), Names{"data"});
}

TEST(File, KeepsPermissionsAndLinks) {
  const Scratch scratch;
  const auto path = scratch.file("data", "old");
  fs::permissions(path, fs::perms::owner_read | fs::perms::owner_write);
  fs::create_symlink("data", scratch / "link");
  detail::write_file(scratch / "link", std::string_view("new"));
  EXPECT_TRUE(fs::is_symlink(scratch / "link"));
  EXPECT_EQ(detail::read_file(path), "new");
  EXPECT_EQ(fs::status(path).permissions(), fs::perms::owner_read | fs::perms::owner_write);
}

TEST(File, AnUnfitTensorLeavesTheOldFile) {
  const Scratch scratch;
  const auto path = scratch.file("data", "old");
  EXPECT_EQ(error_of([&] { save({{"w", Tensor()}}, path); }), path.string() + ": \"w\" is an undefined tensor");
  EXPECT_EQ(detail::read_file(path), "old");
}

TEST(File, IsRefusedInACapturedBody) {
  const Scratch scratch;
  const auto x = ones({2});
  const auto path = scratch / "file";
  auto writes = capture([&] {
    save({{"x", x}}, path);
    return x.sum();
  });
  EXPECT_NE(error_of([&] { writes(); }).find("not in the body of a captured step"), std::string::npos);
  save({{"x", x}}, path);
  auto reads = capture([&] { return load(path)["x"].sum(); });
  EXPECT_NE(error_of([&] { reads(); }).find("not in the body of a captured step"), std::string::npos);
}

}  // namespace
}  // namespace sigmagrad
