// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/experiments/harness/file.hpp>

#include <sigmagrad/autograd/detail/fail.hpp>

#include <fstream>
#include <iterator>

namespace sigmagrad::experiments {

using sigmagrad::detail::fail;

void write_file(const std::filesystem::path& path, const std::string& text) {
  auto temporary = path;
  temporary += ".new";
  std::ofstream file(temporary, std::ios::binary);
  file << text;
  file.close();
  if (!file) fail("{}: cannot be written", path.string());
  std::error_code error;
  std::filesystem::rename(temporary, path, error);
  if (error) fail("{}: cannot be written: {}", path.string(), error.message());
}

std::string read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) fail("{}: cannot be read", path.string());
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace sigmagrad::experiments
