// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>

#include <sigmagrad/io/file.hpp>

namespace sigmagrad::testing {

/// While it lives, `gnuplot` is this shell script, kept in `folder`.
class FakeGnuplot {
 public:
  FakeGnuplot(const std::filesystem::path& folder, const std::string& script) : path_(std::getenv("PATH")) {
    std::filesystem::create_directories(folder);
    detail::write_file(folder / "gnuplot", "#!/bin/sh\n" + script + '\n');
    std::filesystem::permissions(folder / "gnuplot", std::filesystem::perms::owner_all);
    setenv("PATH", (folder.string() + ':' + path_).c_str(), 1);
  }
  ~FakeGnuplot() { setenv("PATH", path_.c_str(), 1); }
  FakeGnuplot(const FakeGnuplot&) = delete;

 private:
  std::string path_;
};

}  // namespace sigmagrad::testing
