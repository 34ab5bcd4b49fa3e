// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/lab/run/checkpoints.hpp>

#include <algorithm>
#include <string>
#include <system_error>

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
  for (const Finished& one : stored) {
    const auto file = checkpoint_of(one.task);
    if (!file.empty() && fs::remove(file, error)) fs::remove(file.parent_path(), error);
  }
  fs::remove(out / "checkpoints", error);
}

void drop_checkpoints(const fs::path& out, const Experiment& experiment) {
  std::error_code error;
  fs::remove_all(folder_of(out, experiment), error);
  fs::remove(out / "checkpoints", error);
}

}  // namespace sigmagrad::lab
