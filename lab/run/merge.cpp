// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/lab/run/merge.hpp>

#include <algorithm>

#include <fmt/format.h>

#include <sigmagrad/autograd/tensor/fail.hpp>
#include <sigmagrad/lab/run/machine.hpp>
#include <sigmagrad/lab/run/manifest.hpp>
#include <sigmagrad/lab/run/store.hpp>

namespace sigmagrad::lab {

using engine::fail;

namespace {

// Every experiment once, with all that some directory was asked for.
class Union {
 public:
  void add(const Store& store, const std::filesystem::path& directory) {
    for (const Plan& plan : store.plans()) {
      const auto found = std::ranges::find(plans_, plan.experiment, &Plan::experiment);
      if (found == plans_.end()) {
        plans_.push_back(plan);
        where_.push_back(directory.string());
      } else {
        const auto& first = where_[static_cast<std::size_t>(found - plans_.begin())];
        *found = together(std::move(*found), plan, first, directory.string());
      }
    }
  }
  const std::vector<Plan>& plans() const { return plans_; }

 private:
  static Plan together(Plan known, const Plan& other, const std::string& first, const std::string& second) {
    const auto changed = differences(known, other);
    if (!changed.empty())
      fail("merge: {}: {} and {} hold results that do not belong together ({})", known.experiment->id, first, second,
           fmt::join(changed, "; "));
    return joined(std::move(known), other);
  }

  std::vector<Plan> plans_;
  std::vector<std::string> where_;  // each was met first
};

}  // namespace

std::vector<Damage> merge(const std::vector<std::filesystem::path>& directories, const std::filesystem::path& into,
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
  if (all.plans().empty())
    fail("merge: no results that could be joined{}",
         damaged.empty() ? "" : fmt::format(": damaged: {}; {}", to_text(damaged), to_mend));
  {
    Store target = Store::create(into);
    target.merge(stores, all.plans());
  }
  manifest.plans = all.plans();
  manifest.finished = now();
  write_manifest(manifest, into);
  return damaged;
}

}  // namespace sigmagrad::lab
