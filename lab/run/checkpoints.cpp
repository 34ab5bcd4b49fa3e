// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/lab/run/checkpoints.hpp>

#include <algorithm>
#include <string>
#include <system_error>
#include <vector>

#include <fmt/format.h>

#include <sigmagrad/lab/model/json.hpp>
#include <sigmagrad/lab/run/checksum.hpp>

namespace sigmagrad::lab {

namespace fs = std::filesystem;

namespace {

fs::path folder_of(const fs::path& out, const Experiment& experiment) {
  auto name = experiment.id;
  std::ranges::replace(name, '/', '-');
  return out / "checkpoints" / name;
}

// The file, what a run that was killed left of the next one, and one that did not fit.
void drop_checkpoint(const fs::path& file) {
  std::error_code error;
  std::vector<fs::path> all;
  for (const auto& entry : fs::directory_iterator(file.parent_path(), error))
    if (entry.path().filename().string().starts_with(file.filename().string())) all.push_back(entry.path());
  for (const auto& one : all) fs::remove(one, error);
}

}  // namespace

fs::path checkpoint_of(const Task& task) {
  if (!task.out) return {};
  const TrialKey& key = task.trial;
  detail::Checksum checksum;
  checksum.add(task.experiment->id).add(detail::canonical(key.params)).add(std::to_string(key.seed));
  checksum.add(to_text(key.stream)).add(key.index);
  const auto name = fmt::format("{:016x}.safetensors", static_cast<std::uint64_t>(checksum.take()));
  return folder_of(*task.out, *task.experiment) / name;
}

// What cannot be removed is in nobody's way.
void drop_checkpoints(const fs::path& out, std::span<const Finished> stored) {
  std::error_code error;
  if (stored.empty() || !fs::exists(out / "checkpoints", error)) return;
  for (const Finished& one : stored)
    if (one.task.out && one.error.empty()) drop_checkpoint(checkpoint_of(one.task));
}

void drop_empty_folders(const fs::path& out) {
  std::error_code error;
  std::vector<fs::path> all;
  for (const auto& entry : fs::directory_iterator(out / "checkpoints", error)) all.push_back(entry.path());
  all.push_back(out / "checkpoints");
  for (const auto& one : all) fs::remove(one, error);
}

void drop_checkpoints(const fs::path& out, const Experiment& experiment) {
  std::error_code error;
  fs::remove_all(folder_of(out, experiment), error);
  fs::remove(out / "checkpoints", error);
}

}  // namespace sigmagrad::lab
