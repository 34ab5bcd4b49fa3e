// SPDX-License-Identifier: BSD-3-Clause
#include <cstdio>
#include <filesystem>
#include <string>

#include <sigmagrad/sigmagrad.hpp>

namespace sg = sigmagrad;

namespace {

sg::NamedTensors read(const std::filesystem::path& path) {
  const auto kind = path.extension();
  if (kind == ".npy") return {{"x", sg::load_npy(path)}};
  if (kind == ".csv") return {{"x", sg::load_csv(path)}};
  return kind == ".npz" ? sg::load_npz(path) : sg::load(path);
}

void write(const sg::NamedTensors& tensors, const std::filesystem::path& path) {
  const auto kind = path.extension();
  if (kind == ".npy")
    sg::save_npy(tensors["x"], path);
  else if (kind == ".csv")
    sg::save_csv(tensors["x"], path);
  else if (kind == ".npz")
    sg::save_npz(tensors, path);
  else
    sg::save(tensors, path, {{"written by", "sigmagrad"}});
}

}  // namespace

// convert FROM TO...: reads a file and writes what it holds, each file in the format that its name ends in.
int main(int count, char** arguments) {
  try {
    const auto tensors = read(arguments[1]);
    for (int i = 2; i < count; ++i) write(tensors, arguments[i]);
  } catch (const sg::Error& error) {
    std::fprintf(stderr, "convert: %s\n", error.what());
    return 1;
  }
}
