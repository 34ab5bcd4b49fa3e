// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/lab/run/merge.hpp>

#include <algorithm>

#include <fmt/format.h>

#include <sigmagrad/autograd/tensor/fail.hpp>
#include <sigmagrad/lab/run/machine.hpp>
#include <sigmagrad/lab/run/manifest.hpp>
#include <sigmagrad/lab/run/session.hpp>

namespace sigmagrad::lab {

using engine::fail;

namespace {

// Every experiment once, with the largest number of trials that some directory was asked for.
class Union {
 public:
  void add(const Store& store, const std::filesystem::path& directory) {
    for (const Settings& settings : store.settings()) {
      const auto found = std::ranges::find(all_, settings.experiment, &Settings::experiment);
      if (found == all_.end()) {
        all_.push_back(settings);
        where_.push_back(directory.string());
      } else {
        join(*found, settings, where_[static_cast<std::size_t>(found - all_.begin())], directory.string());
      }
    }
  }
  const std::vector<Settings>& settings() const { return all_; }

 private:
  static void join(Settings& known, const Settings& other, const std::string& first, const std::string& second) {
    const auto changed = differences(known, other);
    if (!changed.empty())
      fail("merge: {}: {} and {} hold results of different parameters ({})", known.experiment->id, first, second,
           fmt::join(changed, "; "));
    known.trials = std::max(known.trials, other.trials);
  }

  std::vector<Settings> all_;
  std::vector<std::string> where_;  // each was met first
};

}  // namespace

std::vector<Evaluation> merge(const std::vector<std::filesystem::path>& directories, const std::filesystem::path& into,
                              const std::vector<std::string>& command) {
  std::vector<Store> stores;
  std::vector<Damage> damaged;
  const auto note = [&](const Store& store) {
    damaged.insert(damaged.end(), store.damaged().begin(), store.damaged().end());
  };
  Union all;
  Manifest manifest{.command = command, .started = now()};
  if (std::filesystem::exists(into / "results.db")) {
    const Store there = Store::open(into);
    all.add(there, into);
    note(there);
  }
  manifest.earlier = earlier_manifests(into);
  for (const auto& directory : directories) {
    std::error_code error;
    if (std::filesystem::equivalent(directory, into, error)) fail("merge: --into is {} itself", directory.string());
    all.add(stores.emplace_back(Store::open(directory)), directory);
    note(stores.back());
    std::ranges::move(earlier_manifests(directory), std::back_inserter(manifest.earlier));
  }
  if (all.settings().empty())
    fail("merge: no results that could be joined{}",
         damaged.empty() ? "" : fmt::format(": damaged: {}; {}", to_text(damaged), to_mend));
  {
    Store target = Store::create(into);
    target.merge(stores, all.settings());
  }
  manifest.settings = all.settings();
  manifest.finished = now();
  write_manifest(manifest, into);
  return rebuild_report(into, damaged);
}

}  // namespace sigmagrad::lab
